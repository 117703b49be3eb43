//! The job that tells a client that somebody signed out.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, Kind, Result, UserId};
use stoa_jobs::{Job, Policy, Run};
use url::Url;

use super::model::{LogoutToken, SignOnId, TYP};
use crate::{
    Identity,
    oauth::{clients::store, id_token},
};

/// Tells one client (OpenID Connect Back-Channel Logout §2.5). It may be told twice; each token has a name of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tell {
    pub(crate) client: String,
    pub(crate) user: UserId,
    pub(crate) sid: SignOnId,
}

/// Time for the whole call.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most bytes of an answer; nobody reads it.
const ANSWER_BYTES: usize = 16 << 10;

impl Job for Tell {
    const KIND: &'static str = "identity.backchannel_logout";
    /// Five tries over some five minutes: who has not heard then finds the tokens expired.
    const POLICY: Policy =
        Policy { attempts: 5, deadline: Duration::from_secs(30), pause: Duration::from_secs(20) };
    type App = Identity;

    async fn run(self, app: Identity, run: Run) -> Result<Value> {
        let why = match self.post(&app, &run).await {
            Ok(Heard::Yes) => return Ok(json!({ "told": true })),
            Ok(Heard::NobodyAsks) => return Ok(json!({ "told": false })),
            Ok(Heard::No(status)) => Error::invalid(format!("it answers {status}")),
            Err(why) if why.kind() == Kind::Internal => return Err(why),
            Err(why) if why.kind() != Kind::Invalid && run.attempt < Self::POLICY.attempts => {
                return Err(why);
            }
            Err(why) => why,
        };
        // That a client does not listen is no fault of the house's.
        tracing::warn!(
            client = self.client,
            said = why.said(),
            "a client could not be told that somebody signed out"
        );
        Ok(json!({ "told": false }))
    }
}

/// What became of a call.
enum Heard {
    Yes,
    /// The client is gone, or does not want to be told any more.
    NobodyAsks,
    /// It refuses, and would again.
    No(StatusCode),
}

impl Tell {
    async fn post(&self, app: &Identity, run: &Run) -> Result<Heard> {
        let ctx = &run.ctx;
        let Some(row) = store::find(&ctx.db.reads(), &self.client).await? else {
            return Ok(Heard::NobodyAsks);
        };
        let said = row.said()?;
        let Some(address) = &said.backchannel_logout_uri else { return Ok(Heard::NobodyAsks) };
        let issuer = app.public_url()?.as_str().trim_end_matches('/');
        let (sub, jti) = (self.user.to_string(), ctx.rng().token::<16>());
        let claims = LogoutToken::new(issuer, &self.client, sub, self.sid, ctx.now(), jti);
        let token = app.keys().sign(ctx, id_token::algorithm(&said), TYP, &claims).await?;
        let answer = app
            .out()
            .call(&ctx.request, Method::POST, &Url::parse(address)?)?
            .form(&[("logout_token", token)])?
            .within(PATIENCE)
            .at_most(ANSWER_BYTES)
            .send()
            .await?;
        match answer.status() {
            // §2.8 says 200; 204 is what some frameworks make of it.
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(Heard::Yes),
            busy if busy.is_server_error() || busy == StatusCode::TOO_MANY_REQUESTS => {
                Err(Error::upstream(format!("it answers {busy}")))
            }
            other => Ok(Heard::No(other)),
        }
    }
}
