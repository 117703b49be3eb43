//! The table `identity_client`.

use std::fmt;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::Tx;

use super::model::Metadata;
use crate::oauth::grants;

/// Made by an admin.
pub(crate) const STATIC: &str = "static";
/// Registered itself.
pub(crate) const DYNAMIC: &str = "dynamic";
/// Described by the document at its id.
pub(crate) const DOCUMENT: &str = "document";

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_client")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: String,
    pub metadata: Json,
    pub secret: Option<Vec<u8>>,
    pub registration: Option<Vec<u8>>,
    pub service_user_id: Option<UserId>,
    pub created_at: Timestamp,
    pub fresh_until: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.id)
    }
}

impl Model {
    /// What it says of itself.
    pub(crate) fn said(&self) -> Result<Metadata> {
        Ok(serde_json::from_value(self.metadata.clone())?)
    }
}

fn active(row: Model) -> ActiveModel {
    ActiveModel {
        id: Set(row.id),
        kind: Set(row.kind),
        metadata: Set(row.metadata),
        secret: Set(row.secret),
        registration: Set(row.registration),
        service_user_id: Set(row.service_user_id),
        created_at: Set(row.created_at),
        fresh_until: Set(row.fresh_until),
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(active(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down what a document says now.
pub(crate) async fn put_document(tx: &Tx, row: Model) -> Result<()> {
    let again =
        OnConflict::column(Column::Id).update_columns([Column::Metadata, Column::FreshUntil]).to_owned();
    Entity::insert(active(row)).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Some of them.
pub(crate) async fn some(db: &impl ConnectionTrait, ids: Vec<String>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Other metadata.
pub(crate) async fn set_metadata(tx: &Tx, id: &str, metadata: Json) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Metadata, Expr::value(metadata))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes one of a kind, with everything that people granted it. True if it was there.
pub(crate) async fn remove(tx: &Tx, id: &str, kind: &str) -> Result<bool> {
    let done = Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::Kind.eq(kind)).exec(tx).await?;
    Ok(done.rows_affected > 0)
}

/// Those that an admin made, newest first.
pub(crate) async fn all_static(db: &impl ConnectionTrait, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Kind.eq(STATIC))
        .order_by_desc(Column::CreatedAt)
        .limit(most)
        .all(db)
        .await?)
}

/// Removes those that nobody let in for so long, and whose grants are all gone.
pub(crate) async fn remove_unused(tx: &Tx, kind: &str, made_before: Timestamp) -> Result<u64> {
    let in_use = Query::select()
        .expr(Expr::value(1))
        .from(grants::connection::Entity)
        .and_where(
            Expr::col((grants::connection::Entity, grants::connection::Column::ClientId))
                .equals((Entity, Column::Id)),
        )
        .to_owned();
    let done = Entity::delete_many()
        .filter(Column::Kind.eq(kind))
        .filter(Column::CreatedAt.lt(made_before))
        .filter(Condition::all().not().add(Expr::exists(in_use)))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
