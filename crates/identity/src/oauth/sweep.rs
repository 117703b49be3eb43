//! Forgetting what has expired.

use std::time::Duration;

use stoa_core::Result;
use stoa_store::Ctx;

use super::{clients, device, grants, proofs, requests};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A client that registered itself and was never let in is forgotten after this long.
const UNUSED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Removes requests, codes, grants, devices, proofs and clients of no use any more. How many clients there were.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<u64> {
    let now = ctx.now();
    proofs::sweep(&ctx.db, now).await?;
    ctx.db
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
            if clients > 0 {
                ctx.store.epoch.raise(tx).await?;
            }
            Ok(clients)
        })
        .await
}
