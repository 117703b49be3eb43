//! Signing up, and showing that an address is one's own.

use stoa_core::{Error, Result, Role, Secret, Timestamp};
use stoa_store::{Ctx, Tx};

use super::{
    letters,
    model::{Next, SignupId, SignupMode, WAITS, Wish},
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    invites,
    knocks::{
        model::{Kind, Knock},
        ops::knock,
    },
    mail::{
        self,
        model::{Letter, Page, no_link},
    },
    people::{self, model::NewUser, setup},
};

/// Takes a wish for an account. Whether the address has one already changes neither the answer nor the work.
///
/// # Errors
/// `forbidden` (`signup_closed`, `invite_required`, `invalid_invite`), `invalid` with the fields that are wrong.
pub(crate) async fn sign_up(ctx: &Ctx, identity: &Identity, wish: Wish) -> Result<Next> {
    let mode = identity.config().signup;
    // Before there is an owner nobody else comes in: the first account would end the set-up.
    if mode == SignupMode::Closed || setup::is_needed(ctx).await? {
        return Err(Error::forbidden("nobody can sign up here; ask whoever looks after it for an account")
            .code("signup_closed"));
    }
    let Wish { email, password, display_name, invite } = wish;
    let invited = match (&invite, mode) {
        (Some(token), _) => Some(invites::ops::find(ctx, token).await?),
        (None, SignupMode::Open) => None,
        (None, _) => {
            return Err(Error::forbidden("one signs up here by invitation; open the whole link of yours")
                .code("invite_required"));
        }
    };
    let role = invited.as_ref().map_or(Role::Member, |invited| invited.role);
    let row = people::ops::prepare(ctx, identity, NewUser { email, display_name, password, role }).await?;
    let proven = invited.as_ref().is_some_and(|invited| invited.shows(&row.email_key));
    ctx.db
        .write(async |tx| {
            if let Some(token) = &invite {
                invites::ops::take(ctx, tx, token).await?;
            }
            if proven {
                return admit(ctx, tx, &row).await;
            }
            let waiting = Model {
                id: ctx.id(),
                email: row.email.clone(),
                email_key: row.email_key.clone(),
                display_name: row.display_name.clone(),
                role: row.role.clone(),
                password: row.password.clone(),
                created_at: ctx.now(),
                expires_at: ctx.now() + WAITS,
            };
            let id = waiting.id;
            store::add(tx, waiting).await?;
            knock(ctx, tx, Kind::SignUp, &row.email_key, id).await?;
            Ok(Next::Verify)
        })
        .await
}

/// Somebody whose address the invitation showed to be theirs.
async fn admit(ctx: &Ctx, tx: &mut Tx, row: &people::store::Model) -> Result<Next> {
    if people::store::add(tx, row.clone()).await? {
        store::remove_all(tx, &row.email_key).await?;
        record(ctx, tx, Action::UserSignedUp, Some(row.id), Some(row.role.clone())).await?;
    } else if let Some(there) = people::store::by_email(tx, &row.email_key).await? {
        let place = ctx.address.map_or_else(|| "here".to_owned(), |ip| format!("the address {ip}"));
        mail::ops::post(ctx, tx, &letters::known(&there, ctx.now(), &place)).await?;
    }
    Ok(Next::SignIn)
}

/// The letter to whoever reads the mail of an address that was signed up with.
pub(crate) async fn letter(ctx: &Ctx, tx: &Tx, asked: &Knock) -> Result<Option<Letter>> {
    let signup = store::find(tx, asked.about(), ctx.now()).await?;
    Ok(match people::store::by_email(tx, &asked.email_key).await? {
        Some(person) if person.disabled_at.is_some() => None,
        Some(person) => Some(letters::known(&person, asked.at, &asked.place())),
        None => signup.map(|signup| letters::verify(&signup, asked)),
    })
}

/// Asks for the letter of the last sign-up once more.
///
/// # Errors
/// When the engine fails.
pub(crate) async fn resend(ctx: &Ctx, email: &str) -> Result<()> {
    let key = people::ops::key(email);
    ctx.db.write(async |tx| knock(ctx, tx, Kind::Resend, &key, ctx.id::<()>()).await).await
}

/// That letter, if a sign-up waits.
pub(crate) async fn letter_again(ctx: &Ctx, tx: &Tx, asked: &Knock) -> Result<Option<Letter>> {
    let signup = store::newest(tx, &asked.email_key, ctx.now()).await?;
    Ok(signup.map(|signup| letters::verify(&signup, asked)))
}

/// Makes the account, now that whoever reads the mail of its address has shown the link. The address, to sign in with.
///
/// # Errors
/// `forbidden` (`invalid_link`), `conflict` (`email_taken`) where another sign-up of this address was first.
pub(crate) async fn verify(ctx: &Ctx, token: &Secret) -> Result<String> {
    ctx.db
        .write(async |tx| {
            let taken = Page::Verify.once().take(tx, token.expose(), ctx.now()).await?;
            let id: SignupId = taken.ok_or_else(no_link)?.parse()?;
            let signup = store::find(tx, id, ctx.now()).await?.ok_or_else(no_link)?;
            let (email, key) = (signup.email.clone(), signup.email_key.clone());
            let row = person(ctx, signup);
            people::ops::insert(tx, &row).await?;
            store::remove_all(tx, &key).await?;
            record(ctx, tx, Action::UserSignedUp, Some(row.id), Some(row.role)).await?;
            Ok(email)
        })
        .await
}

fn person(ctx: &Ctx, signup: Model) -> people::store::Model {
    people::store::Model {
        id: ctx.id(),
        email: signup.email,
        email_key: signup.email_key,
        display_name: signup.display_name,
        role: signup.role,
        password: signup.password,
        disabled_at: None,
        created_at: ctx.now(),
        last_seen_at: None,
        erase_at: None,
        password_short: false,
    }
}

/// Forgets sign-ups that nobody came for. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx, now: Timestamp) -> Result<()> {
    ctx.db.write(async |tx| store::remove_expired(tx, now).await).await
}
