//! Writing a knock down.

use stoa_core::{Actor, Id, Result, Timestamp};
use stoa_jobs::later;
use stoa_store::{Ctx, Tx};

use super::{
    jobs::Answer,
    model::{Kind, Knock},
    store,
};

/// Writes down what is asked about an address, in the caller's transaction. The same statements for every address.
pub(crate) async fn knock<T>(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: Kind,
    email_key: &str,
    subject: Id<T>,
) -> Result<()> {
    let id = ctx.id();
    let subject = Id::from_uuid(subject.uuid());
    let knock = Knock { kind, email_key: email_key.into(), subject, ip: ctx.address, at: ctx.now() };
    store::add(tx, id, &knock).await?;
    later(&ctx.acting(Actor::House), tx, &Answer { knock: id }).await?;
    Ok(())
}

/// Forgets those that no job took. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx, before: Timestamp) -> Result<()> {
    ctx.db.write(async |tx| store::remove_before(tx, before).await).await
}
