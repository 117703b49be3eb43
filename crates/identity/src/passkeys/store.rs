//! The table `identity_passkey`.

use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::{Page, Tx};

use super::model::{Passkey, PasskeyId, PasskeyTag};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_passkey")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PasskeyId,
    pub user_id: UserId,
    pub credential_id: Vec<u8>,
    pub credential: Json,
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Passkey {
    fn from(row: Model) -> Self {
        Self { id: row.id, name: row.name, created_at: row.created_at, last_used_at: row.last_used_at }
    }
}

/// Adds one, unless its credential is known already, whoever's it is.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<bool> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        credential_id: Set(row.credential_id),
        credential: Set(row.credential),
        name: Set(row.name),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
    };
    let free = OnConflict::column(Column::CredentialId).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(free).exec_without_returning(tx).await? == 1)
}

/// Whether an account has any, inside a statement whose first value is the account.
pub(crate) const HAS: &str = "EXISTS (SELECT 1 FROM identity_passkey WHERE user_id = $1)";

/// How many somebody has.
pub(crate) async fn count(db: &impl ConnectionTrait, user: UserId) -> Result<u64> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).count(db).await?)
}

/// All of somebody's; there are few.
pub(crate) async fn all(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).order_by_asc(Column::Id).all(db).await?)
}

/// One row more than a page of somebody's, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    page: &Page<PasskeyTag>,
) -> Result<Vec<Model>> {
    Ok(page.of(Entity::find().filter(Column::UserId.eq(user)), Column::Id).all(db).await?)
}

/// One of somebody's, kept from changing until the transaction ends.
pub(crate) async fn lock(tx: &Tx, user: UserId, id: PasskeyId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(Column::UserId.eq(user)).lock_exclusive().one(tx).await?)
}

/// By the credential, kept from changing until the transaction ends: a counter goes up one by one.
pub(crate) async fn lock_by_credential(tx: &Tx, credential_id: &[u8]) -> Result<Option<Model>> {
    let found = Entity::find().filter(Column::CredentialId.eq(credential_id.to_vec()));
    Ok(found.lock_exclusive().one(tx).await?)
}

/// Was used, and is now as its authenticator says.
pub(crate) async fn set_used(tx: &Tx, id: PasskeyId, credential: Json, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Credential, Expr::value(credential))
        .col_expr(Column::LastUsedAt, Expr::value(Some(at)))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Another name.
pub(crate) async fn set_name(tx: &Tx, id: PasskeyId, name: &str) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::Name, Expr::value(name)).filter(Column::Id.eq(id));
    update.exec(tx).await?;
    Ok(())
}

/// Removes one.
pub(crate) async fn remove(tx: &Tx, id: PasskeyId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Removes all of somebody's.
pub(crate) async fn remove_all(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}
