//! Forgetting what has expired.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::Result;
use stoa_jobs::{Job, Run};

use super::{clients, device, grants, proofs, requests};
use crate::Identity;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A client that registered itself and was never let in is forgotten after this long.
const UNUSED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Removes requests, codes, grants, devices, proofs and clients of no use any more.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sweep {}

impl Job for Sweep {
    const KIND: &'static str = "identity.sweep";
    type App = Identity;

    async fn run(self, _: Identity, run: Run) -> Result<Value> {
        let ctx = &run.ctx;
        let now = ctx.now();
        proofs::sweep(&ctx.db, now).await?;
        let forgotten = ctx
            .db
            .write(async |tx| {
                requests::store::remove_expired(tx, now).await?;
                // A spent code stays a day, so that its second use is known for what it is.
                grants::code::remove_expired(tx, now - DAY).await?;
                grants::store::remove_expired(tx, now).await?;
                device::store::remove_expired(tx, now - DAY).await?;
                let mut clients = 0;
                for kind in [clients::store::DYNAMIC, clients::store::DOCUMENT] {
                    clients += clients::store::remove_unused(tx, kind, now - UNUSED).await?;
                }
                Ok(clients)
            })
            .await?;
        Ok(json!({ "clients": forgotten }))
    }
}
