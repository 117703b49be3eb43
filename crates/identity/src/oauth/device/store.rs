//! The table `identity_device`.

use std::fmt;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, entity::prelude::*, sea_query::Expr};
use stoa_core::{Digest, Result, SessionId, Timestamp, UserId};
use stoa_store::Tx;

use super::model::State;
use crate::oauth::grants::{
    connection,
    model::{Asked, ConnectionId, Shown},
};

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_device")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub user_code: Vec<u8>,
    pub client_id: String,
    pub state: String,
    pub asked: Json,
    pub ip: String,
    pub connection_id: Option<ConnectionId>,
    pub session_id: Option<SessionId>,
    pub authenticated_at: Option<Timestamp>,
    pub methods: Option<String>,
    pub interval_seconds: i64,
    pub polled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device")
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
        user_code: Set(row.user_code),
        client_id: Set(row.client_id),
        state: Set(row.state),
        asked: Set(row.asked),
        ip: Set(row.ip),
        connection_id: Set(row.connection_id),
        session_id: Set(row.session_id),
        authenticated_at: Set(row.authenticated_at),
        methods: Set(row.methods),
        interval_seconds: Set(row.interval_seconds),
        polled_at: Set(row.polled_at),
        created_at: Set(row.created_at),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By the digest of the device's code.
pub(crate) async fn find(db: &impl ConnectionTrait, digest: Digest) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(digest.as_bytes().to_vec()).one(db).await?)
}

/// By the code that the person types, while it waits for them.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    user_code: Digest,
    now: Timestamp,
) -> Result<Option<Model>> {
    let row = Entity::find().filter(Column::UserCode.eq(user_code.as_bytes().to_vec())).one(db).await?;
    Ok(row.filter(|row| row.state == State::Pending.as_str() && now < row.expires_at))
}

/// Writes down a decision, if none is there. Of two at once, one counts.
pub(crate) async fn decide(
    tx: &Tx,
    device: &Model,
    state: State,
    connection: Option<ConnectionId>,
    session: SessionId,
    shown: &Shown,
) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::ConnectionId, Expr::value(connection))
        .col_expr(Column::SessionId, Expr::value(Some(session)))
        .col_expr(Column::AuthenticatedAt, Expr::value(Some(shown.at)))
        .col_expr(Column::Methods, Expr::value(Some(shown.methods.clone())))
        .filter(Column::Digest.eq(device.digest.clone()))
        .filter(Column::State.eq(State::Pending.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The device asked.
pub(crate) async fn polled(tx: &Tx, device: &Model, at: Timestamp, interval: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PolledAt, Expr::value(Some(at)))
        .col_expr(Column::IntervalSeconds, Expr::value(interval))
        .filter(Column::Digest.eq(device.digest.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes what was decided. Of many at once, one gets it.
pub(crate) async fn take(tx: &Tx, digest: Digest) -> Result<bool> {
    Ok(Entity::delete_by_id(digest.as_bytes().to_vec()).exec(tx).await?.rows_affected == 1)
}

/// Removes all that somebody let in or refused, and that no device has heard of yet.
pub(crate) async fn remove_of(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::ConnectionId.in_subquery(connection::ids_of(user))).exec(tx).await?;
    Ok(())
}

/// Removes those that nobody asks for any more.
pub(crate) async fn remove_expired(tx: &Tx, before: Timestamp) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(before)).exec(tx).await?;
    Ok(())
}
