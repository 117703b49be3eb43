//! The table `identity_invite`.

use std::fmt;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, entity::prelude::*};
use stoa_core::{Digest, Result, Role, Timestamp, UserId};
use stoa_store::{Page, Tx};

use super::model::{Invite, InviteId, InviteTag};

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_invite")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InviteId,
    pub digest: Vec<u8>,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub role: String,
    pub invited_by: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invite({})", self.id)
    }
}

impl Model {
    pub(crate) fn role(&self) -> Result<Role> {
        self.role.parse()
    }

    pub(crate) fn shown(self) -> Result<Invite> {
        let role = self.role()?.into();
        let Self { id, email, created_at, expires_at, .. } = self;
        Ok(Invite { id, email, role, created_at, expires_at })
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        digest: Set(row.digest),
        email: Set(row.email),
        email_key: Set(row.email_key),
        role: Set(row.role),
        invited_by: Set(row.invited_by),
        created_at: Set(row.created_at),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By the token that was shown, if it is still good.
pub(crate) async fn by_digest(
    db: &impl ConnectionTrait,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Model>> {
    let query = Entity::find().filter(Column::Digest.eq(digest.as_bytes().to_vec()));
    Ok(query.filter(Column::ExpiresAt.gt(now)).one(db).await?)
}

/// By id, if it is still good.
pub(crate) async fn find(db: &impl ConnectionTrait, id: InviteId, now: Timestamp) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(Column::ExpiresAt.gt(now)).one(db).await?)
}

/// Those that are still good: one row more than a page, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    now: Timestamp,
    page: &Page<InviteTag>,
) -> Result<Vec<Model>> {
    Ok(page.of(Entity::find().filter(Column::ExpiresAt.gt(now)), Column::Id).all(db).await?)
}

/// Removes one: it was used or withdrawn. Of many who try at once one succeeds.
pub(crate) async fn remove(tx: &Tx, id: InviteId) -> Result<bool> {
    Ok(Entity::delete_by_id(id).exec(tx).await?.rows_affected > 0)
}

/// Forgets those that nobody used.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(tx).await?;
    Ok(())
}

/// Removes those to an address.
pub(crate) async fn remove_to(tx: &Tx, email_key: &str) -> Result<()> {
    Entity::delete_many().filter(Column::EmailKey.eq(email_key)).exec(tx).await?;
    Ok(())
}
