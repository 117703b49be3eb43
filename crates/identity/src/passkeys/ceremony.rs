//! A challenge, and whose passkey answered it (WebAuthn §7.2). What is remembered of a challenge stays on the server,
//! in the rows, for five minutes and one answer, right or wrong; any node takes it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Actor, Credential, Error, Result, Secret, User, UserId};
use stoa_store::{Ctx, Once};
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, WebauthnError};

use super::{model::Response, party::Party, store};
use crate::{
    audit::{model::Action, ops::record},
    sessions,
};

const ASKED: Once = Once { kind: "passkey" };
/// How long an answer may take.
pub(super) const LASTS: Duration = Duration::from_secs(5 * 60);

/// What a browser is asked.
pub(crate) struct Challenge {
    /// Names this challenge when it is answered.
    pub(crate) ticket: Secret,
    /// For `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` reads it.
    pub(crate) options: Value,
}

/// What is remembered of a challenge.
#[derive(Serialize, Deserialize)]
struct Asked {
    state: DiscoverableAuthentication,
    /// Whose passkey it must be, where that is known.
    user: Option<UserId>,
}

/// Makes a challenge: for whoever holds a ticket of a sign-in, for the signed-in caller, or for anybody. Only the first
/// two learn which passkeys would do; for anybody it is the same.
///
/// # Errors
/// `unauthenticated` (`ticket_expired`).
pub(crate) async fn begin(ctx: &Ctx, party: &Party, second: Option<Secret>) -> Result<Challenge> {
    let user = match (&second, &ctx.actor) {
        (Some(ticket), _) => Some(sessions::second::holder(ctx, ticket).await?),
        (None, Actor::User(User { id, via: Credential::Session(_), .. })) => Some(*id),
        _ => None,
    };
    let ticket = second.unwrap_or_else(|| Secret::new(ctx.rng().token::<32>()));
    let (asked, state) = party.webauthn().start_discoverable_authentication()?;
    let mut options = serde_json::to_value(asked.public_key)?;
    if let Some(user) = user {
        options["allowCredentials"] = allowed(ctx, user).await?;
    }
    let asked = serde_json::to_string(&Asked { state, user })?;
    ctx.db.write(async |tx| ASKED.put(tx, ticket.expose(), &asked, ctx.now() + LASTS).await).await?;
    Ok(Challenge { ticket, options })
}

async fn allowed(ctx: &Ctx, user: UserId) -> Result<Value> {
    let rows = store::all(&ctx.db.reads(), user).await?;
    let id = |id: &[u8]| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) });
    Ok(rows.iter().map(|row| id(&row.credential_id)).collect())
}

/// Whose passkey gave this answer; nothing where it is not right for whatever cause. The caller refuses all causes
/// alike.
pub(crate) async fn prove(ctx: &Ctx, response: &Response) -> Result<Option<UserId>> {
    let asked = ctx.db.write(async |tx| ASKED.take(tx, response.ticket.expose(), ctx.now()).await).await?;
    let Some(asked) = asked else { return Ok(None) };
    let asked: Asked = serde_json::from_str(&asked)?;
    ctx.db
        .write(async |tx| {
            let row = store::lock_by_credential(tx, response.said.get_credential_id()).await?;
            let Some(row) = row.filter(|row| asked.user.is_none_or(|user| user == row.user_id)) else {
                return Ok(None);
            };
            let handle = response.said.get_user_unique_id();
            if handle.is_some_and(|handle| handle != row.user_id.uuid().as_bytes()) {
                return Ok(None);
            }
            let mut passkey: Passkey = serde_json::from_value(row.credential)?;
            let webauthn = response.party.webauthn();
            match webauthn.finish_discoverable_authentication_v2(
                &response.said,
                asked.state.clone(),
                &passkey,
            ) {
                Ok(result) => {
                    passkey.update_credential(&result);
                    store::set_used(tx, row.id, serde_json::to_value(&passkey)?, ctx.now()).await?;
                    Ok(Some(row.user_id))
                }
                Err(WebauthnError::CredentialPossibleCompromise) => {
                    record(ctx, tx, Action::PasskeySuspect, Some(row.user_id), Some(row.name)).await?;
                    Ok(None)
                }
                Err(cause) => {
                    tracing::info!(%cause, "a passkey's answer was refused");
                    Ok(None)
                }
            }
        })
        .await
}

/// The one answer to everything that is not a right answer of a passkey.
pub(crate) fn refused() -> Error {
    Error::unauthenticated("this passkey could not be verified here; try again, or sign in another way")
        .code("invalid_passkey")
}
