//! The job that sends a letter.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, Kind, Result};
use stoa_jobs::{Job, Policy, Run};

use super::{
    line::Outgoing,
    model::{LINK_LINE, LetterId, State},
    ops,
    store::{self, Model},
};
use crate::Identity;

/// Sends a letter, or leaves it in the outbox where there is no mail server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Send {
    pub(crate) letter: LetterId,
}

impl Job for Send {
    const KIND: &'static str = "identity.mail";
    /// Eight tries over some twenty minutes: what passes by itself has passed by then.
    const POLICY: Policy =
        Policy { attempts: 8, deadline: Duration::from_secs(300), pause: Duration::from_secs(10) };
    type App = Identity;

    async fn run(self, app: Identity, run: Run) -> Result<Value> {
        let ctx = &run.ctx;
        let done = json!({});
        let row = store::find(&ctx.db.reads(), self.letter).await?;
        // Erased, or sent by a run that was taken for dead.
        let Some(row) = row.filter(|row| row.state == State::Queued.as_str()) else { return Ok(done) };
        if app.line().is_none() || row.is_blank() {
            ctx.db
                .write(async |tx| {
                    if row.is_blank() {
                        store::remove(tx, row.id).await?;
                    } else {
                        store::set_stays(tx, row.id, State::Kept, None).await?;
                    }
                    run.finish(tx, &done).await
                })
                .await?;
            return Ok(done);
        }
        match send(&app, &run, &row).await {
            Ok(()) => {
                ctx.db
                    .write(async |tx| {
                        store::set_sent(tx, row.id, ctx.now()).await?;
                        run.finish(tx, &done).await
                    })
                    .await?;
                Ok(done)
            }
            Err(why) if why.kind() == Kind::Invalid || run.attempt >= Self::POLICY.attempts => {
                give_up(&run, &row, &why).await?;
                Ok(done)
            }
            Err(why) => Err(why),
        }
    }
}

/// A letter that nobody takes is no fault of the house's: it says so in the outbox.
async fn give_up(run: &Run, row: &Model, why: &Error) -> Result<()> {
    tracing::warn!(letter = %row.id, said = why.said(), cause = why.cause(), "a letter could not be sent");
    run.ctx
        .db
        .write(async |tx| {
            store::set_stays(tx, row.id, State::Failed, Some(why.said())).await?;
            run.finish(tx, &json!({})).await
        })
        .await
}

async fn send(app: &Identity, run: &Run, row: &Model) -> Result<()> {
    let ctx = &run.ctx;
    let mut text = row.body.clone();
    if let Some(link) = row.link()? {
        if link.until <= ctx.now() {
            return Err(Error::invalid("its link had expired before it could be sent"));
        }
        let house = app.public_url()?;
        let token = ctx
            .db
            .write(async |tx| {
                run.hold(tx).await?;
                ops::mint(ctx, tx, &link).await
            })
            .await?;
        let address = link.to.address(house, &token);
        let lines = text.lines().map(|line| if line == LINK_LINE { address.expose() } else { line });
        text = lines.collect::<Vec<_>>().join("\n");
    }
    let line = app.line().ok_or_else(|| Error::internal("there is no mail server"))?;
    let letter = Outgoing { id: row.id, to: &row.address, subject: &row.subject, text, at: row.created_at };
    line.send(letter).await
}
