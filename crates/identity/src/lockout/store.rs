//! The table `identity_attempt`.

use sea_orm::{ConnectionTrait, Statement, Value};
use stoa_core::{Digest, Error, Id, Result, Timestamp};
use stoa_store::{Db, Tx, Uncertain};

/// A lock.
#[derive(Debug)]
pub(crate) enum LockTag {}
/// The id of a lock.
pub(crate) type LockId = Id<LockTag>;

/// One try, still to be counted.
pub(crate) struct Try {
    pub(crate) address: Digest,
    pub(crate) now: Timestamp,
    /// What lies before this is forgotten.
    pub(crate) begin: Timestamp,
    /// How many are allowed in a row.
    pub(crate) limit: u32,
    /// The lock, and its end, if this one is too many.
    pub(crate) lock: LockId,
    pub(crate) lock_until: Timestamp,
}

/// What stands after a try was counted.
pub(crate) struct Stand {
    pub(crate) locked_until: Timestamp,
    pub(crate) lock: LockId,
}

/// Counts a try in one statement, so that of many at once exactly `limit` are allowed and one sees itself as the one
/// that locked. While a lock lasts nothing changes; after it, counting begins anew.
const COUNT: &str = "\
    INSERT INTO identity_attempt (digest, tries, since, locked_until, lock_id) VALUES ($1, 1, $2, 0, $5) \
    ON CONFLICT (digest) DO UPDATE SET \
    tries = CASE WHEN identity_attempt.locked_until > $2 THEN identity_attempt.tries \
        WHEN identity_attempt.tries > $4 OR identity_attempt.since <= $3 THEN 1 \
        ELSE identity_attempt.tries + 1 END, \
    since = CASE WHEN identity_attempt.locked_until > $2 THEN identity_attempt.since \
        WHEN identity_attempt.tries > $4 OR identity_attempt.since <= $3 THEN $2 \
        ELSE identity_attempt.since END, \
    lock_id = CASE WHEN identity_attempt.locked_until <= $2 AND identity_attempt.since > $3 \
        AND identity_attempt.tries = $4 THEN $5 ELSE identity_attempt.lock_id END, \
    locked_until = CASE WHEN identity_attempt.locked_until <= $2 AND identity_attempt.since > $3 \
        AND identity_attempt.tries = $4 THEN $6 ELSE identity_attempt.locked_until END";

/// Where a try neither locks nor comes while a lock lasts.
const USUAL: &str = "WHERE identity_attempt.locked_until <= $2 \
    AND (identity_attempt.since <= $3 OR identity_attempt.tries <> $4)";

fn counting(db: &impl ConnectionTrait, one: &Try, only: &str) -> Statement {
    let sql = format!("{COUNT} {only} RETURNING locked_until, lock_id");
    let values: [Value; 6] = [
        key(one.address),
        one.now.into(),
        one.begin.into(),
        i64::from(one.limit).into(),
        one.lock.into(),
        one.lock_until.into(),
    ];
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Counts a try if it is a usual one, and says whether it was. It need not share a transaction with anything.
pub(crate) async fn count_usual(db: &Db, one: &Try) -> Result<bool> {
    Ok(!db.write_one_uncertain(Uncertain, counting(&db.reads(), one, USUAL)).await?.is_empty())
}

/// Counts a try, whatever comes of it.
pub(crate) async fn count(tx: &Tx, one: &Try) -> Result<Stand> {
    let row = tx.query_one_raw(counting(tx, one, "")).await?;
    let row = row.ok_or_else(|| Error::internal("a try was not counted"))?;
    Ok(Stand { locked_until: row.try_get("", "locked_until")?, lock: row.try_get("", "lock_id")? })
}

/// Forgets the tries for an address, unless it is locked.
pub(crate) async fn forget(tx: &Tx, address: Digest, now: Timestamp) -> Result<()> {
    let sql = "DELETE FROM identity_attempt WHERE digest = $1 AND locked_until <= $2";
    run(tx, sql, [key(address), now.into()]).await.map(drop)
}

/// Forgets the tries for an address, locked or not.
pub(crate) async fn clear(tx: &Tx, address: Digest) -> Result<()> {
    run(tx, "DELETE FROM identity_attempt WHERE digest = $1", [key(address)]).await.map(drop)
}

/// Ends this lock, if it is still the one that holds.
pub(crate) async fn unlock(tx: &Tx, address: Digest, lock: LockId) -> Result<bool> {
    let sql = "DELETE FROM identity_attempt WHERE digest = $1 AND lock_id = $2";
    Ok(run(tx, sql, [key(address), lock.into()]).await? > 0)
}

/// Forgets what no longer counts.
pub(crate) async fn remove_before(tx: &Tx, begin: Timestamp, now: Timestamp) -> Result<()> {
    let sql = "DELETE FROM identity_attempt WHERE since <= $1 AND locked_until <= $2";
    run(tx, sql, [begin.into(), now.into()]).await.map(drop)
}

async fn run<const N: usize>(tx: &Tx, sql: &str, values: [Value; N]) -> Result<u64> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

fn key(address: Digest) -> Value {
    address.as_bytes().to_vec().into()
}
