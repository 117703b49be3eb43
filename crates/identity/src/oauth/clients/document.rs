//! Client ID metadata documents: the client's id is the address of a document that says what it is, so that a client
//! that nobody registered can still be told from another (draft-ietf-oauth-client-id-metadata-document).
//!
//! Whoever names an address makes us call it. So it is called by the guarded client: https, public addresses only,
//! resolved once, no redirects, little time, few bytes.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use stoa_core::{Error, Kind};
use stoa_edge::House;
use stoa_store::Ctx;
use url::Url;

use super::{
    addresses::{URL_BYTES, is_loopback_http},
    authentication::Client,
    model::Metadata,
    store::{self, DOCUMENT, Model},
};
use crate::{
    Identity,
    oauth::error::{Outcome, Refusal},
};

/// Most bytes of a document (§6.6 advises 5 KB; some list many redirects).
const BYTES: usize = 16 << 10;
/// Time for the whole call.
const PATIENCE: Duration = Duration::from_secs(5);
/// A document is read anew after this long at the soonest and at the latest, whatever its headers say.
const FRESH: (u64, u64) = (5 * 60, 24 * 60 * 60);

/// Whether a client id is an address. None of our own ids is (§6.9).
pub(crate) fn is_address(id: &str) -> bool {
    id.starts_with("https://") || id.starts_with("http://")
}

/// The client at an address: what is known of it while that is fresh, else what its document says now.
pub(crate) async fn client(ctx: &Ctx, house: &House, identity: &Identity, id: &str) -> Outcome<Client> {
    let url = address(house, id)?;
    let now = ctx.now();
    if let Some(row) = store::find(&ctx.db.reads(), id).await?
        && row.fresh_until.is_some_and(|until| now < until)
    {
        return Client::of(row);
    }
    let (metadata, fresh) = fetch(ctx, identity, id, &url).await?;
    let row = Model {
        id: id.to_owned(),
        kind: DOCUMENT.into(),
        metadata: serde_json::to_value(&metadata).map_err(Error::from)?,
        secret: None,
        registration: None,
        service_user_id: None,
        created_at: now,
        fresh_until: Some(now + fresh),
    };
    ctx.db.write(async |tx| store::put_document(tx, row.clone()).await).await?;
    Client::of(row)
}

/// Reads the address (§3). Plain http only where this server is itself one of the person's own machine.
fn address(house: &House, id: &str) -> Outcome<Url> {
    let refused = |why: &'static str| Err(Refusal::new("invalid_client", why));
    let Ok(url) = Url::parse(id) else { return refused("the client id is no address") };
    let local = house.issuer().starts_with("http://") && is_loopback_http(&url);
    if url.scheme() != "https" && !local {
        return refused("a client id that is an address begins with https://");
    }
    // What was written is what is read: no dots, no upper case, nothing to tidy away.
    if id.len() > URL_BYTES || url.as_str() != id || id.contains(['#', '?']) || url.path() == "/" {
        return refused(
            "a client id that is an address has a path, no query, no fragment and no dot segments",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("a client id holds no user name or password");
    }
    Ok(url)
}

async fn fetch(ctx: &Ctx, identity: &Identity, id: &str, url: &Url) -> Outcome<(Metadata, Duration)> {
    let unread = |why: String| Refusal::new("invalid_client", format!("the client's document {why}"));
    let sent = async {
        let answer = identity
            .out()
            .call(&ctx.request, Method::GET, url)?
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .within(PATIENCE)
            .at_most(BYTES)
            .send()
            .await?;
        let (status, fresh) = (answer.status(), freshness(answer.headers()));
        let body = if status == StatusCode::OK { answer.bytes().await? } else { bytes::Bytes::new() };
        Ok::<_, Error>((status, fresh, body))
    };
    let (status, fresh, body) = sent.await.map_err(|error| match error.kind() {
        Kind::Internal => Refusal::Fault(error),
        _ => unread(format!("cannot be read: {}", error.said())),
    })?;
    if status != StatusCode::OK {
        return Err(unread(format!("answers {status}; only 200 counts")));
    }
    let text: Value = serde_json::from_slice(&body).map_err(|_| unread("is no JSON".into()))?;
    let said = text.get("client_id").and_then(Value::as_str);
    if said != Some(id) {
        return Err(unread("names another `client_id` than its own address".into()));
    }
    let secret = ["client_secret", "client_secret_expires_at"].iter().any(|name| text.get(name).is_some());
    let mut metadata: Metadata =
        serde_json::from_value(text).map_err(|_| unread("is no client metadata".into()))?;
    let method = metadata.token_endpoint_auth_method.get_or_insert_with(|| "none".into());
    if secret || !matches!(&**method, "none" | "private_key_jwt") {
        return Err(unread("asks for a shared secret, which nobody could keep".into()));
    }
    if metadata.client_name.is_none() || metadata.redirect_uris.is_empty() {
        return Err(unread("has no `client_name` or no `redirect_uris`".into()));
    }
    // One with keys shows that it has them (§6.2).
    if metadata.jwks.is_some() || metadata.jwks_uri.is_some() {
        metadata.token_endpoint_auth_method = Some("private_key_jwt".into());
    }
    if metadata.grant_types.is_empty() {
        metadata.grant_types = vec!["authorization_code".into(), "refresh_token".into()];
    }
    Ok((metadata.checked()?, fresh))
}

/// How long an answer says it is good, within our own bounds (RFC 9111 §5.2).
pub(super) fn freshness(headers: &HeaderMap) -> Duration {
    let control =
        headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let age = control.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
    let kept = !control.split(',').any(|part| matches!(part.trim(), "no-store" | "no-cache"));
    let seconds = age.filter(|_| kept).unwrap_or(FRESH.0);
    Duration::from_secs(seconds.clamp(FRESH.0, FRESH.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_within_our_own_bounds() {
        let of = |text: &'static str| {
            freshness(&HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static(text))]))
                .as_secs()
        };
        assert_eq!(of("max-age=3600"), 3600);
        assert_eq!(of("public, max-age=31536000"), FRESH.1);
        assert_eq!(
            (of("max-age=0"), of("no-store"), of("no-cache, max-age=9999"), of("nonsense")),
            (300, 300, 300, 300)
        );
    }
}
