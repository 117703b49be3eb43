//! Rows of reports.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, entity::prelude::*};
use serde_json::Value;
use stoa_core::{Digest, Error, JobId, Result, Timestamp, UserId};
use stoa_store::{BlobId, Page, Tx, Upload};

use super::model::{Report, ReportFormat, ReportId, ReportState, ReportTag};
use crate::assignments::{model::LabId, store::statement};

mod report {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "labmate_report")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: ReportId,
        pub(super) lab_id: LabId,
        pub(super) state: String,
        pub(super) filename: String,
        pub(super) job_id: JobId,
        pub(super) blob: Option<BlobId>,
        pub(super) size: Option<i64>,
        pub(super) sha256: Option<Vec<u8>>,
        pub(super) evidence: Option<Json>,
        pub(super) created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<report::Model> for Report {
    type Error = Error;
    fn try_from(row: report::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            lab_id: row.lab_id,
            state: row.state.parse()?,
            filename: row.filename,
            format: ReportFormat::Docx,
            size: row.size.map(u64::try_from).transpose()?,
            sha256: row.sha256.and_then(|bytes| Digest::from_slice(&bytes)).map(|digest| digest.hex()),
            created_at: row.created_at,
            job_id: row.job_id,
            blob: row.blob,
        })
    }
}

pub(crate) async fn add(
    tx: &Tx,
    id: ReportId,
    lab: LabId,
    filename: String,
    job: JobId,
    now: Timestamp,
) -> Result<()> {
    let row = report::ActiveModel {
        id: Set(id),
        lab_id: Set(lab),
        state: Set(ReportState::Building.as_str().to_owned()),
        filename: Set(filename),
        job_id: Set(job),
        blob: Set(None),
        size: Set(None),
        sha256: Set(None),
        evidence: Set(None),
        created_at: Set(now),
    };
    report::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A report of a lab of this person's, with its evidence.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    id: ReportId,
    owner: UserId,
) -> Result<Option<(Report, Option<Value>)>> {
    let sql = "SELECT lab_id FROM labmate_report JOIN labmate_lab ON labmate_lab.id = labmate_report.lab_id \
               WHERE labmate_report.id = $1 AND labmate_lab.owner = $2";
    if db.query_one_raw(statement(db, sql, [id.into(), owner.into()])).await?.is_none() {
        return Ok(None);
    }
    let Some(mut row) = report::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let evidence = row.evidence.take();
    Ok(Some((row.try_into()?, evidence)))
}

/// Reports of a lab, newest first. The caller has shown that the lab is theirs.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    lab: LabId,
    page: Page<ReportTag>,
) -> Result<Vec<Report>> {
    let all = report::Entity::find().filter(report::Column::LabId.eq(lab));
    let rows = page.of(all, report::Column::Id).all(db).await?;
    rows.into_iter().map(Report::try_from).collect()
}

pub(crate) async fn set_ready(tx: &Tx, id: ReportId, upload: &Upload, evidence: &Value) -> Result<()> {
    let values = [
        id.into(),
        upload.id.into(),
        i64::try_from(upload.size)?.into(),
        upload.sha256.as_bytes().to_vec().into(),
        evidence.clone().into(),
    ];
    let sql = "UPDATE labmate_report SET state = 'ready', blob = $2, size = $3, sha256 = $4, evidence = $5 WHERE id = $1";
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}

pub(crate) async fn set_failed(tx: &Tx, id: ReportId) -> Result<()> {
    let sql = "UPDATE labmate_report SET state = 'failed' WHERE id = $1";
    tx.execute_raw(statement(tx, sql, [id.into()])).await?;
    Ok(())
}

/// The blobs of all reports of a lab.
pub(crate) async fn blobs_of(tx: &Tx, lab: LabId) -> Result<Vec<BlobId>> {
    let sql = "SELECT blob FROM labmate_report WHERE lab_id = $1 AND blob IS NOT NULL";
    let rows = tx.query_all_raw(statement(tx, sql, [lab.into()])).await?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(Error::from)).collect()
}
