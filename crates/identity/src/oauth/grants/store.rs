//! The table `identity_grant`.

use std::fmt;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, entity::prelude::*, sea_query::Expr};
use stoa_core::{Audience, GrantId, Result, SessionId, Timestamp, UserId};
use stoa_store::Tx;

use super::model::{self, ConnectionId};

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
    tx: &Tx,
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
    Ok(update.exec(tx).await?.rows_affected == 1)
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

/// Removes one. True if it was there.
pub(crate) async fn remove(tx: &Tx, id: GrantId) -> Result<bool> {
    Ok(Entity::delete_by_id(id).exec(tx).await?.rows_affected > 0)
}

/// Removes all of somebody's. How many there were.
pub(crate) async fn remove_of(tx: &Tx, user: UserId) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?.rows_affected)
}

/// Removes those that are over.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(tx).await?;
    Ok(())
}
