//! `client_credentials`: a client for itself (OAuth 2.1 §4.2). It works with the account that an admin gave it.

use stoa_core::Scopes;

use super::{
    Tokens,
    issue::{Desk, Extra},
};
use crate::oauth::{
    error::{Outcome, Refusal},
    grants::{
        model::Shown,
        ops::{self, NewGrant},
    },
    params::Params,
    requests::check::wanted,
};

pub(super) async fn grant(desk: &Desk<'_>, params: &Params) -> Outcome<Tokens> {
    let (ctx, client) = (desk.ctx, desk.client);
    let user = client.row.service_user_id.filter(|_| client.is_confidential());
    let user = user.ok_or_else(|| {
        Refusal::new("unauthorized_client", "this client has no account of its own to work with")
    })?;
    let wanted = wanted(client, desk.issuer, params)?;
    // What only says something about a person is not for a client.
    let scopes = wanted.scopes.without(Scopes::OAUTH_ONLY);
    if scopes.is_empty() {
        return Err(Refusal::new("invalid_scope", "`scope` names nothing that a client can have for itself"));
    }
    let id = ctx.id();
    let (grant, _) = ctx
        .db
        .write(async |tx| {
            let grant = NewGrant {
                id,
                connection: None,
                user,
                client_id: client.id(),
                session: None,
                scopes,
                audience: wanted.audience,
                bound_to: desk.key.clone(),
                shown: Shown { at: ctx.now(), methods: String::new() },
                lasting: false,
            };
            ops::make(ctx, desk.identity, tx, grant).await
        })
        .await?;
    let extra = Extra { scopes, audience: wanted.audience, until: None, act: None };
    Ok(desk.tokens(&grant, extra, None, None).await?)
}
