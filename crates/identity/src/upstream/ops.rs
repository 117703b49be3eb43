//! Going to a provider, and the links somebody has. Coming back is `arrival`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use stoa_core::{Error, Result, Secret, Timestamp, digest};
use stoa_store::{Ctx, Tx};

use super::{
    config::UpstreamKind,
    letters,
    model::{self, Begun, MOST, PATIENCE, Purpose, Remembered, Stop, Upstream, UpstreamId, UpstreamLink},
    provider::Provider,
    store::{self, Attempt, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    invites, mail, passkeys,
    people::{self, store::Model as Person},
    sessions,
};

/// The providers that one can sign in with here.
pub(crate) fn offers(identity: &Identity) -> Vec<Upstream> {
    identity.upstreams().all().map(|provider| provider.shown.clone()).collect()
}

/// Sends somebody to a provider, to sign in or for an account.
///
/// # Errors
/// `not_found` for a provider that is not configured, `forbidden` (`invalid_invite`), `invalid` for a place to come back to
/// that is none of ours, `upstream` where the provider cannot be reached.
pub(crate) async fn sign_in(
    ctx: &Ctx,
    identity: &Identity,
    house: &str,
    name: &str,
    invite: Option<Secret>,
    return_to: Option<String>,
) -> Result<Begun> {
    let provider = named(identity, name)?;
    if let Some(token) = &invite {
        // Better known before one goes there than after.
        invites::ops::find(ctx, token).await?;
    }
    begin(ctx, identity, house, provider, Purpose::SignIn, invite, return_to).await
}

/// Sends the caller to a provider, to link their account there.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session; `forbidden` (`reauthentication_required`); `conflict`
/// (`too_many_upstreams`); else as [`sign_in`].
pub(crate) async fn link(ctx: &Ctx, identity: &Identity, house: &str, name: &str) -> Result<Begun> {
    let (user, session) = ctx.actor.at_the_browser()?;
    sessions::ops::fresh(ctx, identity).await?;
    let provider = named(identity, name)?;
    if store::count(&ctx.db.reads(), user.id).await? >= MOST {
        let said = "there are too many linked accounts; remove one first";
        return Err(Error::conflict(said).code("too_many_upstreams"));
    }
    begin(ctx, identity, house, provider, Purpose::Link(user.id, session), None, None).await
}

fn named<'a>(identity: &'a Identity, name: &str) -> Result<&'a Provider> {
    identity.upstreams().named(name).ok_or_else(|| Error::not_found("there is no such provider here"))
}

async fn begin(
    ctx: &Ctx,
    identity: &Identity,
    house: &str,
    provider: &Provider,
    purpose: Purpose,
    invite: Option<Secret>,
    return_to: Option<String>,
) -> Result<Begun> {
    let return_to = model::return_to(return_to)?;
    let metadata = provider.metadata(ctx, identity).await.map_err(|error| match provider.failed(error) {
        Stop::Fault(error) => error,
        Stop::Told(..) => {
            let label = &provider.shown.label;
            Error::upstream(format!("{label} cannot be reached now; try again, or sign in another way"))
        }
    })?;
    let [state, browser, verifier, nonce] = [(); 4].map(|()| ctx.rng().token::<32>());
    let challenge = URL_SAFE_NO_PAD.encode(digest(&verifier).as_bytes());
    let mut location = metadata.authorization_endpoint.clone();
    location
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &redirect_uri(house, &provider.shown.name))
        .append_pair("scope", &provider.scope)
        .append_pair("state", &state)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if provider.shown.kind != UpstreamKind::Github {
        location.query_pairs_mut().append_pair("nonce", &nonce);
    }
    let remembered = Remembered {
        verifier,
        nonce,
        invite: invite.map(|token| token.expose().to_owned()),
        names_itself: metadata.names_itself,
    };
    let attempt = Attempt {
        upstream: provider.shown.name.clone(),
        issuer: provider.issuer.clone(),
        purpose,
        return_to,
        sealed: ctx.store.ring.seal(&place(&state), &serde_json::to_vec(&remembered)?)?,
        expires_at: ctx.now() + PATIENCE,
    };
    ctx.db.write(async |tx| store::put(tx, &state, &browser, &attempt).await).await?;
    Ok(Begun { location: location.into(), browser: Secret::new(browser) })
}

/// Where the provider sends browsers back to: one address for each, so that an answer of one is never taken for another's
/// (RFC 9700 §4.4.2.1).
pub(super) fn redirect_uri(house: &str, name: &str) -> String {
    format!("{house}/auth/upstreams/{name}/callback")
}

/// Where what an attempt remembers is sealed.
pub(super) fn place(state: &str) -> String {
    format!("identity_upstream_attempt/{}", digest(state))
}

/// The caller's accounts elsewhere.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn mine(ctx: &Ctx, identity: &Identity) -> Result<Vec<UpstreamLink>> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let rows = store::all(&ctx.db.reads(), user).await?;
    Ok(rows.into_iter().map(|row| shown(identity, row)).collect())
}

fn shown(identity: &Identity, row: Model) -> UpstreamLink {
    let provider = identity.upstreams().of_issuer(&row.issuer);
    UpstreamLink {
        id: row.id,
        name: provider.map(|provider| provider.shown.name.clone()),
        label: label(identity, &row),
        account: row.account,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    }
}

/// What the provider of a link is called; its issuer where it is not configured any more.
fn label(identity: &Identity, row: &Model) -> String {
    let provider = identity.upstreams().of_issuer(&row.issuer);
    provider.map_or_else(|| row.issuer.clone(), |provider| provider.shown.label.clone())
}

/// Removes one of the caller's links.
///
/// # Errors
/// `not_found` for one that is not theirs; `forbidden` (`reauthentication_required`); `conflict` (`last_way_in`).
pub(crate) async fn unlink(ctx: &Ctx, identity: &Identity, id: UpstreamId) -> Result<()> {
    let user = ctx.actor.at_the_browser()?.0.id;
    sessions::ops::fresh(ctx, identity).await?;
    ctx.db
        .write(async |tx| {
            let person = people::ops::active(tx, user).await?.ok_or_else(people::ops::gone)?;
            let row = store::lock(tx, user, id).await?;
            let row = row.ok_or_else(|| Error::not_found("there is no such linked account"))?;
            store::remove(tx, id).await?;
            keep_a_way_in(identity, tx, &person).await?;
            record(ctx, tx, Action::UpstreamUnlinked, Some(user), Some(row.issuer.clone())).await?;
            mail::ops::post(ctx, tx, &letters::unlinked(ctx, &person, &label(identity, &row))).await?;
            Ok(())
        })
        .await
}

/// Refuses what would leave somebody outside: after it they have no password, no passkey, and no account at a provider
/// that is configured. Their row is locked by the caller.
pub(crate) async fn keep_a_way_in(identity: &Identity, tx: &Tx, person: &Person) -> Result<()> {
    if person.has_password() || passkeys::store::count(tx, person.id).await? > 0 {
        return Ok(());
    }
    let known = |row: &Model| identity.upstreams().of_issuer(&row.issuer).is_some();
    if store::all(tx, person.id).await?.iter().any(known) {
        return Ok(());
    }
    let said = "you could not sign in any more; choose a password or add a passkey first";
    Err(Error::conflict(said).code("last_way_in"))
}

/// Forgets browsers that never came back. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx, now: Timestamp) -> Result<()> {
    ctx.db.write(async |tx| store::remove_expired(tx, now).await).await
}
