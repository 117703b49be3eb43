//! The table `identity_connection`.

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict, SelectStatement},
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::{Page, Tx};

use super::{
    model::{ConnectionId, ConnectionTag},
    store,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_connection")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConnectionId,
    pub user_id: UserId,
    pub client_id: String,
    pub scopes: String,
    pub audience: String,
    pub created_at: Timestamp,
    /// The last use of grants that have gone.
    pub last_used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds one, or widens what is remembered of the same person and client. Gives back its id.
pub(crate) async fn put(tx: &Tx, row: Model) -> Result<ConnectionId> {
    let (user, client) = (row.user_id, row.client_id.clone());
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        client_id: Set(row.client_id),
        scopes: Set(row.scopes),
        audience: Set(row.audience),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
    };
    let again = OnConflict::columns([Column::UserId, Column::ClientId])
        .update_columns([Column::Scopes, Column::Audience])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    let kept = of(tx, user, &client).await?;
    Ok(kept.ok_or_else(|| stoa_core::Error::internal("a connection was not kept"))?.id)
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: ConnectionId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// A person's with a client.
pub(crate) async fn of(db: &impl ConnectionTrait, user: UserId, client: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).filter(Column::ClientId.eq(client)).one(db).await?)
}

/// The ids of all of somebody's, to look for what belongs to them.
pub(crate) fn ids_of(user: UserId) -> SelectStatement {
    Entity::find().select_only().column(Column::Id).filter(Column::UserId.eq(user)).into_query()
}

/// Somebody's: one row more than a page, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    page: &Page<ConnectionTag>,
) -> Result<Vec<Model>> {
    Ok(page.of(Entity::find().filter(Column::UserId.eq(user)), Column::Id).all(db).await?)
}

/// Removes one of somebody's. Its client, if it was there and theirs.
pub(crate) async fn remove(tx: &Tx, user: UserId, id: ConnectionId) -> Result<Option<String>> {
    let gone = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user))
        .exec_with_returning(tx)
        .await?;
    Ok(gone.into_iter().next().map(|row| row.client_id))
}

/// Writes down the last use of those connections of which grants are about to go; while there are grants, they know it.
pub(super) async fn keep_last_use(tx: &Tx, of: SelectStatement) -> Result<()> {
    let last = || Expr::SubQuery(None, Box::new(store::last_use().into()));
    Entity::update_many()
        .col_expr(Column::LastUsedAt, last())
        .filter(Column::Id.in_subquery(of))
        .filter(Column::LastUsedAt.is_null().or(Expr::col(Column::LastUsedAt).lt(last())))
        .exec(tx)
        .await?;
    Ok(())
}
