//! Rows of runs and of the files they left.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
    entity::prelude::*,
};
use stoa_core::{Error, JobId, Result, Timestamp, UserId, digest};
use stoa_store::{BlobId, Page, Tx};

use super::model::{Outcome, Raw, Run, RunFile, RunId, RunLimits, RunRow, RunState, RunTag};
use crate::assignments::{
    model::{LabId, Task, TaskId},
    store::statement,
};

mod run {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "labmate_run")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: RunId,
        pub(super) lab_id: LabId,
        pub(super) task_id: TaskId,
        pub(super) job_id: JobId,
        pub(super) state: String,
        pub(super) language: String,
        pub(super) code: String,
        pub(super) stdin: String,
        pub(super) limits: Json,
        pub(super) outcome: Option<Json>,
        pub(super) stdout: Vec<u8>,
        pub(super) stderr: Vec<u8>,
        pub(super) created_at: Timestamp,
        pub(super) started_at: Option<Timestamp>,
        pub(super) finished_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

mod file {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "labmate_file")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) run_id: RunId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) name: String,
        pub(super) size: i64,
        pub(super) blob: BlobId,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

impl run::Model {
    fn full(self, files: Vec<RunFile>) -> Result<Run> {
        let outcome: Option<Outcome> = self.outcome.map(serde_json::from_value).transpose()?;
        let limits: RunLimits = serde_json::from_value(self.limits)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Run {
            id: self.id,
            lab_id: self.lab_id,
            task_id: self.task_id,
            job_id: self.job_id,
            language: self.language,
            state: self.state.parse()?,
            exit: outcome.as_ref().map(|outcome| outcome.exit.clone()),
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
            truncated: outcome.as_ref().is_some_and(|outcome| outcome.truncated),
            files,
            usage: outcome.as_ref().map(|outcome| outcome.usage).unwrap_or_default(),
            isolation: outcome.map(|outcome| outcome.isolation).unwrap_or_default(),
            limits,
            code_sha256: digest(&self.code).hex(),
            started_at: self.started_at,
            finished_at: self.finished_at,
            code: self.code,
            stdin: self.stdin,
            raw: Raw { stdout: self.stdout, stderr: self.stderr },
        })
    }
}

/// A run as it stands beside its task.
pub(crate) fn row_of(run: &Run) -> RunRow {
    RunRow {
        id: run.id,
        state: run.state,
        exit: run.exit.clone(),
        started_at: run.started_at,
        finished_at: run.finished_at,
        code_sha256: run.code_sha256.clone(),
    }
}

