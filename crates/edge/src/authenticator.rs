//! Who is calling: the wall behind which identity stands, and what handlers get from it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use stoa_core::{Actor, Error, Result};
use stoa_store::Ctx;

use crate::{House, Problem, pipeline::OUR_TOKEN};

/// A credential as it was presented. Nothing else says who is calling: no other header, no query, no body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// The value of the session cookie.
    Cookie(&'a str),
    /// The token of `Authorization: Bearer`.
    Bearer(&'a str),
    /// The token of `Authorization: DPoP` (RFC 9449 §7.1), with the proof that came beside it.
    Bound(Bound<'a>),
}

/// A token that is bound to a key, and the proof of the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bound<'a> {
    /// The access token.
    pub token: &'a str,
    /// The header `DPoP`.
    pub proof: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// The path of the request, without the query.
    pub path: &'a str,
}

impl<'a> Presented<'a> {
    /// The secret itself.
    pub fn text(self) -> &'a str {
        match self {
            Self::Cookie(text) | Self::Bearer(text) => text,
            Self::Bound(bound) => bound.token,
        }
    }
}

/// Tells who a credential belongs to. Identity implements it; it must not cost a query each time.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Who presents this, or `None` if it is unknown, expired or revoked. `ctx` acts for nobody yet; `issuer` is
    /// [`House::issuer`].
    ///
    /// # Errors
    /// When it cannot be found out.
    async fn authenticate(&self, ctx: &Ctx, issuer: &str, presented: Presented<'_>) -> Result<Option<Actor>>;
}

/// Shared by all requests.
pub type SharedAuthenticator = Arc<dyn Authenticator>;

/// A handler's first argument: a caller whose credential was checked.
#[derive(Clone)]
pub struct Caller(pub Ctx);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let ctx = parts.extensions.get::<Ctx>().ok_or_else(outside)?;
        match ctx.actor {
            Actor::User(_) => Ok(Self(ctx.clone())),
            Actor::Nobody | Actor::House => Err(Error::unauthenticated("sign in first").into()),
        }
    }
}

/// The same for public doors: whoever it is, perhaps nobody.
#[derive(Clone)]
pub struct Visitor(pub Ctx);

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(parts.extensions.get::<Ctx>().ok_or_else(outside)?.clone()))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let ctx = parts.extensions.get::<Ctx>();
        Ok(ctx.filter(|ctx| matches!(ctx.actor, Actor::User(_))).map(|ctx| Self(ctx.clone())))
    }
}

fn outside() -> Error {
    Error::internal("a handler ran outside the pipeline")
}

/// The name of the session cookie on an https address; `Secure` and `Path=/` are part of the promise.
pub(crate) const COOKIE_HTTPS: &str = "__Host-stoa";
/// What such a name begins with (RFC 6265bis §4.1.3.2).
const HOST: &str = "__Host-";
/// The name on a plain-http loopback address, where browsers refuse the prefix.
pub(crate) const COOKIE_HTTP: &str = "stoa";

impl House {
    /// The header that signs a browser in.
    ///
    /// # Errors
    /// When the token has characters that a cookie cannot carry.
    pub fn session_cookie(&self, token: &str, lives: Duration) -> Result<[(HeaderName, HeaderValue); 1]> {
        Ok([self.set_cookie(COOKIE_HTTP, token, lives)?])
    }

    /// The header that leaves a value with a browser: no page reads it, no other site's request carries it but a link's.
    /// On an https address the name gets the prefix `__Host-`.
    ///
    /// # Errors
    /// When the value has characters that a cookie cannot carry.
    pub fn set_cookie(&self, name: &str, value: &str, lives: Duration) -> Result<(HeaderName, HeaderValue)> {
        let (prefix, secure) = if self.is_https() { (HOST, "; Secure") } else { ("", "") };
        let lives = lives.as_secs();
        let text = format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lives}{secure}");
        let mut value = HeaderValue::from_str(&text)?;
        value.set_sensitive(true);
        Ok((header::SET_COOKIE, value))
    }

    /// The value that was left with a browser under this name.
    pub fn cookie<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let name = if self.is_https() { format!("{HOST}{name}") } else { name.to_owned() };
        cookie(headers, &name)
    }

    /// The header that signs a browser out.
    ///
    /// # Errors
    /// Never in practice; the text is fixed.
    pub fn ended_cookie(&self) -> Result<[(HeaderName, HeaderValue); 1]> {
        self.session_cookie("", Duration::ZERO)
    }

    /// The name under which the session cookie travels here.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_https() { COOKIE_HTTPS } else { COOKIE_HTTP }
    }
}

