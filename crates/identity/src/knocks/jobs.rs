//! The job that looks whether an address has an account, and does what was asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Result, digest};
use stoa_jobs::{Job, Policy, Run};
use stoa_store::Class;

use super::{
    model::{Kind, Knock, KnockId},
    store,
};
use crate::{
    Identity, lockout,
    mail::{self, model::Letter},
    recovery, signup,
};

/// Does what was asked about an address. Its input says neither what nor whose: the row does, and goes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) knock: KnockId,
}

impl Job for Answer {
    const KIND: &'static str = "identity.knock";
    const POLICY: Policy =
        Policy { attempts: 8, deadline: Duration::from_secs(60), pause: Duration::from_secs(1) };
    type App = Identity;

    async fn run(self, app: Identity, run: Run) -> Result<Value> {
        let (ctx, done) = (&run.ctx, json!({}));
        let Some(knock) = store::find(&ctx.db.reads(), self.knock).await? else { return Ok(done) };
        let welcome = run.attempt > 1 || is_welcome(&run, &app, &knock).await?;
        ctx.db
            .write(async |tx| {
                if store::take(tx, self.knock).await? && welcome {
                    let letter = match knock.kind {
                        Kind::SignUp => signup::ops::letter(ctx, tx, &knock).await?,
                        Kind::Resend => signup::ops::letter_again(ctx, tx, &knock).await?,
                        Kind::Forgot => recovery::ops::letter(tx, &knock).await?,
                        Kind::Locked => lockout::ops::letter(tx, &app, &knock).await?,
                    };
                    // Who asks right after may feel what is done here: it is as much for an address of nobody's.
                    mail::ops::post(ctx, tx, &letter.unwrap_or_else(Letter::blank)).await?;
                }
                run.finish(tx, &done).await
            })
            .await?;
        Ok(done)
    }
}

/// Nobody's letter box is filled by others: so many letters an hour for one address, whoever asks. The letter about a
/// lock is not counted, there is one for each lock.
async fn is_welcome(run: &Run, app: &Identity, knock: &Knock) -> Result<bool> {
    if knock.kind == Kind::Locked {
        return Ok(true);
    }
    let class = Class {
        name: "letters",
        limit: app.config().login.letters_per_hour,
        per: Duration::from_secs(3600),
        lasting: true,
    };
    let (ctx, key) = (&run.ctx, digest(&knock.email_key).hex());
    Ok(ctx.store.counters.take(&ctx.db, &class, &key, ctx.now()).await?.allowed)
}