pub(crate) async fn add(
    tx: &Tx,
    id: RunId,
    lab: LabId,
    task: &Task,
    job: JobId,
    limits: &RunLimits,
    now: Timestamp,
) -> Result<()> {
    let row = run::ActiveModel {
        id: Set(id),
        lab_id: Set(lab),
        task_id: Set(task.id),
        job_id: Set(job),
        state: Set(RunState::Queued.as_str().to_owned()),
        language: Set(task.language.clone()),
        code: Set(task.code.clone()),
        stdin: Set(task.stdin.clone()),
        limits: Set(serde_json::to_value(limits)?),
        outcome: Set(None),
        stdout: Set(Vec::new()),
        stderr: Set(Vec::new()),
        created_at: Set(now),
        started_at: Set(None),
        finished_at: Set(None),
    };
    run::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A run of a lab of this person's.
pub(crate) async fn find(db: &impl ConnectionTrait, id: RunId, owner: UserId) -> Result<Option<Run>> {
    let sql = "SELECT lab_id FROM labmate_run JOIN labmate_lab ON labmate_lab.id = labmate_run.lab_id \
               WHERE labmate_run.id = $1 AND labmate_lab.owner = $2";
    if db.query_one_raw(statement(db, sql, [id.into(), owner.into()])).await?.is_none() {
        return Ok(None);
    }
    let Some(row) = run::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let files = files(db, id).await?;
    row.full(files).map(Some)
}

async fn files(db: &impl ConnectionTrait, id: RunId) -> Result<Vec<RunFile>> {
    let rows = file::Entity::find()
        .filter(file::Column::RunId.eq(id))
        .order_by_asc(file::Column::Name)
        .all(db)
        .await?;
    rows.into_iter()
        .enumerate()
        .map(|(at, row)| {
            Ok(RunFile {
                url: format!("/api/v1/runs/{id}/files/{at}"),
                name: row.name,
                size: u64::try_from(row.size)?,
                blob: row.blob,
            })
        })
        .collect()
}

/// Runs of a lab, newest first. The caller has shown that the lab is theirs.
pub(crate) async fn list(db: &impl ConnectionTrait, lab: LabId, page: Page<RunTag>) -> Result<Vec<Run>> {
    let all = run::Entity::find().filter(run::Column::LabId.eq(lab));
    let rows = page.of(all, run::Column::Id).all(db).await?;
    let mut runs = Vec::with_capacity(rows.len());
    for row in rows {
        let files = files(db, row.id).await?;
        runs.push(row.full(files)?);
    }
    Ok(runs)
}

/// The last run of each task of a lab.
pub(crate) async fn last_of_each(db: &impl ConnectionTrait, lab: LabId) -> Result<Vec<Run>> {
    let sql = "SELECT id FROM labmate_run AS r WHERE lab_id = $1 AND NOT EXISTS (SELECT 1 FROM labmate_run AS later \
               WHERE later.task_id = r.task_id AND later.id > r.id)";
    let ids = db.query_all_raw(statement(db, sql, [lab.into()])).await?;
    let ids: Vec<RunId> = ids.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, DbErr>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = run::Entity::find().filter(run::Column::Id.is_in(ids)).all(db).await?;
    rows.into_iter().map(|row| row.full(Vec::new())).collect()
}

/// The last run of a task that ended, for a report.
pub(crate) async fn last_ended(db: &impl ConnectionTrait, task: TaskId) -> Result<Option<Run>> {
    let row = run::Entity::find()
        .filter(run::Column::TaskId.eq(task))
        .filter(run::Column::State.is_in([RunState::Succeeded.as_str(), RunState::Failed.as_str()]))
        .order_by_desc(run::Column::Id)
        .limit(1)
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let files = files(db, row.id).await?;
    row.full(files).map(Some)
}

pub(crate) async fn set_running(tx: &Tx, id: RunId, now: Timestamp) -> Result<()> {
    let values = [id.into(), now.into()];
    execute(tx, "UPDATE labmate_run SET state = 'running', started_at = $2 WHERE id = $1", values).await
}

pub(crate) async fn set_cancelled(tx: &Tx, id: RunId, now: Timestamp) -> Result<()> {
    execute(
        tx,
        "UPDATE labmate_run SET state = 'cancelled', finished_at = $2 WHERE id = $1 AND state IN ('queued', 'running')",
        [id.into(), now.into()],
    )
    .await
}

/// Writes down how a run ended, with the files it left.
pub(crate) async fn set_ended(
    tx: &Tx,
    id: RunId,
    state: RunState,
    outcome: &Outcome,
    raw: Raw,
    files: &[(String, u64, BlobId)],
    now: Timestamp,
) -> Result<()> {
    let values = [
        id.into(),
        state.as_str().into(),
        serde_json::to_value(outcome)?.into(),
        raw.stdout.into(),
        raw.stderr.into(),
        now.into(),
    ];
    execute(
        tx,
        "UPDATE labmate_run SET state = $2, outcome = $3, stdout = $4, stderr = $5, finished_at = $6 WHERE id = $1",
        values,
    )
    .await?;
    for (name, size, blob) in files {
        let row = file::ActiveModel {
            run_id: Set(id),
            name: Set(name.clone()),
            size: Set(i64::try_from(*size)?),
            blob: Set(*blob),
        };
        file::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The blobs of all files of a lab's runs.
pub(crate) async fn blobs_of(tx: &Tx, lab: LabId) -> Result<Vec<BlobId>> {
    let sql = "SELECT blob FROM labmate_file JOIN labmate_run ON labmate_run.id = labmate_file.run_id \
               WHERE labmate_run.lab_id = $1";
    blobs(tx, statement(tx, sql, [lab.into()])).await
}

/// The blobs of all files of a task's runs.
pub(crate) async fn blobs_of_task(tx: &Tx, task: TaskId) -> Result<Vec<BlobId>> {
    let sql = "SELECT blob FROM labmate_file JOIN labmate_run ON labmate_run.id = labmate_file.run_id \
               WHERE labmate_run.task_id = $1";
    blobs(tx, statement(tx, sql, [task.into()])).await
}

async fn blobs(tx: &Tx, query: Statement) -> Result<Vec<BlobId>> {
    let rows = tx.query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(Error::from)).collect()
}

async fn execute(tx: &Tx, sql: &'static str, values: impl IntoIterator<Item = Value>) -> Result<()> {
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}