/// The credential in a request's headers. A bearer beside a cookie stands alone.
pub(crate) fn presented<'a>(
    method: &'a Method,
    path: &'a str,
    headers: &'a HeaderMap,
    cookie_name: &str,
) -> Result<Option<Presented<'a>>> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    if let Some(first) = authorizations.next() {
        if authorizations.next().is_some() {
            return Err(Error::malformed("there is more than one `Authorization` header"));
        }
        let text = first.to_str().map_err(|_| Error::malformed("`Authorization` has strange characters"))?;
        if let Some((scheme, token)) = text.split_once(' ') {
            let token = token.trim();
            if scheme.eq_ignore_ascii_case("bearer") {
                return Ok(Some(Presented::Bearer(token)));
            }
            if scheme.eq_ignore_ascii_case("dpop") {
                let (proof, method) = (proof(headers)?, method.as_str());
                return Ok(Some(Presented::Bound(Bound { token, proof, method, path })));
            }
        }
    }
    Ok(cookie(headers, cookie_name).map(Presented::Cookie))
}

/// The one proof beside a bound token (RFC 9449 §4.3).
fn proof(headers: &HeaderMap) -> Result<&str> {
    let mut all = headers.get_all(DPOP).iter();
    match (all.next().map(HeaderValue::to_str), all.next()) {
        (Some(Ok(proof)), None) => Ok(proof),
        _ => {
            Err(Error::unauthenticated("send one `DPoP` header beside the token").code("invalid_dpop_proof"))
        }
    }
}

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A token that was sent as the password of `Authorization: Basic` (RFC 7617) is sent on as a bearer: calendars know no
/// other way. Whether it was so; a browser repeats such a header by itself, as it does a cookie, so that a change made with
/// it must come from our own page too. What holds no token of ours is not for us.
pub(crate) fn basic_as_bearer(headers: &mut HeaderMap) -> bool {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return false };
    let Some(mut bearer) = only.to_str().ok().and_then(token_of_basic) else { return false };
    bearer.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, bearer);
    true
}

/// `Bearer TOKEN` out of `Basic base64(name:TOKEN)`.
fn token_of_basic(text: &str) -> Option<HeaderValue> {
    let (scheme, encoded) = text.split_once(' ')?;
    let bytes = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (_, token) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    let ours = token.starts_with(OUR_TOKEN);
    HeaderValue::try_from(format!("Bearer {token}")).ok().filter(|_| ours)
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name && !value.is_empty()).then_some(value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn shown<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<Presented<'a>>> {
        presented(&Method::GET, "/mcp", headers, name)
    }

    #[test]
    fn a_bearer_beside_a_cookie_stands_alone() {
        let both = headers(&[("cookie", "a=b; stoa=session"), ("authorization", "bearer token")]);
        assert!(shown(&both, "stoa").unwrap() == Some(Presented::Bearer("token")));
        let cookie = headers(&[("cookie", "a=b; stoa=session"), ("authorization", "Basic eDp5")]);
        assert!(shown(&cookie, "stoa").unwrap() == Some(Presented::Cookie("session")));
    }

    #[test]
    fn the_password_of_a_calendar_is_a_token_or_nothing() {
        let as_bearer = |text: &str| {
            let mut headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::try_from(text).unwrap())]);
            let turned = basic_as_bearer(&mut headers);
            (turned, headers[header::AUTHORIZATION].to_str().unwrap().to_owned())
        };
        let encoded = STANDARD.encode("anna:stoa_pat_x:y");
        assert_eq!(as_bearer(&format!("basic {encoded}")), (true, "Bearer stoa_pat_x:y".to_owned()));
        let bad = ["anna:password", "stoa_pat_x", "stoa_pat_x:", "a:stoa_pat_x\r\nx: y"]
            .map(|text| STANDARD.encode(text));
        for text in bad
            .iter()
            .map(|encoded| format!("Basic {encoded}"))
            .chain(["Basic %%%".into(), "Bearer stoa_pat_x".into()])
        {
            assert_eq!(as_bearer(&text), (false, text.clone()));
        }
        let mut two = headers(&[("authorization", "Basic YTpzdG9hX3BhdF94"), ("authorization", "Bearer x")]);
        assert!(!basic_as_bearer(&mut two));
    }

    #[test]
    fn only_the_cookie_of_this_address_counts() {
        let weak = headers(&[("cookie", "stoa=session; x__Host-stoa=y")]);
        assert!(shown(&weak, COOKIE_HTTPS).unwrap().is_none());
    }

    #[test]
    fn mv_c1_no_other_header_identifies_anyone() {
        let claims = headers(&[("x-auth-uid", "1"), ("x-user-id", "1"), ("x-forwarded-user", "root")]);
        assert!(shown(&claims, COOKIE_HTTP).unwrap().is_none());
    }
}
