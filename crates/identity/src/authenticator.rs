//! Who a credential belongs to: a digest, a look into this process's memory, and only if it is not there, or no
//! longer surely true, a look into the rows.
//!
//! What is remembered is good in the epoch it was read in. Whoever takes something away raises the epoch and
//! waits until all nodes have seen it, so a memory can be asked without a query and is never wrong.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use async_trait::async_trait;
use stoa_core::{Actor, Credential, Digest, Result, Scopes, Timestamp, User, digest};
use stoa_edge::{Authenticator, Bound, Presented};
use stoa_store::{Ctx, Uncertain};

use crate::{
    Identity, SessionConfig,
    oauth::{
        access, grants,
        proofs::{self, About},
    },
    people,
    sessions::{self, model::Life},
    tokens::{self, model as token},
};

/// Credentials remembered at most; a few hundred bytes each.
const KEPT: usize = 20_000;
/// Last use is written down this often.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Knows sessions, personal access tokens and access tokens of OAuth.
pub(crate) struct Credentials {
    identity: Identity,
    known: RwLock<HashMap<Digest, Known>>,
}

/// A credential as it was read.
#[derive(Clone)]
struct Known {
    user: User,
    until: Until,
    /// The key it is bound to: nobody else can use it.
    bound_to: Option<String>,
    /// When its use was last written down.
    seen: Option<Timestamp>,
    epoch: i64,
}

/// How long a credential is good.
#[derive(Clone, Copy)]
enum Until {
    Session(Life),
    Token(Option<Timestamp>),
}

impl Known {
    fn lasts(&self, config: &SessionConfig, now: Timestamp) -> bool {
        match self.until {
            Until::Session(life) => life.lasts(config, now),
            Until::Token(expires_at) => expires_at.is_none_or(|at| now < at),
        }
    }

    fn is_long_unseen(&self, now: Timestamp) -> bool {
        self.seen.is_none_or(|seen| now >= seen + SEEN_EVERY)
    }

    fn saw(&mut self, now: Timestamp) {
        self.seen = Some(now);
        if let Until::Session(life) = &mut self.until {
            life.last_seen_at = now;
        }
    }
}

#[async_trait]
impl Authenticator for Credentials {
    async fn authenticate(&self, ctx: &Ctx, issuer: &str, presented: Presented<'_>) -> Result<Option<Actor>> {
        let digest = match presented {
            Presented::Cookie(text) => token::read_cookie(text),
            Presented::Bearer(text) | Presented::Bound(Bound { token: text, .. }) => {
                token::read(text).or_else(|| access::looks_like_one(text).then(|| digest(text)))
            }
        };
        let Some(digest) = digest else { return Ok(None) };
        let (epoch, now) = (ctx.store.epoch.current(), ctx.now());
        let remembered = epoch.and_then(|epoch| self.recall(digest, epoch, now));
        let known = match remembered {
            Some(known) => known,
            // The epoch was read before the rows: what is read now is at least as new.
            None => match self.read(ctx, issuer, presented, digest, epoch).await? {
                Some(known) if known.lasts(self.sessions(), now) => self.keep(digest, known),
                _ => return Ok(None),
            },
        };
        if !is_in_the_right_hands(ctx, issuer, presented, known.bound_to.as_deref()).await? {
            return Ok(None);
        }
        if known.is_long_unseen(now) {
            self.write_down(ctx, digest, &known.user, now);
        }
        Ok(Some(Actor::User(known.user)))
    }
}

impl Credentials {
    pub(crate) fn new(identity: Identity) -> Self {
        Self { identity, known: RwLock::default() }
    }

    fn sessions(&self) -> &SessionConfig {
        &self.identity.config().sessions
    }

    /// What is remembered and surely still true. One that seems to have ended is asked of the rows: another
    /// node may have seen it used since.
    fn recall(&self, digest: Digest, epoch: i64, now: Timestamp) -> Option<Known> {
        let known = self.known().get(&digest).filter(|known| known.epoch == epoch)?.clone();
        known.lasts(self.sessions(), now).then_some(known)
    }

