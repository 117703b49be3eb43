//! Signing, checking our own signatures, and the key set.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jsonwebtoken::{EncodingKey, Header, encode, jwk::Jwk};
use serde::{Serialize, de::DeserializeOwned};
use stoa_core::{Error, Result, Timestamp};
use stoa_store::Ctx;
use tokio::{sync::Mutex, task};

use super::{
    model::{self, Algorithm, Life},
    store::{self, Model},
};
use crate::oauth::jose;

/// Keys are read anew after this long.
const FRESH: Duration = Duration::from_secs(60);
/// A key that is not known is looked for in the rows at most this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The signing keys as this process knows them.
#[derive(Default)]
pub(crate) struct Keys {
    known: RwLock<Option<Arc<Known>>>,
    reading: Mutex<()>,
}

struct Known {
    keys: Vec<Key>,
    read_at: Timestamp,
}

struct Key {
    algorithm: Algorithm,
    public: Jwk,
    private: EncodingKey,
    life: Life,
}

impl Keys {
    /// Signs claims: a token of this `typ`, in this algorithm.
    ///
    /// # Errors
    /// When the keys cannot be reached.
    pub(crate) async fn sign(
        &self,
        ctx: &Ctx,
        algorithm: Algorithm,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<String> {
        let known = self.known(ctx, FRESH).await?;
        let now = ctx.now();
        let key = known.keys.iter().rev().find(|key| key.algorithm == algorithm && key.life.signs(now));
        let key = key.ok_or_else(|| Error::internal("no key signs now"))?;
        let mut head = Header::new(algorithm.jwa());
        head.typ = Some(typ.to_owned());
        head.kid = Some(model::id_of(&key.public)?.to_owned());
        Ok(encode(&head, claims, &key.private)?)
    }

    /// The claims of a token that one of our keys signed as this `typ`. `None` for any other text.
    ///
    /// # Errors
    /// When the keys cannot be reached.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        ctx: &Ctx,
        token: &str,
        typ: &str,
    ) -> Result<Option<T>> {
        let head = jose::head(token).filter(|head| {
            head.typ.as_deref() == Some(typ)
                && head.jku.is_none()
                && head.jwk.is_none()
                && head.x5u.is_none()
                && head.x5c.is_none()
        });
        let Some((head, id)) = head.and_then(|head| head.kid.clone().map(|id| (head, id))) else {
            return Ok(None);
        };
        for fresh in [FRESH, LOOK_AGAIN] {
            let known = self.known(ctx, fresh).await?;
            let key = known.keys.iter().find(|key| key.public.common.key_id.as_deref() == Some(&id));
            if let Some(key) = key {
                let good = key.life.is_published(ctx.now()) && key.algorithm.jwa() == head.alg;
                return Ok(jose::verified(token, &head, &key.public).filter(|_| good));
            }
        }
        Ok(None)
    }

    /// The public halves of all keys whose tokens may be around, and of those that come next.
    ///
    /// # Errors
    /// When the keys cannot be reached.
    pub(crate) async fn published(&self, ctx: &Ctx) -> Result<Vec<Jwk>> {
        let (known, now) = (self.known(ctx, FRESH).await?, ctx.now());
        let published = known.keys.iter().filter(|key| key.life.is_published(now));
        Ok(published.map(|key| key.public.clone()).collect())
    }

    /// What is known, read at most `fresh` ago.
    async fn known(&self, ctx: &Ctx, fresh: Duration) -> Result<Arc<Known>> {
        let remembered = || {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
            let now = ctx.now();
            known.filter(|known| known.read_at <= now && now < known.read_at + fresh)
        };
        if let Some(known) = remembered() {
            return Ok(known);
        }
        let _turn = self.reading.lock().await;
        if let Some(known) = remembered() {
            return Ok(known);
        }
        let known = Arc::new(Known { keys: tend(ctx).await?, read_at: ctx.now() });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }
}

/// Reads the keys; makes those that are missing or will soon be, and removes those of no use.
async fn tend(ctx: &Ctx) -> Result<Vec<Key>> {
    let mut rows = store::all(&ctx.db.reads()).await?;
    let now = ctx.now();
    let missing: Vec<Algorithm> =
        Algorithm::ALL.into_iter().filter(|algorithm| is_missing(&rows, *algorithm, now)).collect();
    if !missing.is_empty() || rows.iter().any(|row| !row.life().is_published(now)) {
        let made = task::spawn_blocking(move || {
            missing.into_iter().map(|one| Ok((one, model::make(one)?))).collect::<Result<Vec<_>>>()
        });
        let made = made.await??;
        rows = ctx
            .db
            .write(async |tx| {
                let before = store::all(tx).await?;
                for (algorithm, (public, private)) in &made {
                    // Another node may have been first.
                    if is_missing(&before, *algorithm, now) {
                        store::add(tx, row(ctx, &before, *algorithm, public, private)?).await?;
                    }
                }
                for gone in before.iter().filter(|row| !row.life().is_published(now)) {
                    store::remove(tx, &gone.id).await?;
                }
                store::all(tx).await
            })
            .await?;
    }
    rows.into_iter().map(|row| open(ctx, &row)).collect()
}

fn is_missing(rows: &[Model], algorithm: Algorithm, now: Timestamp) -> bool {
    let of_it = || rows.iter().filter(|row| row.algorithm == algorithm.as_str()).map(Model::life);
    !of_it().any(|life| life.signs(now)) || of_it().all(|life| life.nears_its_end(now))
}

fn row(ctx: &Ctx, before: &[Model], algorithm: Algorithm, public: &Jwk, private: &[u8]) -> Result<Model> {
    let (id, now) = (model::id_of(public)?.to_owned(), ctx.now());
    let signs_now = before.iter().any(|row| row.algorithm == algorithm.as_str() && row.life().signs(now));
    let life = Life::begin(now, !signs_now);
    Ok(Model {
        sealed: ctx.store.ring.seal(&place(&id), private)?,
        id,
        algorithm: algorithm.as_str().to_owned(),
        public: serde_json::to_string(public)?,
        created_at: now,
        signs_from: life.signs_from,
        signs_until: life.signs_until,
        published_until: life.published_until,
    })
}

fn open(ctx: &Ctx, row: &Model) -> Result<Key> {
    let algorithm =
        Algorithm::parse(&row.algorithm).ok_or_else(|| Error::internal("a signing key of no known kind"))?;
    let private = ctx.store.ring.open(&place(&row.id), &row.sealed)?;
    Ok(Key {
        algorithm,
        public: serde_json::from_str(&row.public)?,
        private: model::private(algorithm, &private),
        life: row.life(),
    })
}

fn place(id: &str) -> String {
    format!("identity_signing_key/{id}/sealed")
}
