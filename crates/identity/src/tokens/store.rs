//! The table `identity_token`.

use std::fmt;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, Set, entity::prelude::*,
    sea_query::Expr,
};
use stoa_core::{Digest, Result, Timestamp, TokenId, TokenTag, UserId};
use stoa_store::{Page, Tx};

use super::model::Token;

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    pub user_id: UserId,
    pub digest: Vec<u8>,
    pub name: String,
    pub scopes: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.id)
    }
}

impl From<Model> for Token {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes.split(' ').map(Into::into).collect(),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        }
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        digest: Set(row.digest),
        name: Set(row.name),
        scopes: Set(row.scopes),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By the digest of the token.
pub(crate) async fn by_digest(db: &impl ConnectionTrait, digest: Digest) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Digest.eq(digest.as_bytes().to_vec())).one(db).await?)
}

/// How many somebody has.
pub(crate) async fn count(db: &impl ConnectionTrait, user: UserId) -> Result<u64> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).count(db).await?)
}

/// Somebody's: one row more than a page, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    page: &Page<TokenTag>,
) -> Result<Vec<Model>> {
    Ok(page.of(Entity::find().filter(Column::UserId.eq(user)), Column::Id).all(db).await?)
}

/// Removes one of somebody's. Its name, if it was there and theirs.
pub(crate) async fn remove(tx: &Tx, user: UserId, id: TokenId) -> Result<Option<String>> {
    let gone = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user))
        .exec_with_returning(tx)
        .await?;
    Ok(gone.into_iter().next().map(|row| row.name))
}

/// Removes all of somebody's.
pub(crate) async fn remove_all(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// Was used. A write that comes late turns nothing back.
pub(crate) async fn set_used(tx: &Tx, id: TokenId, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(Some(at)))
        .filter(Column::Id.eq(id))
        .filter(Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lt(at)))
        .exec(tx)
        .await?;
    Ok(())
}
