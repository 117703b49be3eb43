//! The tables `identity_upstream` and `identity_upstream_attempt`.

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    Statement,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use stoa_core::{Result, SessionId, Timestamp, UserId, digest};
use stoa_store::Tx;

use super::model::{Purpose, UpstreamId};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_upstream")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UpstreamId,
    pub user_id: UserId,
    pub issuer: String,
    pub subject: String,
    pub account: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds one, unless somebody has it already.
pub(super) async fn add(tx: &Tx, row: Model) -> Result<bool> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        issuer: Set(row.issuer),
        subject: Set(row.subject),
        account: Set(row.account),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
    };
    let free = OnConflict::columns([Column::Issuer, Column::Subject]).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(free).exec_without_returning(tx).await? == 1)
}

/// Whose account elsewhere this is.
pub(super) async fn find(db: &impl ConnectionTrait, issuer: &str, subject: &str) -> Result<Option<Model>> {
    let query = Entity::find().filter(Column::Issuer.eq(issuer)).filter(Column::Subject.eq(subject));
    Ok(query.one(db).await?)
}

/// All of somebody's, oldest first; there are few.
pub(crate) async fn all(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).order_by_asc(Column::Id).all(db).await?)
}

/// How many somebody has.
pub(super) async fn count(db: &impl ConnectionTrait, user: UserId) -> Result<u64> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).count(db).await?)
}

/// One of somebody's, kept from changing until the transaction ends.
pub(super) async fn lock(tx: &Tx, user: UserId, id: UpstreamId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(Column::UserId.eq(user)).lock_exclusive().one(tx).await?)
}

/// Was used, by somebody who is called so there now.
pub(super) async fn set_used(tx: &Tx, id: UpstreamId, account: Option<String>, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Account, Expr::value(account))
        .col_expr(Column::LastUsedAt, Expr::value(Some(at)))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes one.
pub(super) async fn remove(tx: &Tx, id: UpstreamId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// A browser that is away.
pub(super) struct Attempt {
    pub(super) upstream: String,
    pub(super) issuer: String,
    pub(super) purpose: Purpose,
    pub(super) return_to: Option<String>,
    pub(super) sealed: Vec<u8>,
    pub(super) expires_at: Timestamp,
}

#[derive(FromQueryResult)]
struct AttemptRow {
    upstream: String,
    issuer: String,
    user_id: Option<UserId>,
    session_id: Option<SessionId>,
    return_to: Option<String>,
    sealed: Vec<u8>,
    expires_at: Timestamp,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        let AttemptRow { upstream, issuer, user_id, session_id, return_to, sealed, expires_at } = row;
        let purpose = match (user_id, session_id) {
            (Some(user), Some(session)) => Purpose::Link(user, session),
            _ => Purpose::SignIn,
        };
        Self { upstream, issuer, purpose, return_to, sealed, expires_at }
    }
}

/// Remembers one. Of `state` and `browser` only the digests are written down.
pub(super) async fn put(tx: &Tx, state: &str, browser: &str, attempt: &Attempt) -> Result<()> {
    let (user, session) = match attempt.purpose {
        Purpose::SignIn => (None, None),
        Purpose::Link(user, session) => (Some(user), Some(session)),
    };
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO identity_upstream_attempt \
         (state, browser, upstream, issuer, user_id, session_id, return_to, sealed, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            digest(state).as_bytes().to_vec().into(),
            digest(browser).as_bytes().to_vec().into(),
            attempt.upstream.clone().into(),
            attempt.issuer.clone().into(),
            user.into(),
            session.into(),
            attempt.return_to.clone().into(),
            attempt.sealed.clone().into(),
            attempt.expires_at.into(),
        ],
    ))
    .await?;
    Ok(())
}

/// Takes the attempt of this state that began in this browser. Of many at once, one gets it; another browser gets nothing,
/// and leaves it as it is.
pub(super) async fn take(tx: &Tx, state: &str, browser: &str, now: Timestamp) -> Result<Option<Attempt>> {
    let row = AttemptRow::find_by_statement(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM identity_upstream_attempt WHERE state = $1 AND browser = $2 \
         RETURNING upstream, issuer, user_id, session_id, return_to, sealed, expires_at",
        [digest(state).as_bytes().to_vec().into(), digest(browser).as_bytes().to_vec().into()],
    ));
    Ok(row.one(tx).await?.filter(|row| now < row.expires_at).map(Into::into))
}

/// Forgets browsers that never came back.
pub(super) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM identity_upstream_attempt WHERE expires_at <= $1",
        [now.into()],
    ))
    .await?;
    Ok(())
}
