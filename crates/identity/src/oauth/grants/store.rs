//! The table `identity_grant`.

use std::{collections::HashMap, fmt};

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Set, Statement,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};
use stoa_core::{Audience, Digest, GrantId, Result, SessionId, Timestamp, UserId};
use stoa_store::{Db, Tx};

use super::{
    connection,
    model::{self, ConnectionId},
};
use crate::oauth::logout::model::SignOnId;

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

/// What must be so for a refresh token to be replaced without another look.
pub(crate) struct Present<'a> {
    pub(crate) id: GrantId,
    pub(crate) shown: Digest,
    pub(crate) client: &'a str,
    /// The key that is shown, which the grant is bound to; without one it is bound to none.
    pub(crate) key: Option<&'a str>,
    /// Asked for, where anything is: exactly what was granted.
    pub(crate) scopes: Option<String>,
    pub(crate) audience: Option<String>,
    /// Used since then.
    pub(crate) idle_since: Timestamp,
}

/// Replaces the present refresh token where all of that is so; gives back the grant as it is then, and where its person is
/// signed in with the session that it came of, while that lasts.
pub(crate) async fn replace(
    db: &Db,
    present: Present<'_>,
    new: Digest,
    now: Timestamp,
) -> Result<Option<(Model, Option<SignOnId>)>> {
    const REPLACE: &str = "UPDATE identity_grant SET previous = refresh, refresh = $3, rotated_at = $4, last_used_at = $4 \
         WHERE id = $1 AND refresh = $2 AND client_id = $5 AND expires_at > $4 AND last_used_at > $6 \
         AND bound_to IS NOT DISTINCT FROM CAST($7 AS TEXT) AND scopes = COALESCE(CAST($8 AS TEXT), scopes) \
         AND audience = COALESCE(CAST($9 AS TEXT), audience) \
         RETURNING *, (SELECT id FROM identity_sign_on WHERE session_id = identity_grant.session_id \
         AND client_id = identity_grant.client_id) AS sid";
    let values = [
        present.id.into(),
        present.shown.as_bytes().to_vec().into(),
        new.as_bytes().to_vec().into(),
        now.into(),
        present.client.into(),
        present.idle_since.into(),
        present.key.into(),
        present.scopes.into(),
        present.audience.into(),
    ];
    let backend = db.reads().get_database_backend();
    let rows = db.write_one(Statement::from_sql_and_values(backend, REPLACE, values)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((Model::from_query_result(row, "")?, row.try_get("", "sid")?)))
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

/// The last use of any grant of a connection, inside a statement about connections.
pub(super) fn last_use() -> SelectStatement {
    let of_it =
        Expr::col((Entity, Column::ConnectionId)).equals((connection::Entity, connection::Column::Id));
    Query::select().expr(Column::LastUsedAt.max()).from(Entity).and_where(of_it).to_owned()
}

/// When tokens of these connections were last given out or used, as far as there are grants of them.
pub(crate) async fn last_used(
    db: &impl ConnectionTrait,
    connections: Vec<ConnectionId>,
) -> Result<HashMap<ConnectionId, Timestamp>> {
    if connections.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(ConnectionId, Timestamp)> = Entity::find()
        .select_only()
        .column(Column::ConnectionId)
        .column_as(Column::LastUsedAt.max(), "last_used_at")
        .filter(Column::ConnectionId.is_in(connections))
        .group_by(Column::ConnectionId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
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

/// Removes one.
pub(crate) async fn remove(tx: &Tx, id: GrantId) -> Result<()> {
    remove_all(tx, Column::Id.eq(id)).await
}

/// Removes all of somebody's.
pub(crate) async fn remove_of(tx: &Tx, user: UserId) -> Result<()> {
    remove_all(tx, Column::UserId.eq(user)).await
}

/// Removes those that are over.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    remove_all(tx, Column::ExpiresAt.lte(now)).await
}

/// Their connections remember when they were last used.
async fn remove_all(tx: &Tx, of: Expr) -> Result<()> {
    let going = Entity::find().select_only().column(Column::ConnectionId).filter(of.clone()).into_query();
    connection::keep_last_use(tx, going).await?;
    Entity::delete_many().filter(of).exec(tx).await?;
    Ok(())
}
