//! The second step of signing in: after the password was right, or another provider said who it is, and only then, an
//! account with a second factor gets a ticket in place of a session. Any node takes the ticket, also after a restart; a wrong code leaves it good.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Secret, UserId, digest};
use stoa_store::{Ctx, Once, Tx};

use super::{
    methods::Methods,
    model::Device,
    ops::{self, Entered},
};
use crate::{
    Identity,
    factors::{self, model::Code, model::Factor},
    passkeys::{self, model::Response},
    people::{self, model::User, store::Model as Person},
};

const TICKET: Once = Once { kind: "mfa" };
/// How long the second step may take.
const LASTS: Duration = Duration::from_secs(5 * 60);

/// What is still to be shown.
#[derive(Debug)]
pub struct Second {
    /// For the second step, once.
    pub ticket: Secret,
    /// With what it can be done.
    pub methods: Vec<Factor>,
}

/// What somebody shows in the second step.
pub(crate) enum Shown {
    /// A code.
    Code(Code),
    /// A passkey's answer to a challenge.
    Passkey(Box<Response>),
}

/// Who is half way in. A password that is changed meanwhile makes the ticket void.
#[derive(Serialize, Deserialize)]
struct Half {
    user: UserId,
    password: String,
    first: String,
}

/// Makes a ticket for somebody who has shown their first factor, and whose row is this now.
pub(crate) async fn begin(
    ctx: &Ctx,
    tx: &Tx,
    person: &Person,
    first: Methods,
    methods: Vec<Factor>,
) -> Result<Second> {
    let ticket = Secret::new(ctx.rng().token::<32>());
    let password = digest(&person.password).hex();
    let half = serde_json::to_string(&Half { user: person.id, password, first: first.to_string() })?;
    TICKET.put(tx, ticket.expose(), &half, ctx.now() + LASTS).await?;
    Ok(Second { ticket, methods })
}

/// Who holds a ticket.
pub(crate) async fn holder(ctx: &Ctx, ticket: &Secret) -> Result<UserId> {
    Ok(look(ctx, ticket).await?.user)
}

async fn look(ctx: &Ctx, ticket: &Secret) -> Result<Half> {
    let half = TICKET.look(&ctx.db.reads(), ticket.expose(), ctx.now()).await?.ok_or_else(expired)?;
    Ok(serde_json::from_str(&half)?)
}

/// Completes the sign-in.
///
/// # Errors
/// `unauthenticated` (`ticket_expired`, `invalid_code`, `invalid_passkey`), `limited` (`factors_locked`).
pub(crate) async fn finish(
    ctx: &Ctx,
    identity: &Identity,
    ticket: &Secret,
    shown: &Shown,
    device: &Device,
) -> Result<(User, Secret)> {
    let half = look(ctx, ticket).await?;
    let methods = match shown {
        Shown::Code(code) => {
            if !factors::ops::prove(ctx, identity, half.user, code).await? {
                return Err(Error::unauthenticated(
                    "the code is not right, or was used already; wait for the next one",
                )
                .code("invalid_code"));
            }
            Methods::OTP.and(Methods::MFA)
        }
        Shown::Passkey(response) => {
            if passkeys::ceremony::prove(ctx, response).await? != Some(half.user) {
                return Err(passkeys::ceremony::refused());
            }
            Methods::PASSKEY
        }
    };
    let entered = ctx
        .db
        .write(async |tx| {
            TICKET.take(tx, ticket.expose(), ctx.now()).await?.ok_or_else(expired)?;
            let row = people::ops::active(tx, half.user).await?;
            let row = row.filter(|row| digest(&row.password).hex() == half.password).ok_or_else(expired)?;
            ops::enter(ctx, identity, tx, row, half.first.parse::<Methods>()?.and(methods), device).await
        })
        .await?;
    entered.settled(ctx).await
}

/// Signs somebody in with a passkey alone, which recognised its user.
///
/// # Errors
/// `unauthenticated` (`invalid_passkey`), the same for every cause.
pub(crate) async fn with_passkey(
    ctx: &Ctx,
    identity: &Identity,
    response: &Response,
    device: &Device,
) -> Result<(User, Secret)> {
    let user = passkeys::ceremony::prove(ctx, response).await?;
    let user = user.ok_or_else(passkeys::ceremony::refused)?;
    let entered: Entered = ctx
        .db
        .write(async |tx| {
            let row = people::ops::active(tx, user).await?.ok_or_else(passkeys::ceremony::refused)?;
            ops::enter(ctx, identity, tx, row, Methods::PASSKEY, device).await
        })
        .await?;
    entered.settled(ctx).await
}

fn expired() -> Error {
    Error::unauthenticated("this sign-in took too long or was used; begin again").code("ticket_expired")
}
