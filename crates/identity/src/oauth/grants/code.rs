//! The table `identity_code`.

use std::fmt;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, entity::prelude::*, sea_query::Expr};
use stoa_core::{Digest, GrantId, Result, SessionId, Timestamp, UserId};
use stoa_store::Tx;

use super::{
    connection::ids_of,
    model::{Asked, ConnectionId},
};

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_code")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub connection_id: ConnectionId,
    pub session_id: Option<SessionId>,
    pub asked: Json,
    pub authenticated_at: Timestamp,
    pub methods: String,
    pub grant_id: Option<GrantId>,
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

impl Model {
    pub(crate) fn asked(&self) -> Result<Asked> {
        Ok(serde_json::from_value(self.asked.clone())?)
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        digest: Set(row.digest),
        connection_id: Set(row.connection_id),
        session_id: Set(row.session_id),
        asked: Set(row.asked),
        authenticated_at: Set(row.authenticated_at),
        methods: Set(row.methods),
        grant_id: Set(row.grant_id),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By the digest of the code.
pub(crate) async fn find(db: &impl ConnectionTrait, digest: Digest) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(digest.as_bytes().to_vec()).one(db).await?)
}

/// Spends it on a grant, if it is not spent. Of many at once, one succeeds.
pub(crate) async fn spend(tx: &Tx, digest: Digest, grant: GrantId) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::GrantId, Expr::value(Some(grant)))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(Column::GrantId.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes all of somebody's, spent or not.
pub(crate) async fn remove_of(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::ConnectionId.in_subquery(ids_of(user))).exec(tx).await?;
    Ok(())
}

/// Removes those that expired before this.
pub(crate) async fn remove_expired(tx: &Tx, before: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(before)).exec(tx).await?;
    Ok(())
}
