//! The tables `identity_totp`, `identity_backup_code` and `identity_factor_try`.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use stoa_core::{Digest, Error, Result, Timestamp, UserId};
use stoa_store::Tx;

use crate::passkeys;

/// The one-time codes of an account.
#[derive(FromQueryResult)]
pub(crate) struct Totp {
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) confirmed_at: Option<Timestamp>,
}

fn sql<const N: usize>(db: &impl ConnectionTrait, text: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), text, values)
}

async fn affected<const N: usize>(tx: &Tx, text: &str, values: [Value; N]) -> Result<u64> {
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected())
}

/// Begins anew with another secret. False where one is confirmed already.
pub(crate) async fn put_totp(tx: &Tx, user: UserId, secret: Vec<u8>, now: Timestamp) -> Result<bool> {
    let text = "INSERT INTO identity_totp (user_id, secret, last_step, created_at) VALUES ($1, $2, 0, $3) \
        ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at \
        WHERE identity_totp.confirmed_at IS NULL";
    Ok(affected(tx, text, [user.into(), secret.into(), now.into()]).await? > 0)
}

/// The one-time codes of an account, confirmed or not.
pub(crate) async fn totp(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Totp>> {
    let text = "SELECT secret, created_at, confirmed_at FROM identity_totp WHERE user_id = $1";
    let row = db.query_one_raw(sql(db, text, [user.into()])).await?;
    Ok(row.map(|row| Totp::from_query_result(&row, "")).transpose()?)
}

/// Confirms the pending secret that was read, with the step whose code was shown. False where it is gone, another,
/// or confirmed.
pub(crate) async fn confirm_totp(
    tx: &Tx,
    user: UserId,
    secret: Vec<u8>,
    step: i64,
    now: Timestamp,
) -> Result<bool> {
    let text = "UPDATE identity_totp SET confirmed_at = $4, last_step = $3 \
        WHERE user_id = $1 AND secret = $2 AND confirmed_at IS NULL";
    Ok(affected(tx, text, [user.into(), secret.into(), step.into(), now.into()]).await? > 0)
}

/// Uses a time step. Of many who try at once, on whatever node, one succeeds; an older step never does again.
pub(crate) async fn use_step(tx: &Tx, user: UserId, step: i64) -> Result<bool> {
    let text = "UPDATE identity_totp SET last_step = $2 \
        WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
    Ok(affected(tx, text, [user.into(), step.into()]).await? > 0)
}

/// Removes the one-time codes. Whether they were confirmed; nothing where there were none.
pub(crate) async fn remove_totp(tx: &Tx, user: UserId) -> Result<Option<bool>> {
    let text = "DELETE FROM identity_totp WHERE user_id = $1 RETURNING confirmed_at";
    let row = tx.query_one_raw(sql(tx, text, [user.into()])).await?;
    let confirmed_at = row.map(|row| row.try_get::<Option<Timestamp>>("", "confirmed_at")).transpose()?;
    Ok(confirmed_at.map(|at| at.is_some()))
}

/// What an account has, beside its password.
#[derive(FromQueryResult)]
pub(crate) struct Known {
    pub(crate) totp: bool,
    pub(crate) passkey: bool,
    pub(crate) codes: bool,
}

/// The columns of [`Known`], inside a statement whose first value is the account.
pub(crate) fn columns() -> String {
    format!(
        "EXISTS (SELECT 1 FROM identity_totp WHERE user_id = $1 AND confirmed_at IS NOT NULL) AS totp, \
         {} AS passkey, EXISTS (SELECT 1 FROM identity_backup_code WHERE user_id = $1) AS codes",
        passkeys::store::HAS
    )
}

/// What somebody can do the second step of a sign-in with.
pub(crate) async fn known(db: &impl ConnectionTrait, user: UserId) -> Result<Known> {
    let row = db.query_one_raw(sql(db, &format!("SELECT {}", columns()), [user.into()])).await?;
    let row = row.ok_or_else(|| Error::internal("a question has no answer"))?;
    Ok(Known::from_query_result(&row, "")?)
}

/// How many backup codes are left.
pub(crate) async fn count_codes(db: &impl ConnectionTrait, user: UserId) -> Result<u64> {
    let text = "SELECT count(*) AS left_over FROM identity_backup_code WHERE user_id = $1";
    let row = db.query_one_raw(sql(db, text, [user.into()])).await?;
    let left: Option<i64> = row.map(|row| row.try_get("", "left_over")).transpose()?;
    Ok(left.and_then(|left| left.try_into().ok()).unwrap_or_default())
}

/// Keeps a backup code.
pub(crate) async fn add_code(tx: &Tx, user: UserId, digest: Digest) -> Result<()> {
    let text = "INSERT INTO identity_backup_code (user_id, digest) VALUES ($1, $2)";
    affected(tx, text, [user.into(), digest.as_bytes().to_vec().into()]).await?;
    Ok(())
}

/// Uses a backup code. Of many who try at once, one succeeds.
pub(crate) async fn use_code(tx: &Tx, user: UserId, digest: Digest) -> Result<bool> {
    let text = "DELETE FROM identity_backup_code WHERE user_id = $1 AND digest = $2";
    Ok(affected(tx, text, [user.into(), digest.as_bytes().to_vec().into()]).await? > 0)
}

/// Forgets all backup codes.
pub(crate) async fn remove_codes(tx: &Tx, user: UserId) -> Result<()> {
    affected(tx, "DELETE FROM identity_backup_code WHERE user_id = $1", [user.into()]).await?;
    Ok(())
}

/// Counts a try; gives how many there were since the window began. The last that is allowed begins it anew, so that
/// a lock holds for a whole one.
pub(crate) async fn count_try(
    tx: &Tx,
    user: UserId,
    now: Timestamp,
    window_began: Timestamp,
    most: u32,
) -> Result<(i64, Timestamp)> {
    let text = "INSERT INTO identity_factor_try (user_id, since, tries) VALUES ($1, $2, 1) \
        ON CONFLICT (user_id) DO UPDATE SET \
        tries = CASE WHEN identity_factor_try.since <= $3 THEN 1 ELSE identity_factor_try.tries + 1 END, \
        since = CASE WHEN identity_factor_try.since <= $3 OR identity_factor_try.tries + 1 = $4 THEN $2 \
        ELSE identity_factor_try.since END \
        RETURNING tries, since";
    let values = [user.into(), now.into(), window_began.into(), i64::from(most).into()];
    let row = tx.query_one_raw(sql(tx, text, values)).await?;
    let row = row.ok_or_else(|| Error::internal("a try was not counted"))?;
    Ok((row.try_get("", "tries")?, row.try_get("", "since")?))
}

/// Forgets the tries: the last one was right.
pub(crate) async fn clear_tries(tx: &Tx, user: UserId) -> Result<()> {
    affected(tx, "DELETE FROM identity_factor_try WHERE user_id = $1", [user.into()]).await?;
    Ok(())
}