    async fn read(
        &self,
        ctx: &Ctx,
        issuer: &str,
        presented: Presented<'_>,
        digest: Digest,
        epoch: Option<i64>,
    ) -> Result<Option<Known>> {
        let reads = ctx.db.reads();
        let mut bound_to = None;
        let (id, via, scopes, until, seen) = match presented {
            Presented::Cookie(_) => {
                let Some(row) = sessions::store::by_digest(&reads, digest).await? else { return Ok(None) };
                let (life, via) = (row.life(), Credential::Session(row.id));
                (row.user_id, via, Scopes::EVERYTHING, Until::Session(life), Some(life.last_seen_at))
            }
            Presented::Bearer(text) | Presented::Bound(Bound { token: text, .. })
                if token::read(text).is_none() =>
            {
                let holds = access::read(ctx, &self.identity, issuer, text).await?;
                let Some(holds) = holds else { return Ok(None) };
                bound_to = holds.said.cnf.as_ref().map(|key| key.jkt.clone());
                let until = Until::Token(Some(holds.until));
                (holds.user, holds.via(), holds.scopes, until, Some(holds.grant.last_used_at))
            }
            Presented::Bearer(_) | Presented::Bound(_) => {
                let Some(row) = tokens::store::by_digest(&reads, digest).await? else { return Ok(None) };
                let (until, via) = (Until::Token(row.expires_at), Credential::Token(row.id));
                (row.user_id, via, row.scopes.parse()?, until, row.last_used_at)
            }
        };
        let Some(person) = people::store::find(&reads, id).await? else { return Ok(None) };
        if person.disabled_at.is_some() {
            return Ok(None);
        }
        let user = User { id, role: person.role()?, scopes, via };
        Ok(Some(Known { user, until, bound_to, seen, epoch: epoch.unwrap_or(NEVER) }))
    }

    /// Remembers it, where it may be.
    fn keep(&self, digest: Digest, known: Known) -> Known {
        if known.epoch != NEVER {
            let mut all = self.known_mut();
            if all.len() >= KEPT {
                all.retain(|_, other| other.epoch == known.epoch);
            }
            if all.len() >= KEPT {
                // Full of what is true: begin anew. One query each brings back those in use.
                all.clear();
            }
            all.insert(digest, known.clone());
        }
        known
    }

    /// Writes down that it was used, beside the request. It may be forgotten when the power fails.
    fn write_down(&self, ctx: &Ctx, digest: Digest, user: &User, now: Timestamp) {
        if let Some(known) = self.known_mut().get_mut(&digest) {
            known.saw(now);
        }
        let (db, id, via) = (ctx.store.db.counted(), user.id, user.via);
        ctx.store.tasks.spawn("identity.seen", async move {
            let done = db
                .write_uncertain(Uncertain, async |tx| {
                    match via {
                        Credential::Session(session) => sessions::store::set_seen(tx, session, now).await?,
                        Credential::Token(token) => tokens::store::set_used(tx, token, now).await?,
                        Credential::Grant(grant, _) => grants::store::set_used(tx, grant, now).await?,
                        Credential::Job => {}
                    }
                    people::store::set_seen(tx, id, now).await
                })
                .await;
            if let Err(error) = done {
                tracing::warn!(?error, "the last use of a credential could not be written down");
            }
        });
    }

    fn known(&self) -> RwLockReadGuard<'_, HashMap<Digest, Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_mut(&self) -> RwLockWriteGuard<'_, HashMap<Digest, Known>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token that is bound to a key opens nothing without a proof of it, and one that is not needs none (RFC 9449 §7).
async fn is_in_the_right_hands(
    ctx: &Ctx,
    issuer: &str,
    presented: Presented<'_>,
    bound_to: Option<&str>,
) -> Result<bool> {
    match (presented, bound_to) {
        (Presented::Bound(bound), Some(key)) => {
            let url = format!("{issuer}{}", bound.path);
            let about = About { method: bound.method, url: &url, token: Some(bound.token) };
            Ok(proofs::key_of(ctx, bound.proof, &about).await?.as_deref() == Some(key))
        }
        (Presented::Bound(_), None) | (Presented::Bearer(_), Some(_)) => Ok(false),
        (Presented::Bearer(_) | Presented::Cookie(_), _) => Ok(true),
    }
}

/// An epoch that never is: what was read while this process could not be sure of the epoch.
const NEVER: i64 = i64::MIN;
