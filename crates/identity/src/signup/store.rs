//! The table `identity_signup`.

use std::fmt;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, entity::prelude::*};
use stoa_core::{Result, Timestamp};
use stoa_store::Tx;

use super::model::SignupId;

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_signup")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SignupId,
    pub email: String,
    pub email_key: String,
    pub display_name: String,
    pub role: String,
    pub password: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signup({})", self.id)
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        email: Set(row.email),
        email_key: Set(row.email_key),
        display_name: Set(row.display_name),
        role: Set(row.role),
        password: Set(row.password),
        created_at: Set(row.created_at),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By id, if it still waits.
pub(crate) async fn find(db: &impl ConnectionTrait, id: SignupId, now: Timestamp) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(Column::ExpiresAt.gt(now)).one(db).await?)
}

/// The last one for an address that still waits.
pub(crate) async fn newest(db: &impl ConnectionTrait, key: &str, now: Timestamp) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::EmailKey.eq(key))
        .filter(Column::ExpiresAt.gt(now))
        .order_by_desc(Column::Id)
        .limit(1)
        .one(db)
        .await?)
}

/// Removes all for an address: one of them has become the account.
pub(crate) async fn remove_all(tx: &Tx, key: &str) -> Result<()> {
    Entity::delete_many().filter(Column::EmailKey.eq(key)).exec(tx).await?;
    Ok(())
}

/// Forgets those that nobody came for.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(tx).await?;
    Ok(())
}
