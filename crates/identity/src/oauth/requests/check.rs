//! What a client may ask for, and how.

use stoa_core::{Audience, Scopes, UserId};
use stoa_store::Ctx;
use url::Url;

use super::back::Back;
use crate::{
    Identity,
    oauth::{
        clients::authentication::Client,
        error::{Outcome, Refusal},
        grants::model::Asked,
        id_token,
        params::Params,
    },
};

/// Longest `state` and `nonce`, in bytes.
const TEXT_BYTES: usize = 2048;

/// `response_mode` of an answer that is posted.
const FORM_POST: &str = "form_post";

/// Why a request is not taken.
pub(crate) enum Wrong {
    /// Nobody knows where to send the browser: the person is told (OAuth 2.1 §4.1.2.1).
    Here(Refusal),
    /// The client is told, at an address that it registered.
    There { back: Back, refusal: Refusal },
}

/// Checks all of a request. First where an answer may be sent, then what is asked.
pub(crate) fn check(client: &Client, issuer: &str, params: &Params) -> Result<Asked, Wrong> {
    let back = back(client, params).map_err(Wrong::Here)?;
    asked(client, issuer, params, &back).map_err(|refusal| Wrong::There { back, refusal })
}

/// The way back, which holds for refusals too.
pub(crate) fn back(client: &Client, params: &Params) -> Outcome<Back> {
    let redirect_uri = redirect(client, params)?;
    let state = params.get("state").filter(|state| state.len() <= TEXT_BYTES).map(str::to_owned);
    let form_post = params.get("response_mode") == Some(FORM_POST) && redirect_uri.starts_with("http");
    Ok(Back { redirect_uri, state, form_post })
}

/// The address to go back to: one that the client registered, to the letter.
fn redirect(client: &Client, params: &Params) -> Outcome<String> {
    match (params.get("redirect_uri"), &*client.said.redirect_uris) {
        (Some(asked), _) if client.said.allows_redirect(asked) => Ok(asked.to_owned()),
        // OpenID clients always say where to (OpenID Connect Core §3.1.2.1); for others one address needs no name.
        (None, [only]) if !names_openid(params) => Ok(only.clone()),
        (None, _) => Err(Refusal::request("`redirect_uri` is missing")),
        (Some(_), _) => Err(Refusal::request("`redirect_uri` is none that the client registered")),
    }
}

fn names_openid(params: &Params) -> bool {
    params.get("scope").is_some_and(|scope| Scopes::known_of(scope).has(Scopes::OPENID))
}

fn asked(client: &Client, issuer: &str, params: &Params, back: &Back) -> Outcome<Asked> {
    if params.get("request").is_some() {
        return Err(Refusal::new("request_not_supported", "push the request in place of signing it"));
    }
    match params.get("response_type") {
        Some("code") => client.must_be_allowed("authorization_code")?,
        Some(_) => return Err(Refusal::new("unsupported_response_type", "only `code` is supported")),
        None => return Err(Refusal::request("`response_type` is missing")),
    }
    match params.get("response_mode") {
        None | Some("query") => {}
        Some(FORM_POST) if back.form_post => {}
        Some(FORM_POST) => return Err(Refusal::request("a form is posted to addresses of the web only")),
        Some(_) => return Err(Refusal::request("`response_mode` is `query` or `form_post`")),
    }
    let challenge = challenge(client, params)?;
    for name in ["state", "nonce"] {
        if params.get(name).is_some_and(|text| text.len() > TEXT_BYTES) {
            return Err(Refusal::request(format!("`{name}` has at most {TEXT_BYTES} bytes")));
        }
    }
    let prompts: Vec<&str> = params.get("prompt").unwrap_or_default().split_ascii_whitespace().collect();
    if prompts.contains(&"none") && prompts.len() > 1 {
        return Err(Refusal::request("`prompt=none` stands alone"));
    }
    let max_age = params
        .get("max_age")
        .map(|text| text.parse::<u64>().map_err(|_| Refusal::request("`max_age` is a number of seconds")));
    let bound_to = params.get("dpop_jkt").map(str::to_owned);
    if bound_to.as_ref().is_some_and(|key| key.len() != 43) {
        return Err(Refusal::request("`dpop_jkt` is a SHA-256 thumbprint in base64url"));
    }
    let wanted = wanted(client, issuer, params)?;
    Ok(Asked {
        client_id: client.id().to_owned(),
        redirect_uri: Some(back.redirect_uri.clone()),
        scopes: wanted.scopes.to_string(),
        audience: wanted.audience.paths().map(str::to_owned).collect(),
        state: params.get("state").map(str::to_owned),
        challenge,
        nonce: params.get("nonce").map(str::to_owned),
        login: prompts.contains(&"login"),
        max_age: max_age.transpose()?,
        consent: prompts.contains(&"consent"),
        bound_to,
        form_post: back.form_post,
        hidden: prompts.contains(&"none"),
        login_hint: params.get("login_hint").filter(|hint| is_address(hint)).map(str::to_owned),
        subject: None,
    })
}

