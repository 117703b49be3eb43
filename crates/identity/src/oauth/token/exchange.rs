//! Token exchange (RFC 8693): an agent gets a token of its own to act for a person, out of one that the person's client
//! has. Never more than that one: not in scopes, not in resources, not in time.

use stoa_core::{Audience, Scopes};

use super::{Tokens, issue::Desk};
use crate::{
    audit::{model::Action, ops::record},
    oauth::{
        access,
        error::{Outcome, Refusal},
        params::Params,
    },
};

/// The one kind of token that is taken and given.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub(super) async fn exchange(desk: &Desk<'_>, params: &Params) -> Outcome<Tokens> {
    let ctx = desk.ctx;
    if !desk.client.is_confidential() {
        return Err(Refusal::new("unauthorized_client", "an agent shows who it is"));
    }
    for name in ["subject_token_type", "requested_token_type"] {
        if params.get(name).is_some_and(|kind| kind != ACCESS_TOKEN) {
            return Err(Refusal::request(format!("`{name}` can only be `{ACCESS_TOKEN}`")));
        }
    }
    params.need("subject_token_type")?;
    if params.get("actor_token").is_some() {
        return Err(Refusal::request("the actor is the client that asks; send no `actor_token`"));
    }
    let refused = || Refusal::grant("the subject token is not valid");
    let subject = access::read(ctx, desk.identity, desk.issuer, params.need("subject_token")?).await?;
    let subject = subject.ok_or_else(refused)?;
    // A token that is bound to a key is worth nothing in other hands.
    if subject.said.cnf.is_some() || subject.grant.connection_id.is_none() {
        return Err(refused());
    }
    let scopes = subject.scopes.within(desk.client.said.scopes()).without(Scopes::OAUTH_ONLY);
    let mut extra = desk.narrowed(params, scopes, subject.audience)?;
    if extra.scopes.is_empty() || extra.audience == Audience::NONE {
        return Err(Refusal::new("invalid_scope", "nothing of the subject token can be passed on"));
    }
    extra.until = Some(subject.said.exp);
    let mut act = serde_json::json!({ "sub": desk.client.id() });
    if let Some(before) = &subject.said.act {
        if depth(before) >= 4 {
            return Err(Refusal::request("too many agents stand behind one another"));
        }
        act["act"] = before.clone();
    }
    extra.act = Some(act);
    let (user, agent) = (subject.user, desk.client.id().to_owned());
    ctx.db
        .write(async |tx| record(ctx, tx, Action::TokenExchanged, Some(user), Some(agent.clone())).await)
        .await?;
    let mut grant = subject.grant;
    grant.bound_to.clone_from(&desk.key);
    let mut tokens = desk.tokens(&grant, extra, None, None).await?;
    tokens.issued_token_type = Some(ACCESS_TOKEN);
    Ok(tokens)
}

/// How many agents stand behind one another (§4.1).
fn depth(act: &serde_json::Value) -> usize {
    std::iter::successors(Some(act), |act| act.get("act")).count()
}
