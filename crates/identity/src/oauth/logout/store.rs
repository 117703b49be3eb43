//! The table `identity_sign_on`.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use stoa_core::{Error, Result, SessionId, UserId};
use stoa_store::{Ctx, Tx};

use super::model::{SignOnId, SignOnTag};

/// A client that somebody was signed in to.
#[derive(FromQueryResult)]
pub(crate) struct SignOn {
    pub(crate) id: SignOnId,
    pub(crate) client_id: String,
}

#[derive(FromQueryResult)]
struct Named {
    id: SignOnId,
}

/// Notes that a client gets an ID token in a session, whose row is locked by the caller. The same each time.
pub(crate) async fn put(ctx: &Ctx, tx: &Tx, session: SessionId, client: &str) -> Result<SignOnId> {
    let row = Named::find_by_statement(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO identity_sign_on (id, session_id, client_id, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (session_id, client_id) DO UPDATE SET client_id = excluded.client_id RETURNING id",
        [ctx.id::<SignOnTag>().into(), session.into(), client.into(), ctx.now().into()],
    ));
    let row = row.one(tx).await?;
    Ok(row.ok_or_else(|| Error::internal("a sign-on was not kept"))?.id)
}

/// A client's in a session, if there is one.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    session: SessionId,
    client: &str,
) -> Result<Option<SignOnId>> {
    let row = Named::find_by_statement(Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT id FROM identity_sign_on WHERE session_id = $1 AND client_id = $2",
        [session.into(), client.into()],
    ));
    Ok(row.one(db).await?.map(|row| row.id))
}

/// Takes those of a session.
pub(crate) async fn take_of(tx: &Tx, session: SessionId) -> Result<Vec<SignOn>> {
    let rows = SignOn::find_by_statement(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM identity_sign_on WHERE session_id = $1 RETURNING id, client_id",
        [session.into()],
    ));
    Ok(rows.all(tx).await?)
}

/// Takes those of all of somebody's sessions but one.
pub(crate) async fn take_all(tx: &Tx, user: UserId, but: Option<SessionId>) -> Result<Vec<SignOn>> {
    // No session has the nil id.
    let but = but.unwrap_or_else(|| SessionId::from_uuid(uuid::Uuid::nil()));
    let rows = SignOn::find_by_statement(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM identity_sign_on WHERE session_id IN \
         (SELECT id FROM identity_session WHERE user_id = $1 AND id <> $2) RETURNING id, client_id",
        [user.into(), but.into()],
    ));
    Ok(rows.all(tx).await?)
}
