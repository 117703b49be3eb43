//! The way back to the client: where an answer goes, and how it travels. In the address (`query`), or in a form that the
//! browser posts (OAuth 2.0 Form Post Response Mode), which stands in no history, no `Referer` and no log.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use stoa_core::{Actor, Credential, Result, Secret, SessionId, User, digest};
use stoa_edge::{House, Path, Problem, Visitor};
use stoa_store::{Ctx, Once, Tx};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::oauth::{error::Said, grants::model::Asked};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(carry))
}

/// Where answers go, and how.
pub(crate) struct Back {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    /// Posted, in place of written into the address.
    pub(crate) form_post: bool,
}

/// What is said: names and values.
pub(crate) type Words<'a> = [(&'a str, &'a str)];

/// A refusal in these words.
pub(crate) fn refusal(said: &Said) -> [(&str, &str); 2] {
    [("error", said.code), ("error_description", &said.text)]
}

impl Back {
    /// The way back that a request named.
    pub(crate) fn of(asked: &Asked) -> Self {
        Self {
            redirect_uri: asked.redirect_uri.clone().unwrap_or_default(),
            state: asked.state.clone(),
            form_post: asked.form_post,
        }
    }

    /// The answer to the browser that brought the request.
    pub(crate) fn answer(&self, house: &House, said: &Words<'_>) -> Result<Response> {
        if self.form_post {
            return house.posting_page(&self.redirect_uri, &self.fields(house.issuer(), said));
        }
        see_other(&self.address(house.issuer(), said))
    }

    /// Where the page goes on which the person decided. A form waits there, sealed, for this browser alone.
    pub(crate) async fn location(
        &self,
        ctx: &Ctx,
        tx: &Tx,
        issuer: &str,
        session: SessionId,
        said: &Words<'_>,
    ) -> Result<String> {
        if !self.form_post {
            return Ok(self.address(issuer, said));
        }
        let handle = Secret::new(ctx.rng().token::<32>());
        let fields = self.fields(issuer, said).into_iter().map(|(name, value)| (name.into(), value.into()));
        let parcel = Parcel { session, to: self.redirect_uri.clone(), fields: fields.collect() };
        let sealed = ctx.store.ring.seal(&place(handle.expose()), &serde_json::to_vec(&parcel)?)?;
        let sealed = URL_SAFE_NO_PAD.encode(sealed);
        PARCELS.put(tx, handle.expose(), &sealed, ctx.now() + PATIENCE).await?;
        Ok(format!("{issuer}/oauth/answers/{}", handle.expose()))
    }

    /// What is said, with the client's `state` and our name (RFC 9207).
    fn fields<'a>(&'a self, issuer: &'a str, said: &Words<'a>) -> Vec<(&'a str, &'a str)> {
        let state = self.state.as_deref().map(|state| ("state", state));
        said.iter().copied().chain(state).chain([("iss", issuer)]).collect()
    }

    /// The client's own address, to the letter, with all of that behind it.
    fn address(&self, issuer: &str, said: &Words<'_>) -> String {
        let mut address = self.redirect_uri.clone();
        let mut mark = if address.contains('?') { '&' } else { '?' };
        for (name, value) in self.fields(issuer, said) {
            address.push(mark);
            address.push_str(name);
            address.push('=');
            address.push_str(&percent(value));
            mark = '&';
        }
        address
    }
}

/// A value as it stands in an address.
pub(crate) fn percent(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// Never 307: what the browser sent here is not for there (OAuth 2.1 §7.5.3).
pub(crate) fn see_other(address: &str) -> Result<Response> {
    let to = [(header::LOCATION, HeaderValue::try_from(address)?)];
    Ok((StatusCode::SEE_OTHER, to).into_response())
}

/// Answers that wait for the browser in which they were given. Each is taken once.
const PARCELS: Once = Once { kind: "identity.answer" };
/// No longer than a code is good.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Parcel {
    session: SessionId,
    to: String,
    fields: Vec<(String, String)>,
}

fn place(handle: &str) -> String {
    format!("identity.answer/{}", digest(handle).hex())
}

/// Carry an answer to the client, from the browser in which the person decided.
#[utoipa::path(get, path = "/oauth/answers/{handle}", operation_id = "carry_answer", tag = "oauth",
    params(("handle" = String, Path, description = "Where the decision sent the browser", example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")), responses(
    (status = 200, description = "A form that sends itself to the client", body = String, content_type = "text/html"),
    (status = 404, description = "A page for the person: it was sent already, or is too old", body = String, content_type = "text/html"),
))]
async fn carry(State(house): State<House>, Visitor(ctx): Visitor, Path(handle): Path<String>) -> Response {
    let done = match taken(&ctx, &handle).await {
        Ok(Some(Parcel { to, fields, .. })) => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            house.posting_page(&to, &fields)
        }
        Ok(None) => {
            let text = "The answer to the application was sent already, or waited too long.";
            house.plain_page(StatusCode::NOT_FOUND, "There is nothing to send", text)
        }
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| Problem::from(error).into_response())
}

/// Takes an answer, once, in the session in which it was given: another browser leaves it as it is.
async fn taken(ctx: &Ctx, handle: &str) -> Result<Option<Parcel>> {
    let Actor::User(User { via: Credential::Session(session), .. }) = &ctx.actor else { return Ok(None) };
    let Some(sealed) = PARCELS.look(&ctx.db.reads(), handle, ctx.now()).await? else { return Ok(None) };
    let open = ctx.store.ring.open(&place(handle), &URL_SAFE_NO_PAD.decode(sealed)?)?;
    let parcel: Parcel = serde_json::from_slice(&open)?;
    if parcel.session != *session {
        return Ok(None);
    }
    let first = ctx.db.write(async |tx| PARCELS.take(tx, handle, ctx.now()).await).await?;
    Ok(first.map(|_| parcel))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G4 Z20, G5 I1.
    #[test]
    fn the_address_back_is_the_clients_own_with_state_and_issuer_behind_it() {
        let said = [("code", "a b")];
        let to = |redirect_uri: &str, state: Option<&str>| Back {
            redirect_uri: redirect_uri.into(),
            state: state.map(Into::into),
            form_post: false,
        };
        assert_eq!(
            to("https://c.example/cb?x=1", Some("s&=%")).address("https://stoa.example", &said),
            "https://c.example/cb?x=1&code=a%20b&state=s%26%3D%25&iss=https%3A%2F%2Fstoa%2Eexample"
        );
        assert_eq!(to("com.x.app:/cb", None).address("i", &said), "com.x.app:/cb?code=a%20b&iss=i");
    }
}
