//! Rows of labs and tasks.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult, Statement, Value,
    entity::prelude::*,
};
use stoa_core::{Digest, Edit, Error, Granted, JobId, Result, Timestamp, UserId};
use stoa_store::{BlobId, Page, Tx};

use super::model::{
    Kept, LabId, LabRow, LabState, LabTag, NewTask, Origin, Source, Task, TaskChange, TaskId, format_name,
    format_of,
};
use crate::assignments::find::Found;

mod lab {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "labmate_lab")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: LabId,
        pub(super) owner: UserId,
        pub(super) title: String,
        pub(super) state: String,
        pub(super) source_name: String,
        pub(super) source_format: String,
        pub(super) source_size: i64,
        pub(super) source_sha256: Vec<u8>,
        pub(super) source_blob: Option<BlobId>,
        pub(super) job_id: JobId,
        pub(super) problem: Option<String>,
        pub(super) created_at: Timestamp,
        pub(super) updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

mod task {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "labmate_task")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: TaskId,
        pub(super) lab_id: LabId,
        pub(super) position: i32,
        pub(super) number: Option<String>,
        pub(super) question: String,
        pub(super) code: String,
        pub(super) language: String,
        pub(super) stdin: String,
        pub(super) included: bool,
        pub(super) origin: String,
        pub(super) after_block: Option<i32>,
        pub(super) updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<task::Model> for Task {
    type Error = Error;
    fn try_from(row: task::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            position: u32::try_from(row.position)?,
            number: row.number,
            question: row.question,
            code: row.code,
            language: row.language,
            stdin: row.stdin,
            included: row.included,
            origin: row.origin.parse()?,
            last_run: None,
            updated_at: row.updated_at,
            after_block: row.after_block.map(usize::try_from).transpose()?,
        })
    }
}

pub(crate) struct NewLab<'a> {
    pub(crate) id: LabId,
    pub(crate) owner: UserId,
    pub(crate) title: String,
    pub(crate) source: &'a Source,
    pub(crate) sha256: Digest,
    pub(crate) blob: BlobId,
    pub(crate) job: JobId,
    pub(crate) now: Timestamp,
}