/// Whether a hint looks like an address of mail; others mean nothing here.
fn is_address(hint: &str) -> bool {
    hint.len() <= 254 && hint.contains('@') && !hint.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// PKCE, only by a hash (RFC 7636 §4.2), and for everybody but OpenID clients that show who they are at the token
/// endpoint and compare their nonce: there a code that somebody slipped in is found out by that (OAuth 2.1 §7.5.1).
fn challenge(client: &Client, params: &Params) -> Outcome<Option<String>> {
    let said = params.get("code_challenge").is_some() || params.get("code_challenge_method").is_some();
    if !said && client.is_confidential() && names_openid(params) && params.get("nonce").is_some() {
        return Ok(None);
    }
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::request("`code_challenge_method` must be there and be `S256`"));
    }
    let challenge = params.need("code_challenge")?;
    let sane = challenge.len() == 43
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if sane {
        Ok(Some(challenge.to_owned()))
    } else {
        Err(Refusal::request("`code_challenge` is the SHA-256 of the verifier in base64url, 43 characters"))
    }
}

/// Whom the client asks for, by an ID token that it got of us, however old (OpenID Connect Core §3.1.2.1).
pub(crate) async fn subject(
    ctx: &Ctx,
    identity: &Identity,
    issuer: &str,
    client: &Client,
    params: &Params,
) -> Outcome<Option<UserId>> {
    let Some(token) = params.get("id_token_hint") else { return Ok(None) };
    let hint = id_token::hint(ctx, identity, issuer, token).await?.filter(|hint| hint.aud == client.id());
    let hint =
        hint.ok_or_else(|| Refusal::request("`id_token_hint` is no ID token that this client got here"))?;
    Ok(Some(hint.sub))
}

/// What is asked for, as far as the client may have it.
pub(crate) struct Wanted {
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
}

/// What a client gets that names no scope: what an assistant needs for its first question.
const USUAL: Scopes = Scopes::TASKS_READ.and(Scopes::TASKS_WRITE);

/// Reads `scope` and `resource`.
pub(crate) fn wanted(client: &Client, issuer: &str, params: &Params) -> Outcome<Wanted> {
    let named = params.get("scope");
    let mut scopes = match named {
        Some(text) => Scopes::known_of(text),
        None if client.said.scope.is_some() => client.said.scopes(),
        None => USUAL,
    };
    scopes = scopes.within(client.said.scopes());
    if !client.said.may("refresh_token") {
        scopes = scopes.without(Scopes::OFFLINE_ACCESS);
    }
    if scopes.without(Scopes::OFFLINE_ACCESS).is_empty() {
        return Err(Refusal::new("invalid_scope", "`scope` names nothing that this client can have"));
    }
    let mut audience = resources(issuer, params)?;
    if audience.is_empty() {
        // Clients from before RFC 8707 mean whatever their scopes open.
        audience = Audience::API.and(Audience::MCP);
    }
    if scopes.has(Scopes::OPENID) {
        audience = audience.and(Audience::USERINFO);
    }
    Ok(Wanted { scopes, audience })
}

/// The resources that are named (RFC 8707 §2): ours, whatever the case of the host, with or without a last slash.
pub(crate) fn resources(issuer: &str, params: &Params) -> Outcome<Audience> {
    let mut all = Audience::NONE;
    for text in params.all("resource") {
        let target = |why: &'static str| Refusal::new("invalid_target", why);
        let url = Url::parse(text).map_err(|_| target("`resource` is no absolute address"))?;
        if text.contains('#') {
            return Err(target("`resource` has no fragment"));
        }
        let path = url.as_str().trim_end_matches('/').strip_prefix(issuer).and_then(Audience::of_path);
        all = all.and(path.ok_or_else(|| target("`resource` is none of this server's"))?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G8 A2, A3; G2 R21.
    #[test]
    fn only_our_own_resources_can_be_asked_for() {
        let read = |text: &str| {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("resource", text).finish();
            resources("https://stoa.example", &Params::read(query.as_bytes()).unwrap())
        };
        for mcp in ["https://stoa.example/mcp", "HTTPS://STOA.example/mcp", "https://stoa.example:443/mcp/"] {
            assert_eq!(read(mcp).unwrap(), Audience::MCP, "{mcp}");
        }
        for bad in [
            "https://stoa.example/mcp#x",
            "https://other.example/mcp",
            "https://stoa.example.evil/mcp",
            "/mcp",
            "https://stoa.example",
            "http://stoa.example/mcp",
            "https://stoa.example/mcp?x=1",
        ] {
            assert_eq!(read(bad).err().unwrap().said().unwrap().code, "invalid_target", "{bad}");
        }
    }
}
