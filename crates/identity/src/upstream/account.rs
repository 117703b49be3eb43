//! Whose account here somebody has, of whom a provider says who they are elsewhere. Issuer and subject say it and nothing
//! else: an address never links two accounts, for whoever holds it there need not be who holds it here (ASVS 6.8.1, 10.5.2).

use stoa_core::{Error, Role, Secret, SessionId, UserId};
use stoa_store::{Ctx, Tx};

use super::{
    letters,
    model::{MOST, Outcome, Problem, Proof, Stop},
    provider::Provider,
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    factors, invites, mail,
    people::{self, model::display_name, store::Model as Person},
    sessions::{
        methods::Methods,
        model::Device,
        ops::{self, Entered},
        second::{self, Second},
        store as session_rows,
    },
    signup::{self, model::SignupMode},
};

/// How far somebody came.
pub(super) enum Done {
    /// They are in.
    In(Entered),
    /// They have a second factor, and must show it.
    Second(Second),
}

type Verdict<T> = Result<T, Problem>;

/// Signs somebody in, or makes their account where one may sign up.
pub(super) async fn sign_in(
    ctx: &Ctx,
    identity: &Identity,
    proof: &Proof,
    invite: Option<&Secret>,
    device: &Device,
) -> Outcome<Done> {
    let done = ctx
        .db
        .write(async |tx| {
            let row = match store::find(tx, &proof.issuer, &proof.subject).await? {
                Some(link) => match people::ops::active(tx, link.user_id).await? {
                    Some(row) => {
                        store::set_used(tx, link.id, proof.account.clone(), ctx.now()).await?;
                        row
                    }
                    None => return Ok(Err(Problem::AccountOff)),
                },
                None => match admit(ctx, identity, tx, proof, invite).await? {
                    Ok(row) => row,
                    Err(problem) => return Ok(Err(problem)),
                },
            };
            // It is a first factor, whatever was asked for there: the account's own second one is asked for here.
            let factors = factors::ops::of(tx, row.id).await?;
            if factors.is_empty() {
                return ops::enter(ctx, identity, tx, row, Methods::UPSTREAM, device)
                    .await
                    .map(Done::In)
                    .map(Ok);
            }
            let second = second::begin(ctx, tx, &row, Methods::UPSTREAM, factors).await?;
            Ok(Ok(Done::Second(second)))
        })
        .await;
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(problem)) => Err(Stop::Told(problem, "account")),
        // The write is undone: of two who bring an invitation, or come with an address, at once, one comes too late.
        Err(error) if error.stable_code() == "invalid_invite" => {
            Err(Stop::Told(Problem::InvalidInvite, "account"))
        }
        Err(error) if error.stable_code() == "email_taken" => {
            Err(Stop::Told(Problem::KnownAddress, "account"))
        }
        Err(error) => Err(error.into()),
    }
}

/// The new account of somebody nobody knows yet. Nothing is written before all is checked. That an address has an account
/// is said only to whom the provider, or the invitation to it, shows that they read its mail.
async fn admit(
    ctx: &Ctx,
    identity: &Identity,
    tx: &mut Tx,
    proof: &Proof,
    invite: Option<&Secret>,
) -> stoa_core::Result<Verdict<Person>> {
    // Before there is an owner nobody else comes in: the first account would end the set-up.
    if people::store::is_empty(tx).await? {
        return Ok(Err(Problem::SignupClosed));
    }
    let invited = match invite {
        Some(token) => Some(invites::ops::look(ctx, tx, token).await?),
        None => None,
    };
    let email = proof
        .email
        .as_ref()
        .filter(|email| proof.verified || invited.as_ref().is_some_and(|invited| invited.shows(&email.key)));
    if let Some(email) = email
        && people::store::by_email(tx, &email.key).await?.is_some()
    {
        return Ok(Err(Problem::KnownAddress));
    }
    let role = match (identity.config().signup, &invited) {
        (SignupMode::Closed, _) => return Ok(Err(Problem::SignupClosed)),
        (SignupMode::Invite, None) => return Ok(Err(Problem::InviteRequired)),
        (_, invited) => invited.as_ref().map_or(Role::Member, |invited| invited.role),
    };
    let Some(email) = email else { return Ok(Err(Problem::Unverified)) };
    let named = proof.name.as_deref().and_then(|name| display_name(name).ok());
    let local = email.shown.split('@').next().unwrap_or_default();
    let row = Person {
        id: ctx.id(),
        email: email.shown.clone(),
        email_key: email.key.clone(),
        display_name: named.unwrap_or_else(|| local.to_owned()),
        role: role.as_str().into(),
        password: String::new(),
        password_short: false,
        disabled_at: None,
        created_at: ctx.now(),
        last_seen_at: None,
        erase_at: None,
    };
    if let Some(token) = invite {
        invites::ops::take(ctx, tx, token).await?;
    }
    people::ops::insert(tx, &row).await?;
    signup::store::remove_all(tx, &row.email_key).await?;
    if !store::add(tx, link(ctx, row.id, proof)).await? {
        return Err(Error::unavailable("this account was linked a moment ago; try again"));
    }
    record(ctx, tx, Action::UserSignedUp, Some(row.id), Some(row.role.clone())).await?;
    record(ctx, tx, Action::UpstreamLinked, Some(row.id), Some(proof.issuer.clone())).await?;
    Ok(Ok(row))
}

/// Links somebody's account elsewhere to the one they are signed in to, in the session they began it in.
pub(super) async fn link_to(
    ctx: &Ctx,
    provider: &Provider,
    proof: &Proof,
    user: UserId,
    session: SessionId,
) -> Outcome<()> {
    let done: Verdict<()> = ctx
        .db
        .write(async |tx| {
            let Some(row) = people::ops::active(tx, user).await? else { return Ok(Err(Problem::SignedOut)) };
            if session_rows::lock(tx, user, session).await?.is_none() {
                return Ok(Err(Problem::SignedOut));
            }
            match store::find(tx, &proof.issuer, &proof.subject).await? {
                Some(known) if known.user_id == user => return Ok(Ok(())),
                Some(_) => return Ok(Err(Problem::LinkedElsewhere)),
                None if store::count(tx, user).await? >= MOST => return Ok(Err(Problem::TooMany)),
                None => {}
            }
            if !store::add(tx, Model { last_used_at: None, ..link(ctx, user, proof) }).await? {
                return Ok(Err(Problem::LinkedElsewhere));
            }
            record(ctx, tx, Action::UpstreamLinked, Some(user), Some(proof.issuer.clone())).await?;
            mail::ops::post(ctx, tx, &letters::linked(ctx, &row, &provider.shown.label)).await?;
            Ok(Ok(()))
        })
        .await?;
    done.map_err(|problem| Stop::Told(problem, "account"))
}

fn link(ctx: &Ctx, user: UserId, proof: &Proof) -> Model {
    Model {
        id: ctx.id(),
        user_id: user,
        issuer: proof.issuer.clone(),
        subject: proof.subject.clone(),
        account: proof.account.clone(),
        created_at: ctx.now(),
        last_used_at: Some(ctx.now()),
    }
}