pub(crate) async fn add(tx: &Tx, new: NewLab<'_>) -> Result<()> {
    let row = lab::ActiveModel {
        id: Set(new.id),
        owner: Set(new.owner),
        title: Set(new.title),
        state: Set(LabState::Parsing.as_str().to_owned()),
        source_name: Set(new.source.name.clone()),
        source_format: Set(format_name(new.source.format).to_owned()),
        source_size: Set(i64::try_from(new.source.size)?),
        source_sha256: Set(new.sha256.as_bytes().to_vec()),
        source_blob: Set(Some(new.blob)),
        job_id: Set(new.job),
        problem: Set(None),
        created_at: Set(new.now),
        updated_at: Set(new.now),
    };
    lab::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The columns of a lab, with its number of tasks.
macro_rules! lab_columns {
    () => {
        "SELECT id, title, state, source_name, source_format, source_size, source_sha256, source_blob, job_id, \
         problem, created_at, updated_at, (SELECT COUNT(*) FROM labmate_task WHERE lab_id = labmate_lab.id) AS tasks \
         FROM labmate_lab "
    };
}

fn kept(row: &QueryResult) -> Result<Kept> {
    let sha256: Vec<u8> = row.try_get_by_index(6)?;
    let sha256 = Digest::from_slice(&sha256).ok_or_else(|| Error::internal("a digest has 32 bytes"))?;
    Ok(Kept {
        blob: row.try_get_by_index(7)?,
        row: LabRow {
            id: row.try_get_by_index(0)?,
            title: row.try_get_by_index(1)?,
            state: row.try_get_by_index::<String>(2)?.parse()?,
            source: Source {
                name: row.try_get_by_index(3)?,
                format: format_of(&row.try_get_by_index::<String>(4)?)?,
                size: u64::try_from(row.try_get_by_index::<i64>(5)?)?,
                sha256: sha256.hex(),
            },
            job_id: row.try_get_by_index(8)?,
            problem: row.try_get_by_index(9)?,
            created_at: row.try_get_by_index(10)?,
            updated_at: row.try_get_by_index(11)?,
            task_count: u64::try_from(row.try_get_by_index::<i64>(12)?)?,
        },
    })
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: LabId, owner: UserId) -> Result<Option<Kept>> {
    let sql = concat!(lab_columns!(), "WHERE id = $1 AND owner = $2");
    let row = db.query_one_raw(statement(db, sql, [id.into(), owner.into()])).await?;
    row.as_ref().map(kept).transpose()
}

pub(crate) async fn list(
    db: &impl ConnectionTrait,
    owner: UserId,
    page: Page<LabTag>,
) -> Result<Vec<LabRow>> {
    let limit = i64::try_from(page.limit + 1)?;
    let rows = match page.after {
        None => {
            let sql = concat!(lab_columns!(), "WHERE owner = $1 ORDER BY id DESC LIMIT $2");
            db.query_all_raw(statement(db, sql, [owner.into(), limit.into()])).await?
        }
        Some(after) => {
            let sql = concat!(lab_columns!(), "WHERE owner = $1 AND id < $3 ORDER BY id DESC LIMIT $2");
            db.query_all_raw(statement(db, sql, [owner.into(), limit.into(), after.into()])).await?
        }
    };
    rows.iter().map(|row| Ok(kept(row)?.row)).collect()
}

pub(crate) async fn rename(tx: &Tx, lab: &Granted<Kept, Edit>, title: &str, now: Timestamp) -> Result<()> {
    let values = [lab.row.id.into(), title.into(), now.into()];
    run(tx, "UPDATE labmate_lab SET title = $2, updated_at = $3 WHERE id = $1", values).await
}

pub(crate) async fn touch(tx: &Tx, lab: &Granted<Kept, Edit>, now: Timestamp) -> Result<()> {
    run(tx, "UPDATE labmate_lab SET updated_at = $2 WHERE id = $1", [lab.row.id.into(), now.into()]).await
}

pub(crate) async fn remove(tx: &Tx, lab: &Granted<Kept, Edit>) -> Result<()> {
    run(tx, "DELETE FROM labmate_lab WHERE id = $1", [lab.row.id.into()]).await
}

/// Some labs of one person with their documents, for whoever erases the person.
pub(crate) async fn some_of(tx: &Tx, owner: UserId, limit: i64) -> Result<Vec<(LabId, Option<BlobId>)>> {
    let sql = "SELECT id, source_blob FROM labmate_lab WHERE owner = $1 ORDER BY id LIMIT $2";
    let rows = tx.query_all_raw(statement(tx, sql, [owner.into(), limit.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Removes a lab of somebody who is erased.
pub(crate) async fn erase(tx: &Tx, lab: LabId) -> Result<()> {
    run(tx, "DELETE FROM labmate_lab WHERE id = $1", [lab.into()]).await
}

/// The document was read: these are its tasks.
pub(crate) async fn set_ready(
    tx: &Tx,
    lab: LabId,
    tasks: Vec<(TaskId, Found)>,
    now: Timestamp,
) -> Result<()> {
    run(tx, "DELETE FROM labmate_task WHERE lab_id = $1 AND origin = 'found'", [lab.into()]).await?;
    for (position, (id, found)) in tasks.into_iter().enumerate() {
        let row = task::ActiveModel {
            id: Set(id),
            lab_id: Set(lab),
            position: Set(i32::try_from(position)?),
            number: Set(found.number),
            question: Set(found.question),
            code: Set(found.code),
            language: Set(found.language),
            stdin: Set(String::new()),
            included: Set(true),
            origin: Set(Origin::Found.as_str().to_owned()),
            after_block: Set(found.after_block.map(i32::try_from).transpose()?),
            updated_at: Set(now),
        };
        task::Entity::insert(row).exec_without_returning(tx).await?;
    }
    run(
        tx,
        "UPDATE labmate_lab SET state = 'ready', problem = NULL, updated_at = $2 WHERE id = $1",
        [lab.into(), now.into()],
    )
    .await
}

/// The document cannot be read; it is let go.
pub(crate) async fn set_failed(tx: &Tx, lab: LabId, why: &str, now: Timestamp) -> Result<()> {
    run(
        tx,
        "UPDATE labmate_lab SET state = 'failed', problem = $2, source_blob = NULL, updated_at = $3 WHERE id = $1",
        [lab.into(), why.into(), now.into()],
    )
    .await
}

pub(crate) async fn tasks(db: &impl ConnectionTrait, lab: LabId) -> Result<Vec<Task>> {
    let rows = task::Entity::find()
        .filter(task::Column::LabId.eq(lab))
        .order_by_asc(task::Column::Position)
        .all(db)
        .await?;
    rows.into_iter().map(Task::try_from).collect()
}

pub(crate) async fn find_task(db: &impl ConnectionTrait, lab: LabId, id: TaskId) -> Result<Option<Task>> {
    let row = task::Entity::find_by_id(id).filter(task::Column::LabId.eq(lab)).one(db).await?;
    row.map(Task::try_from).transpose()
}

pub(crate) async fn add_task(
    tx: &Tx,
    lab: &Granted<Kept, Edit>,
    id: TaskId,
    new: NewTask,
    position: u32,
    now: Timestamp,
) -> Result<()> {
    let row = task::ActiveModel {
        id: Set(id),
        lab_id: Set(lab.row.id),
        position: Set(i32::try_from(position)?),
        number: Set(None),
        question: Set(new.question),
        code: Set(new.code),
        language: Set(new.language),
        stdin: Set(new.stdin),
        included: Set(true),
        origin: Set(Origin::Added.as_str().to_owned()),
        after_block: Set(None),
        updated_at: Set(now),
    };
    task::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn change_task(
    tx: &Tx,
    _: &Granted<Kept, Edit>,
    id: TaskId,
    change: &TaskChange,
    now: Timestamp,
) -> Result<()> {
    let values = [
        id.into(),
        change.question.clone().into(),
        change.code.clone().into(),
        change.language.clone().into(),
        change.stdin.clone().into(),
        change.included.into(),
        now.into(),
    ];
    run(
        tx,
        "UPDATE labmate_task SET question = COALESCE($2, question), code = COALESCE($3, code), \
         language = COALESCE($4, language), stdin = COALESCE($5, stdin), included = COALESCE($6, included), \
         updated_at = $7 WHERE id = $1",
        values,
    )
    .await
}

pub(crate) async fn place_task(tx: &Tx, _: &Granted<Kept, Edit>, id: TaskId, position: usize) -> Result<()> {
    let position = i32::try_from(position)?;
    run(tx, "UPDATE labmate_task SET position = $2 WHERE id = $1", [id.into(), position.into()]).await
}

pub(crate) async fn remove_task(tx: &Tx, _: &Granted<Kept, Edit>, id: TaskId) -> Result<()> {
    run(tx, "DELETE FROM labmate_task WHERE id = $1", [id.into()]).await
}

pub(crate) fn statement(
    db: &impl ConnectionTrait,
    sql: &'static str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

async fn run(tx: &Tx, sql: &'static str, values: impl IntoIterator<Item = Value>) -> Result<()> {
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}
