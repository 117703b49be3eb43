//! Which client speaks at the token endpoint and its kin, and whether it is the one (OAuth 2.1 §2.4).

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use stoa_core::{Digest, Error, digest};
use stoa_edge::House;
use stoa_store::{Class, Ctx};

use super::{
    assertion, document,
    model::Metadata,
    store::{self, Model},
};
use crate::{
    Identity,
    oauth::{
        error::{Outcome, Refusal},
        params::Params,
    },
};

/// A client that showed who it is, as far as its kind can.
pub(crate) struct Client {
    pub(crate) row: Model,
    pub(crate) said: Metadata,
}

impl Client {
    pub(crate) fn of(row: Model) -> Outcome<Self> {
        let said = row.said()?;
        Ok(Self { row, said })
    }

    pub(crate) fn id(&self) -> &str {
        &self.row.id
    }

    /// Whether it has shown something that only it has.
    pub(crate) fn is_confidential(&self) -> bool {
        self.said.auth_method() != "none"
    }

    /// Refuses a grant that it has not registered for (ASVS 10.4.4).
    pub(crate) fn must_be_allowed(&self, grant: &str) -> Outcome<()> {
        if self.said.may(grant) {
            Ok(())
        } else {
            Err(Refusal::new("unauthorized_client", format!("this client has not registered for `{grant}`")))
        }
    }
}

/// What a client shows.
enum Shown<'a> {
    Nothing,
    Secret { text: String, by_header: bool },
    Assertion(&'a str),
}

/// Finds the client of a request and checks what it shows: exactly what it registered to show, by one way.
pub(crate) async fn authenticate(
    ctx: &Ctx,
    house: &House,
    identity: &Identity,
    headers: &HeaderMap,
    params: &Params,
) -> Outcome<Arc<Client>> {
    let (id, shown) = shown(headers, params)?;
    let by_header = matches!(shown, Shown::Secret { by_header: true, .. });
    let refused = || Refusal::client(by_header, "the client is not known, or what it shows is wrong");
    let client = find(ctx, house, identity, &id).await?.ok_or_else(refused)?;
    match (client.said.auth_method(), &shown) {
        ("none", Shown::Nothing) => {}
        ("client_secret_basic", Shown::Secret { text, by_header: true })
        | ("client_secret_post", Shown::Secret { text, by_header: false }) => {
            guesses(ctx, &id).await?;
            let kept = client.row.secret.as_deref().and_then(Digest::from_slice);
            if kept != Some(digest(text)) {
                return Err(refused());
            }
        }
        ("private_key_jwt", Shown::Assertion(text)) => {
            if !assertion::holds(ctx, identity, house.issuer(), &client, text).await? {
                return Err(refused());
            }
        }
        _ => return Err(refused()),
    }
    Ok(client)
}

/// A client by its id; one that is described by a document is read from there, if what is known of it is old.
pub(crate) async fn find(
    ctx: &Ctx,
    house: &House,
    identity: &Identity,
    id: &str,
) -> Outcome<Option<Arc<Client>>> {
    let (epoch, known) = (ctx.store.epoch.current(), identity.clients());
    if let Some(client) = epoch.and_then(|epoch| known.recall(id, epoch, ctx.now())) {
        return Ok(Some(client));
    }
    let client = if document::is_address(id) {
        Some(document::client(ctx, house, identity, id).await?)
    } else {
        store::find(&ctx.db.reads(), id).await?.map(Client::of).transpose()?
    };
    let client = client.map(Arc::new);
    if let (Some(epoch), Some(client)) = (epoch, &client) {
        known.keep(epoch, client.clone());
    }
    Ok(client)
}

/// The one way in which a client shows who it is.
fn shown<'a>(headers: &HeaderMap, params: &'a Params) -> Outcome<(String, Shown<'a>)> {
    let basic = basic(headers)?;
    let secret = params.get("client_secret");
    let assertion = params.get("client_assertion");
    if usize::from(basic.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
        return Err(Refusal::request("show who you are in one way only"));
    }
    let named = params.get("client_id").map(str::to_owned);
    if let Some((id, text)) = basic {
        if named.is_some_and(|named| named != id) {
            return Err(Refusal::request("`client_id` is another than in the `Authorization` header"));
        }
        return Ok((id, Shown::Secret { text, by_header: true }));
    }
    if let Some(assertion) = assertion {
        if params.get("client_assertion_type") != Some(assertion::TYPE) {
            return Err(Refusal::request(format!("`client_assertion_type` is `{}`", assertion::TYPE)));
        }
        let said = assertion::subject(assertion);
        let id = named
            .or_else(|| said.clone())
            .ok_or_else(|| Refusal::client(false, "the assertion names nobody"))?;
        if said.is_some_and(|said| said != id) {
            return Err(Refusal::client(false, "the assertion is another client's"));
        }
        return Ok((id, Shown::Assertion(assertion)));
    }
    let id = named.ok_or_else(|| Refusal::client(false, "`client_id` is missing"))?;
    Ok(match secret {
        Some(text) => (id, Shown::Secret { text: text.to_owned(), by_header: false }),
        None => (id, Shown::Nothing),
    })
}

/// `Authorization: Basic`, whose halves are form-encoded first (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Outcome<Option<(String, String)>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    let Some((_, credentials)) = text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) else {
        return Ok(None);
    };
    let wrong = || Refusal::client(true, "the `Authorization` header cannot be read");
    let decoded = STANDARD.decode(credentials.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(wrong)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(wrong)?;
    let read = |text: &str| {
        percent_decode_str(&text.replace('+', " ")).decode_utf8().map(std::borrow::Cow::into_owned)
    };
    match (read(id), read(secret)) {
        (Ok(id), Ok(secret)) => Ok(Some((id, secret))),
        _ => Err(wrong()),
    }
}

/// Counts a look at a client's secret, on all nodes: nobody guesses 256 bits, and nobody tries long.
async fn guesses(ctx: &Ctx, id: &str) -> Outcome<()> {
    const CLASS: Class =
        Class { name: "client_secret", limit: 600, per: Duration::from_secs(60), lasting: false };
    let decision = ctx.store.counters.take(&ctx.db, &CLASS, &digest(id).hex(), ctx.now()).await?;
    if decision.allowed {
        return Ok(());
    }
    Err(Error::limited("too many requests of this client; wait a little")
        .retry_after(decision.retry_after)
        .into())
}
