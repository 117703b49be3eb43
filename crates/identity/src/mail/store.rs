//! The table `identity_mail`.

use std::fmt;

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, entity::prelude::*, sea_query::Expr,
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::{Page as PageOf, Tx};

use super::model::{Kept, LetterId, LetterTag, Link, State};

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_mail")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LetterId,
    pub user_id: Option<UserId>,
    pub address: String,
    pub address_key: String,
    pub subject: String,
    pub body: String,
    pub private: bool,
    pub link: Option<String>,
    pub link_value: String,
    pub link_until: Timestamp,
    pub state: String,
    pub problem: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what is nobody else's business.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({})", self.id)
    }
}

impl Model {
    /// Whether it is to nobody.
    pub(crate) fn is_blank(&self) -> bool {
        self.address.is_empty()
    }

    /// The link, if it has one.
    pub(crate) fn link(&self) -> Result<Option<Link>> {
        let Some(page) = &self.link else { return Ok(None) };
        Ok(Some(Link { to: page.parse()?, value: self.link_value.clone(), until: self.link_until }))
    }

    pub(crate) fn shown(self, now: Timestamp) -> Result<Kept> {
        let state: State = self.state.parse()?;
        let public = !self.private;
        let waits = matches!(state, State::Kept | State::Failed);
        Ok(Kept {
            id: self.id,
            to: self.address,
            subject: public.then_some(self.subject),
            text: Some(self.body).filter(|body| public && !body.is_empty()),
            state,
            problem: self.problem,
            link: waits && self.link.is_some() && self.link_until > now,
            created_at: self.created_at,
            sent_at: self.sent_at,
        })
    }
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        address: Set(row.address),
        address_key: Set(row.address_key),
        subject: Set(row.subject),
        body: Set(row.body),
        private: Set(row.private),
        link: Set(row.link),
        link_value: Set(row.link_value),
        link_until: Set(row.link_until),
        state: Set(row.state),
        problem: Set(row.problem),
        created_at: Set(row.created_at),
        sent_at: Set(row.sent_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: LetterId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Those to somebody: one row more than a page, newest first.
pub(crate) async fn list(db: &impl ConnectionTrait, page: &PageOf<LetterTag>) -> Result<Vec<Model>> {
    let mut query =
        Entity::find().filter(Column::Address.ne("")).order_by_desc(Column::Id).limit(page.limit + 1);
    if let Some(after) = page.after {
        query = query.filter(Column::Id.lt(after));
    }
    Ok(query.all(db).await?)
}

/// Where some of them stand.
pub(crate) async fn fates(
    db: &impl ConnectionTrait,
    ids: Vec<LetterId>,
) -> Result<Vec<(LetterId, String, Option<Timestamp>)>> {
    let some = Entity::find().select_only().columns([Column::Id, Column::State, Column::SentAt]);
    Ok(some.filter(Column::Id.is_in(ids)).into_tuple().all(db).await?)
}

/// Is with the mail server. What it said is no longer kept.
pub(crate) async fn set_sent(tx: &Tx, id: LetterId, at: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Sent.as_str()))
        .col_expr(Column::SentAt, Expr::value(Some(at)))
        .col_expr(Column::Body, Expr::value(""))
        .col_expr(Column::LinkValue, Expr::value(""))
        .col_expr(Column::Problem, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Stays in the outbox, with the reason if there is one.
pub(crate) async fn set_stays(tx: &Tx, id: LetterId, state: State, problem: Option<&str>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Problem, Expr::value(problem.map(str::to_owned)))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes one.
pub(crate) async fn remove(tx: &Tx, id: LetterId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Forgets what is older.
pub(crate) async fn remove_before(tx: &Tx, at: Timestamp) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::CreatedAt.lte(at)).exec(tx).await?.rows_affected)
}

/// Forgets all letters to an address, whoever's it was when they were posted.
pub(crate) async fn remove_to(tx: &Tx, address_key: &str) -> Result<()> {
    Entity::delete_many().filter(Column::AddressKey.eq(address_key)).exec(tx).await?;
    Ok(())
}

/// Those to one person: one row more than a page, newest first.
pub(crate) async fn list_to(
    db: &impl ConnectionTrait,
    user: UserId,
    page: &PageOf<LetterTag>,
) -> Result<Vec<Model>> {
    Ok(page.of(Entity::find().filter(Column::UserId.eq(user)), Column::Id).all(db).await?)
}
