//! The job that forgets what has had its time: every hour, on whichever node asks first.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::Result;
use stoa_jobs::{Job, Run};

use crate::{Identity, export, invites, knocks, lockout, mail, oauth, sessions, signup, upstream};

/// A knock that no job took in this time never will be: its job was given up.
const KNOCKS_LAST: Duration = Duration::from_secs(24 * 60 * 60);

/// Forgets what has had its time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sweep {}

impl Job for Sweep {
    const KIND: &'static str = "identity.sweep";
    type App = Identity;

    async fn run(self, app: Identity, run: Run) -> Result<Value> {
        let (ctx, now) = (&run.ctx, run.ctx.now());
        export::ops::sweep(ctx).await?;
        sessions::ops::sweep(ctx, now).await?;
        signup::ops::sweep(ctx, now).await?;
        upstream::ops::sweep(ctx, now).await?;
        invites::ops::sweep(ctx, now).await?;
        knocks::ops::sweep(ctx, now - KNOCKS_LAST).await?;
        lockout::ops::sweep(ctx, &app, now).await?;
        let letters = mail::ops::sweep(ctx, now - app.config().mail.keep()).await?;
        let clients = oauth::sweep(ctx).await?;
        Ok(json!({ "letters": letters, "clients": clients }))
    }
}
