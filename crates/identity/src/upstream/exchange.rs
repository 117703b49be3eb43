//! The code for tokens (OAuth 2.1 §4.1.3), and what an issuer's userinfo adds. The tokens live as long as this takes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use stoa_core::{Error, Result, Secret};
use stoa_edge::Call;
use stoa_store::Ctx;
use url::{Url, form_urlencoded::byte_serialize};

use super::{
    id_token::About,
    metadata::{BYTES, Metadata, WITHIN},
    model::{Outcome, Problem, Stop, untrusted},
    provider::Provider,
};
use crate::Identity;

/// What comes for a code.
pub(super) struct Tokens {
    pub(super) access: Secret,
    pub(super) id: Option<Secret>,
}

/// The answer as it is written; GitHub refuses with a 200.
#[derive(Deserialize)]
struct Answer {
    access_token: Option<Secret>,
    token_type: Option<String>,
    id_token: Option<Secret>,
    error: Option<String>,
}

/// What of a refusal is told to the log: the codes of RFC 6749 §5.2, and no text from outside.
const REFUSALS: [&str; 4] =
    ["invalid_client", "unauthorized_client", "invalid_request", "redirect_uri_mismatch"];

/// Takes the code to the provider, with the verifier that only we know.
pub(super) async fn exchange(
    ctx: &Ctx,
    identity: &Identity,
    provider: &Provider,
    metadata: &Metadata,
    said: [(&str, &str); 3],
) -> Outcome<Tokens> {
    let asked = async {
        let call = identity.out().call(&ctx.request, Method::POST, &metadata.token_endpoint)?;
        let call = call.header(header::ACCEPT, HeaderValue::from_static("application/json"));
        let answer = with_password(call, provider, metadata.basic, &said)?
            .within(WITHIN)
            .at_most(BYTES)
            .send()
            .await?;
        let (status, answer) = (answer.status(), answer.bytes().await?);
        if status.is_server_error() || status.is_redirection() {
            return Err(Error::upstream(format!("its token endpoint answers {status}")));
        }
        let answer: Answer = serde_json::from_slice(&answer)
            .map_err(|cause| Error::upstream("its token endpoint answers no JSON").because(cause))?;
        Ok((status, answer))
    };
    let (status, answer) = provider.tried(asked.await)?;
    if let Some(error) = answer.error.as_deref()
        && let Some(known) = REFUSALS.iter().find(|known| **known == error)
    {
        tracing::warn!(
            upstream = provider.shown.name,
            error = known,
            "a provider of identities refuses the house"
        );
        return Err(Stop::Told(Problem::Unavailable, "refused"));
    }
    let bearer = answer.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    match answer.access_token {
        Some(access) if status == StatusCode::OK && answer.error.is_none() && bearer => {
            Ok(Tokens { access, id: answer.id_token })
        }
        _ => untrusted("code"),
    }
}

/// With our name and password there, in the header or in the form (RFC 6749 §2.3.1).
fn with_password(call: Call, provider: &Provider, basic: bool, said: &[(&str, &str); 3]) -> Result<Call> {
    let (id, secret) = (&*provider.client_id, provider.client_secret.expose());
    let mut form = vec![("grant_type", "authorization_code")];
    form.extend(said);
    if basic {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = Secret::new(format!("{}:{}", encoded(id), encoded(secret)));
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair.expose())))?;
        value.set_sensitive(true);
        return call.header(header::AUTHORIZATION, value).form(&form);
    }
    form.extend([("client_id", id), ("client_secret", secret)]);
    call.form(&form)
}

/// Who somebody is, with a name for them.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    about: About,
}

/// What userinfo says of the same person (OpenID Connect Core §5.3.2: another `sub` counts for nothing).
pub(super) async fn userinfo(
    ctx: &Ctx,
    identity: &Identity,
    provider: &Provider,
    at: &Url,
    access: &Secret,
    subject: &str,
) -> Outcome<About> {
    let info: UserInfo = provider.tried(get(ctx, identity, at, access).await)?;
    if info.sub != subject {
        return untrusted("userinfo");
    }
    Ok(info.about)
}

/// What stands at an address of the provider, for the bearer of a token.
pub(super) async fn get<T: serde::de::DeserializeOwned>(
    ctx: &Ctx,
    identity: &Identity,
    at: &Url,
    access: &Secret,
) -> Result<T> {
    let call = identity.out().call(&ctx.request, Method::GET, at)?.bearer(access);
    let call = call.header(header::ACCEPT, HeaderValue::from_static("application/json"));
    let answer = call.within(WITHIN).at_most(BYTES).send().await?;
    if answer.status() != StatusCode::OK {
        return Err(Error::upstream(format!("it answers {}; only 200 counts", answer.status())));
    }
    answer.json().await
}
