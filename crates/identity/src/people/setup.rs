//! The first owner. While nobody has an account, the house prints a claim at each start; whoever brings it
//! becomes the owner, once.

use std::time::Duration;

use stoa_core::{Error, Result, Role, Secret};
use stoa_store::{Ctx, Once};

use super::{
    model::{NewUser, User},
    ops, store,
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    sessions::{self, methods::Methods, model::Device},
};

const CLAIM: Once = Once { kind: "setup" };
/// How long the owner may take.
const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Makes a new claim, good for a week, if nobody has an account yet. Claims made before are no longer good.
///
/// # Errors
/// When the engine fails.
pub async fn open_setup(ctx: &Ctx) -> Result<Option<Secret>> {
    let claim = Secret::new(ctx.rng().token::<32>());
    ctx.db
        .write(async |tx| {
            CLAIM.clear(tx).await?;
            if !store::is_empty(tx).await? {
                return Ok(None);
            }
            CLAIM.put(tx, claim.expose(), "", ctx.now() + LASTS).await?;
            Ok(Some(claim.clone()))
        })
        .await
}

/// Whether the house waits for its first owner.
///
/// # Errors
/// When the engine fails.
pub async fn is_needed(ctx: &Ctx) -> Result<bool> {
    store::is_empty(&ctx.db.reads()).await
}

/// Makes the first owner and signs them in. Of many who bring the claim at once, one becomes it.
///
/// # Errors
/// `not_found` once anybody has an account, `forbidden` (`invalid_claim`), `invalid` with the fields that are wrong.
pub async fn set_up(
    ctx: &Ctx,
    identity: &Identity,
    claim: &Secret,
    owner: NewUser,
    device: &Device,
) -> Result<(User, Secret)> {
    if !is_needed(ctx).await? {
        return Err(done());
    }
    let row = ops::prepare(ctx, identity, NewUser { role: Role::Owner, ..owner }).await?;
    let token = ctx
        .db
        .write(async |tx| {
            if !store::is_empty(tx).await? {
                return Err(done());
            }
            if CLAIM.take(tx, claim.expose(), ctx.now()).await?.is_none() {
                // Whoever took it a moment ago has made the owner by now.
                return Err(if store::is_empty(tx).await? { wrong_claim() } else { done() });
            }
            ops::insert(tx, &row).await?;
            let (session, token) =
                sessions::ops::begin(ctx, identity, tx, row.id, Methods::PASSWORD, device).await?;
            let ctx = ctx.acting(sessions::ops::actor(row.id, Role::Owner, session));
            record(&ctx, tx, Action::SetUp, Some(row.id), None).await?;
            Ok(token)
        })
        .await?;
    Ok((row.user()?, token))
}

fn wrong_claim() -> Error {
    Error::forbidden("the claim is not valid; use the link the server printed last").code("invalid_claim")
}

fn done() -> Error {
    Error::not_found("this house has its owner; sign in")
}
