//! The table `identity_user`.

use std::fmt;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use stoa_core::{Result, Role, Timestamp, UserId, UserTag};
use stoa_store::{Page, Tx};

use super::model::{AdminUser, User};

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_user")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub email: String,
    pub email_key: String,
    pub display_name: String,
    pub role: String,
    pub password: String,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
    pub erase_at: Option<Timestamp>,
    /// Whether the password is too short to be the only factor.
    pub password_short: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({})", self.id)
    }
}

impl Model {
    pub(crate) fn role(&self) -> Result<Role> {
        self.role.parse()
    }

    /// Whether they have a password. Who came by another provider has none until they choose one.
    pub(crate) fn has_password(&self) -> bool {
        !self.password.is_empty()
    }

    pub(crate) fn user(self) -> Result<User> {
        let role = self.role()?.into();
        Ok(User {
            id: self.id,
            email: self.email,
            display_name: self.display_name,
            role,
            created_at: self.created_at,
            erase_at: self.erase_at,
        })
    }

    pub(crate) fn admin_user(self) -> Result<AdminUser> {
        let role = self.role()?.into();
        Ok(AdminUser {
            id: self.id,
            email: self.email,
            display_name: self.display_name,
            role,
            created_at: self.created_at,
            disabled: self.disabled_at.is_some(),
            last_seen_at: self.last_seen_at,
        })
    }
}

/// Adds somebody, unless the address is taken. Of many who try at once, one succeeds.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<bool> {
    let row = ActiveModel {
        id: Set(row.id),
        email: Set(row.email),
        email_key: Set(row.email_key),
        display_name: Set(row.display_name),
        role: Set(row.role),
        password: Set(row.password),
        disabled_at: Set(row.disabled_at),
        created_at: Set(row.created_at),
        last_seen_at: Set(row.last_seen_at),
        erase_at: Set(row.erase_at),
        password_short: Set(row.password_short),
    };
    let free = OnConflict::column(Column::EmailKey).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(free).exec_without_returning(tx).await? == 1)
}

/// Whether nobody has an account yet.
pub(crate) async fn is_empty(db: &impl ConnectionTrait) -> Result<bool> {
    let any = Entity::find().select_only().column(Column::Id).limit(1).into_tuple::<UserId>().one(db).await?;
    Ok(any.is_none())
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// By id, kept from changing until the transaction ends.
pub(crate) async fn lock(tx: &Tx, id: UserId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx).await?)
}

/// By the address as it is compared.
pub(crate) async fn by_email(db: &impl ConnectionTrait, key: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::EmailKey.eq(key)).one(db).await?)
}

/// The owners whose accounts are on, and stay. They stay what they are until the transaction ends, so that two who
/// leave at once do not both believe in the other.
pub(crate) async fn lock_active_owners(tx: &Tx) -> Result<Vec<UserId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Role.eq(Role::Owner.as_str()))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::EraseAt.is_null())
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?)
}

/// One row more than a page, newest first.
pub(crate) async fn list(db: &impl ConnectionTrait, page: &Page<UserTag>) -> Result<Vec<Model>> {
    Ok(page.of(Entity::find(), Column::Id).all(db).await?)
}

/// An account and its address.
#[derive(FromQueryResult)]
pub(crate) struct Address {
    pub(crate) id: UserId,
    pub(crate) email: String,
}

/// The addresses of some accounts.
pub(crate) async fn addresses(db: &impl ConnectionTrait, ids: Vec<UserId>) -> Result<Vec<Address>> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::Email])
        .filter(Column::Id.is_in(ids))
        .into_model()
        .all(db)
        .await?)
}

/// Another role.
pub(crate) async fn set_role(tx: &Tx, id: UserId, role: Role) -> Result<()> {
    set(tx, id, Column::Role, role.as_str()).await
}

/// On or off.
pub(crate) async fn set_disabled(tx: &Tx, id: UserId, since: Option<Timestamp>) -> Result<()> {
    set(tx, id, Column::DisabledAt, since).await
}

/// Will be erased then, or never.
pub(crate) async fn set_erase_at(tx: &Tx, id: UserId, at: Option<Timestamp>) -> Result<()> {
    set(tx, id, Column::EraseAt, at).await
}

/// Somebody whose time to be erased has come.
pub(crate) async fn next_to_erase(db: &impl ConnectionTrait, now: Timestamp) -> Result<Option<UserId>> {
    let due = Entity::find().select_only().column(Column::Id).filter(Column::EraseAt.lte(now));
    Ok(due.order_by_asc(Column::EraseAt).limit(1).into_tuple().one(db).await?)
}

/// Removes an account, and by cascade what refers to it.
pub(crate) async fn remove(tx: &Tx, id: UserId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Another name.
pub(crate) async fn set_name(tx: &Tx, id: UserId, name: &str) -> Result<()> {
    set(tx, id, Column::DisplayName, name).await
}

/// Another password's hash, and whether it is too short to be the only factor.
pub(crate) async fn set_password(tx: &Tx, id: UserId, hash: &str, short: bool) -> Result<()> {
    set(tx, id, Column::PasswordShort, short).await?;
    set_hash(tx, id, hash).await
}

/// Another hash of the same password.
pub(crate) async fn set_hash(tx: &Tx, id: UserId, hash: &str) -> Result<()> {
    set(tx, id, Column::Password, hash).await
}

/// Was here. A write that comes late turns nothing back.
pub(crate) async fn set_seen(tx: &Tx, id: UserId, at: Timestamp) -> Result<()> {
    let before = Condition::any().add(Column::LastSeenAt.is_null()).add(Column::LastSeenAt.lt(at));
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(Some(at)))
        .filter(Column::Id.eq(id))
        .filter(before)
        .exec(tx)
        .await?;
    Ok(())
}

async fn set(tx: &Tx, id: UserId, column: Column, value: impl Into<Value>) -> Result<()> {
    Entity::update_many().col_expr(column, Expr::value(value)).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}
