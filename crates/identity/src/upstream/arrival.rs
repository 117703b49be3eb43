//! A browser comes back from a provider. Nothing that it brings is believed before it is known that this very browser began
//! this very attempt with this very provider (OAuth 2.1 §7.5, §7.9; RFC 9207 §2.4; ASVS 10.1.2, 10.2.1, 10.2.2).

use stoa_core::{Error, Result, Secret};
use stoa_store::Ctx;

use super::{
    account::{self, Done},
    config::UpstreamKind,
    exchange::{self, exchange},
    github, id_token,
    model::{Outcome, Problem, Proof, Purpose, Remembered, Stop, untrusted},
    ops::{place, redirect_uri},
    provider::Provider,
    store::{self, Attempt},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    oauth::params::Params,
    sessions::{model::Device, second::Second},
};

/// Who comes back, and with what.
pub(super) struct Arrival<'a> {
    /// Our own address.
    pub(super) house: &'a str,
    /// The provider, as the address says.
    pub(super) name: &'a str,
    /// What the query says; nothing where it says something twice.
    pub(super) params: Option<&'a Params>,
    /// What the cookie says.
    pub(super) browser: Option<&'a str>,
    /// What the browser calls itself.
    pub(super) device: &'a Device,
}

/// Where somebody ends who came back.
pub(super) enum End {
    /// They are in; the token is for the cookie.
    In { token: Secret, return_to: Option<String> },
    /// They have a second factor, and must show it.
    Second { second: Second, return_to: Option<String> },
    /// It is linked.
    Linked,
    /// It did not work. `linking`: for somebody who is signed in.
    Refused { problem: Problem, linking: bool },
}

/// Takes somebody in who comes back from a provider.
///
/// # Errors
/// `not_found` for a provider that is not configured; else only a fault of ours: what others do wrong is an [`End`].
pub(super) async fn arrive(ctx: &Ctx, identity: &Identity, arrival: &Arrival<'_>) -> Result<End> {
    let provider = identity.upstreams().named(arrival.name);
    let provider = provider.ok_or_else(|| Error::not_found("there is no such provider here"))?;
    let taken = take(ctx, arrival).await?;
    let purpose = taken.as_ref().map_or(Purpose::SignIn, |(attempt, _)| attempt.purpose);
    let end = match taken {
        Some((attempt, state)) => go_on(ctx, identity, provider, arrival, attempt, state).await,
        None => Err(Stop::Told(Problem::Expired, "state")),
    };
    let (problem, why) = match end {
        Ok(end) => return Ok(end),
        Err(Stop::Fault(error)) => return Err(error),
        Err(Stop::Told(problem, why)) => (problem, why),
    };
    let account = match purpose {
        Purpose::Link(user, _) => Some(user),
        Purpose::SignIn => None,
    };
    let subject = format!("{} {}: {why}", arrival.name, problem.as_str());
    ctx.db
        .write(async |tx| record(ctx, tx, Action::UpstreamRefused, account, Some(subject.clone())).await)
        .await?;
    Ok(End::Refused { problem, linking: account.is_some() })
}

/// The attempt that this browser began, once, with its state.
async fn take<'a>(ctx: &Ctx, arrival: &Arrival<'a>) -> Result<Option<(Attempt, &'a str)>> {
    let state = arrival.params.and_then(|params| params.get("state"));
    let (Some(state), Some(browser)) = (state, arrival.browser) else { return Ok(None) };
    let attempt = ctx.db.write(async |tx| store::take(tx, state, browser, ctx.now()).await).await?;
    Ok(attempt.map(|attempt| (attempt, state)))
}

async fn go_on(
    ctx: &Ctx,
    identity: &Identity,
    provider: &Provider,
    arrival: &Arrival<'_>,
    attempt: Attempt,
    state: &str,
) -> Outcome<End> {
    let remembered = ctx.store.ring.open(&place(state), &attempt.sealed)?;
    let remembered: Remembered = serde_json::from_slice(&remembered).map_err(Error::from)?;
    let code = said_by(provider, arrival, &attempt, &remembered)?;
    if let Purpose::Link(user, session) = attempt.purpose
        && !ctx.actor.at_the_browser().is_ok_and(|(now, here)| now.id == user && here == session)
    {
        return Err(Stop::Told(Problem::SignedOut, "session"));
    }
    let proof = prove(ctx, identity, provider, arrival.house, code, &remembered).await?;
    let return_to = attempt.return_to;
    match attempt.purpose {
        Purpose::Link(user, session) => {
            account::link_to(ctx, provider, &proof, user, session).await?;
            Ok(End::Linked)
        }
        Purpose::SignIn => {
            let invite = remembered.invite.map(Secret::new);
            match account::sign_in(ctx, identity, &proof, invite.as_ref(), arrival.device).await? {
                Done::Second(second) => Ok(End::Second { second, return_to }),
                Done::In(entered) => {
                    let (_, token) = entered.settled(ctx).await?;
                    Ok(End::In { token, return_to })
                }
            }
        }
    }
}

/// The code, if it is this provider who sent it. Of an answer whose sender is in doubt not even the error counts.
fn said_by<'a>(
    provider: &Provider,
    arrival: &Arrival<'a>,
    attempt: &Attempt,
    remembered: &Remembered,
) -> Outcome<&'a str> {
    if attempt.upstream != provider.shown.name {
        return untrusted("another provider");
    }
    // The configuration was changed meanwhile: what was begun there is not finished here.
    if attempt.issuer != provider.issuer {
        return untrusted("another issuer");
    }
    let Some(params) = arrival.params else { return untrusted("parameters") };
    match params.get("iss") {
        Some(issuer) if issuer != provider.issuer => return untrusted("iss"),
        None if remembered.names_itself => return untrusted("no iss"),
        Some(_) | None => {}
    }
    match (params.get("error"), params.get("code")) {
        (Some("access_denied"), _) => Err(Stop::Told(Problem::Declined, "access_denied")),
        (Some(_), _) => Err(Stop::Told(Problem::Unavailable, "error")),
        (None, Some(code)) => Ok(code),
        (None, None) => untrusted("no code"),
    }
}

/// Who the provider says it is. Its tokens are dropped at the end of this.
async fn prove(
    ctx: &Ctx,
    identity: &Identity,
    provider: &Provider,
    house: &str,
    code: &str,
    remembered: &Remembered,
) -> Outcome<Proof> {
    let metadata = provider.tried(provider.metadata(ctx, identity).await)?;
    let back = redirect_uri(house, &provider.shown.name);
    let said = [("code", code), ("redirect_uri", &*back), ("code_verifier", &*remembered.verifier)];
    let tokens = exchange(ctx, identity, provider, &metadata, said).await?;
    if provider.shown.kind == UpstreamKind::Github {
        return github::who(ctx, identity, provider, &tokens.access).await;
    }
    let (subject, mut about) =
        id_token::checked(ctx, identity, provider, &metadata, &tokens, &remembered.nonce).await?;
    // Some say the address only there (OpenID Connect Core §5.4).
    if about.email.is_none()
        && let Some(at) = &metadata.userinfo_endpoint
    {
        about = exchange::userinfo(ctx, identity, provider, at, &tokens.access, &subject).await?;
    }
    let names = [about.name.as_deref(), about.preferred_username.as_deref()];
    let proof = Proof::new(&provider.issuer, &subject, about.email.as_deref(), about.is_verified(), names);
    proof.map_or_else(|| untrusted("subject"), Ok)
}
