//! GitHub, which speaks OAuth 2.0 without OpenID: who somebody is stands in its API. The number of an account stays when its
//! name is given to somebody else, so the number says who it is.

use serde::Deserialize;
use stoa_core::Secret;
use stoa_store::Ctx;
use url::Url;

use super::{
    exchange::get,
    model::{Outcome, Proof, untrusted},
    provider::Provider,
};
use crate::Identity;

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

/// Where its API stands: on a server of one's own below the same address.
fn api(base: &str, path: &str) -> Result<Url, url::ParseError> {
    match base {
        "https://github.com" => Url::parse(&format!("https://api.github.com{path}")),
        own => Url::parse(&format!("{own}/api/v3{path}")),
    }
}

/// Who a token is about. An address counts only as the primary one, and only if GitHub verified it.
pub(super) async fn who(
    ctx: &Ctx,
    identity: &Identity,
    provider: &Provider,
    access: &Secret,
) -> Outcome<Proof> {
    let at = |path| api(&provider.base, path).map_err(stoa_core::Error::from);
    let user: User = provider.tried(get(ctx, identity, &at("/user")?, access).await)?;
    let all: Vec<Address> = provider.tried(get(ctx, identity, &at("/user/emails")?, access).await)?;
    let primary = all.iter().find(|address| address.primary);
    let proof = Proof::new(
        &provider.issuer,
        &user.id.to_string(),
        primary.map(|address| &*address.email),
        primary.is_some_and(|address| address.verified),
        [user.name.as_deref(), Some(&user.login)],
    );
    match proof {
        Some(proof) => Ok(proof),
        None => untrusted("subject"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_stands_beside_github_and_below_a_server_of_ones_own() {
        assert_eq!(api("https://github.com", "/user").unwrap().as_str(), "https://api.github.com/user");
        assert_eq!(api("https://git.example", "/user").unwrap().as_str(), "https://git.example/api/v3/user");
    }
}
