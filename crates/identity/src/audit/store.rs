//! The table `identity_audit`.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, Statement, Value, entity::prelude::*};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::{Page, Reads, Tx};

use super::model::{RecordId, RecordTag};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_audit")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecordId,
    pub at: Timestamp,
    pub action: String,
    pub actor: String,
    pub actor_id: Option<UserId>,
    pub account_id: Option<UserId>,
    pub subject: Option<String>,
    pub ip: Option<String>,
    pub request_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a record.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let Model { id, at, action, actor, actor_id, account_id, subject, ip, request_id } = row;
    let row = ActiveModel {
        id: Set(id),
        at: Set(at),
        action: Set(action),
        actor: Set(actor),
        actor_id: Set(actor_id),
        account_id: Set(account_id),
        subject: Set(subject),
        ip: Set(ip),
        request_id: Set(request_id),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// One row more than a page of them, newest first: of one account, or of all.
pub(crate) async fn list(reads: Reads<'_>, of: Option<UserId>, page: &Page<RecordTag>) -> Result<Vec<Model>> {
    let all = match of {
        Some(account) => Entity::find().filter(Column::AccountId.eq(account)),
        None => Entity::find(),
    };
    Ok(page.of(all, Column::Id).all(&reads).await?)
}

/// Takes the words out of all records of somebody who is erased, and the addresses they came from: what was done to their
/// account or by them, and invitations to their address. That something was done stays.
pub(crate) async fn forget(tx: &Tx, who: UserId, email_key: &str) -> Result<()> {
    let run = async |sql: &str, value: Value| -> Result<()> {
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [value])).await?;
        Ok(())
    };
    run("UPDATE identity_audit SET subject = NULL, ip = NULL WHERE account_id = $1", who.into()).await?;
    run("UPDATE identity_audit SET subject = NULL, ip = NULL WHERE actor_id = $1", who.into()).await?;
    for tail in ["", ": member", ": admin", ": owner"] {
        let sql = "UPDATE identity_audit SET subject = NULL \
                   WHERE subject = $1 AND action IN ('user.invited', 'invite.withdrawn')";
        run(sql, format!("{email_key}{tail}").into()).await?;
    }
    Ok(())
}
