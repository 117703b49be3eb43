//! The table `identity_signing_key`.

use std::fmt;

use sea_orm::{EntityTrait, QueryOrder, Set, entity::prelude::*};
use stoa_core::{Result, Timestamp};
use stoa_store::Tx;

use super::model::Life;

#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_signing_key")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub algorithm: String,
    pub public: String,
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    pub signs_from: Timestamp,
    pub signs_until: Timestamp,
    pub published_until: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without what must not be printed.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl Model {
    pub(crate) fn life(&self) -> Life {
        let Self { signs_from, signs_until, published_until, .. } = *self;
        Life { signs_from, signs_until, published_until }
    }
}

/// All of them, oldest first. There are a handful.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::SignsFrom).order_by_asc(Column::Id).all(db).await?)
}

/// Adds one.
pub(crate) async fn add(tx: &Tx, row: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(row.id),
        algorithm: Set(row.algorithm),
        public: Set(row.public),
        sealed: Set(row.sealed),
        created_at: Set(row.created_at),
        signs_from: Set(row.signs_from),
        signs_until: Set(row.signs_until),
        published_until: Set(row.published_until),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Removes one that is of no use any more.
pub(crate) async fn remove(tx: &Tx, id: &str) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
