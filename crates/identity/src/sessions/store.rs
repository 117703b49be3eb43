//! The table `identity_session`.

use std::fmt;

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set, Statement,
    entity::prelude::*, sea_query::Expr,
};
use stoa_core::{Digest, Result, SessionId, SessionTag, Timestamp, UserId};
use stoa_store::{Engine, Page, Tx};

use super::{methods::Methods, model::Life};
use crate::factors;

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub user_id: UserId,
    pub digest: Vec<u8>,
    pub user_agent: String,
    pub ip: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub authenticated_at: Timestamp,
    pub methods: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.id)
    }
}

impl Model {
    pub(crate) fn life(&self) -> Life {
        Life { last_seen_at: self.last_seen_at, expires_at: self.expires_at }
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        digest: Set(row.digest),
        user_agent: Set(row.user_agent),
        ip: Set(row.ip),
        created_at: Set(row.created_at),
        last_seen_at: Set(row.last_seen_at),
        expires_at: Set(row.expires_at),
        authenticated_at: Set(row.authenticated_at),
        methods: Set(row.methods),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By the digest of the cookie's value.
pub(crate) async fn by_digest(db: &impl ConnectionTrait, digest: Digest) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Digest.eq(digest.as_bytes().to_vec())).one(db).await?)
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// One of somebody's, kept from changing until the transaction ends.
pub(crate) async fn lock(tx: &Tx, user: UserId, id: SessionId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(Column::UserId.eq(user)).lock_exclusive().one(tx).await?)
}

/// All of somebody's, kept from changing until the transaction ends.
pub(crate) async fn lock_all(tx: &Tx, user: UserId) -> Result<()> {
    let ids = Entity::find().select_only().column(Column::Id).filter(Column::UserId.eq(user));
    ids.order_by_asc(Column::Id).lock_exclusive().into_tuple::<SessionId>().all(tx).await?;
    Ok(())
}

/// A credential was proven in it.
pub(crate) async fn set_proven(tx: &Tx, id: SessionId, at: Timestamp, methods: Methods) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::AuthenticatedAt, Expr::value(at))
        .col_expr(Column::Methods, Expr::value(methods.to_string()))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Somebody's sessions that are still good: one row more than a page, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
    idle_since: Timestamp,
    page: &Page<SessionTag>,
) -> Result<Vec<Model>> {
    let good = Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::LastSeenAt.gt(idle_since));
    Ok(page.of(good, Column::Id).all(db).await?)
}

/// All of somebody's, for themself.
pub(crate) async fn all(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).order_by_asc(Column::Id).all(db).await?)
}

/// Removes one of somebody's. True if it was there and theirs.
pub(crate) async fn remove(tx: &Tx, user: UserId, id: SessionId) -> Result<bool> {
    let done =
        Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(done.rows_affected > 0)
}

/// Removes all of somebody's but one. How many there were.
pub(crate) async fn remove_all(tx: &Tx, user: UserId, but: Option<SessionId>) -> Result<u64> {
    let mut query = Entity::delete_many().filter(Column::UserId.eq(user));
    if let Some(but) = but {
        query = query.filter(Column::Id.ne(but));
    }
    Ok(query.exec(tx).await?.rows_affected)
}

/// What a sign-in with a password goes by.
#[derive(FromQueryResult)]
pub(crate) struct Look {
    pub(crate) role: String,
    pub(crate) password: String,
    pub(crate) disabled_at: Option<Timestamp>,
    #[sea_orm(nested)]
    pub(crate) factors: factors::store::Known,
}

/// An account and its second factors in one look, kept from changing until the transaction ends.
pub(crate) async fn look(tx: &Tx, user: UserId) -> Result<Option<Look>> {
    let lock = match tx.engine() {
        Engine::Postgres => "FOR UPDATE",
        Engine::Sqlite => "",
    };
    let factors = factors::store::columns();
    let text =
        format!("SELECT role, password, disabled_at, {factors} FROM identity_user WHERE id = $1 {lock}");
    let row = Statement::from_sql_and_values(tx.get_database_backend(), text, [user.into()]);
    Ok(Look::find_by_statement(row).one(tx).await?)
}

/// Removes those that are over in any case.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(tx).await?;
    Ok(())
}

/// Was used. A write that comes late turns nothing back.
pub(crate) async fn set_seen(tx: &Tx, id: SessionId, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::LastSeenAt.lt(at))
        .exec(tx)
        .await?;
    Ok(())
}
