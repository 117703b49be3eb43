//! The table `identity_grant`.

use std::{collections::HashMap, fmt};

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};
use stoa_core::{Audience, GrantId, Result, SessionId, Timestamp, UserId};
use stoa_store::{Db, Tx};

use super::{
    connection,
    model::{self, ConnectionId},
};

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_grant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GrantId,
    pub connection_id: Option<ConnectionId>,
    pub user_id: UserId,
    pub client_id: String,
    pub session_id: Option<SessionId>,
    pub scopes: String,
    pub audience: String,
    pub bound_to: Option<String>,
    pub authenticated_at: Timestamp,
    pub methods: String,
    pub refresh: Option<Vec<u8>>,
    pub previous: Option<Vec<u8>>,
    pub rotated_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", self.id)
    }
}

impl Model {
    /// The resources it is for.
    pub(crate) fn audience(&self) -> Audience {
        model::audience(self.audience.split(' '))
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        connection_id: Set(row.connection_id),
        user_id: Set(row.user_id),
        client_id: Set(row.client_id),
        session_id: Set(row.session_id),
        scopes: Set(row.scopes),
        audience: Set(row.audience),
        bound_to: Set(row.bound_to),
        authenticated_at: Set(row.authenticated_at),
        methods: Set(row.methods),
        refresh: Set(row.refresh),
        previous: Set(row.previous),
        rotated_at: Set(row.rotated_at),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: GrantId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Replaces the refresh token, if it is still the one that was looked at. `first` says that the token that goes was the
/// present one: then it becomes the one before, and the time for a second try begins.
pub(crate) async fn rotate(
    db: &Db,
    before: &Model,
    new: Vec<u8>,
    first: bool,
    now: Timestamp,
) -> Result<bool> {
    let mut update = Entity::update_many()
        .col_expr(Column::Refresh, Expr::value(Some(new)))
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(before.id))
        .filter(Column::Refresh.eq(before.refresh.clone()));
    if first {
        update = update
            .col_expr(Column::Previous, Expr::value(before.refresh.clone()))
            .col_expr(Column::RotatedAt, Expr::value(Some(now)));
    }
    Ok(db.write_one(update.as_query()).await? == 1)
}

/// The last use of any grant of a connection, inside a statement about connections.
pub(super) fn last_use() -> SelectStatement {
    let of_it =
        Expr::col((Entity, Column::ConnectionId)).equals((connection::Entity, connection::Column::Id));
    Query::select().expr(Column::LastUsedAt.max()).from(Entity).and_where(of_it).to_owned()
}

/// When tokens of these connections were last given out or used, as far as there are grants of them.
pub(crate) async fn last_used(
    db: &impl ConnectionTrait,
    connections: Vec<ConnectionId>,
) -> Result<HashMap<ConnectionId, Timestamp>> {
    if connections.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(ConnectionId, Timestamp)> = Entity::find()
        .select_only()
        .column(Column::ConnectionId)
        .column_as(Column::LastUsedAt.max(), "last_used_at")
        .filter(Column::ConnectionId.is_in(connections))
        .group_by(Column::ConnectionId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// Was used. A write that comes late turns nothing back.
pub(crate) async fn set_used(tx: &Tx, id: GrantId, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::LastUsedAt.lt(at))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes one.
pub(crate) async fn remove(tx: &Tx, id: GrantId) -> Result<()> {
    remove_all(tx, Column::Id.eq(id)).await
}

/// Removes all of somebody's.
pub(crate) async fn remove_of(tx: &Tx, user: UserId) -> Result<()> {
    remove_all(tx, Column::UserId.eq(user)).await
}

/// Removes those that are over.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    remove_all(tx, Column::ExpiresAt.lte(now)).await
}

/// Their connections remember when they were last used.
async fn remove_all(tx: &Tx, of: Expr) -> Result<()> {
    let going = Entity::find().select_only().column(Column::ConnectionId).filter(of.clone()).into_query();
    connection::keep_last_use(tx, going).await?;
    Entity::delete_many().filter(of).exec(tx).await?;
    Ok(())
}
