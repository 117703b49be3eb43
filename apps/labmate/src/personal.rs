//! What LabMate keeps of a person: their labs, with documents, runs, the files those left, and reports.

use async_trait::async_trait;
use stoa_core::{Result, UserId};
use stoa_edge::{Files, Personal, put_document, put_list};
use stoa_store::{Ctx, Page, Tx};

use crate::{
    assignments::{self, model::LabId},
    reports::{self, model::ReportState},
    runs,
};

/// Labs that are removed in one transaction.
const TOGETHER: i64 = 10;

/// LabMate's share of what the house keeps of people.
pub(crate) struct Labs;

#[async_trait]
impl Personal for Labs {
    fn name(&self) -> &'static str {
        "labs"
    }

    fn about(&self) -> &'static str {
        "Your labs: the documents, the tasks found in them, each run with its output and files, and the reports."
    }

    async fn export(&self, ctx: &Ctx, files: &mut dyn Files) -> Result<()> {
        let mut page = Page::default();
        loop {
            let labs = assignments::ops::list(ctx, page).await?;
            for lab in labs.items {
                one(ctx, files, lab.id).await?;
            }
            let Some(next) = labs.next else { return Ok(()) };
            page.after = Some(next.parse()?);
        }
    }

    async fn erase(&self, ctx: &Ctx, tx: &Tx, who: UserId) -> Result<bool> {
        let labs = assignments::store::some_of(tx, who, TOGETHER).await?;
        for (lab, document) in &labs {
            let mut blobs = runs::store::blobs_of(tx, *lab).await?;
            blobs.extend(reports::store::blobs_of(tx, *lab).await?);
            blobs.extend(document);
            for blob in blobs {
                ctx.store.blobs.discard(tx, blob, ctx.now()).await?;
            }
            assignments::store::erase(tx, *lab).await?;
        }
        Ok(i64::try_from(labs.len())? == TOGETHER)
    }
}

/// One lab with all that belongs to it. What is removed meanwhile is left out.
async fn one(ctx: &Ctx, files: &mut dyn Files, id: LabId) -> Result<()> {
    let Ok(kept) = assignments::ops::open_to_read(ctx, id).await else { return Ok(()) };
    put_document(files, &format!("{id}/lab.json"), &assignments::ops::show(ctx, id).await?).await?;
    if let Some(blob) = kept.blob {
        let path = format!("{id}/document/{}", kept.row.source.name);
        files.put(&path, ctx.store.blobs.read(blob).await?).await?;
    }
    put_list(files, &format!("{id}/runs.json"), |page| runs::ops::list(ctx, id, page)).await?;
    let mut page = Page::default();
    loop {
        let runs = runs::ops::list(ctx, id, page).await?;
        for run in &runs.items {
            for file in &run.files {
                let path = format!("{id}/runs/{}/{}", run.id, file.name);
                files.put(&path, ctx.store.blobs.read(file.blob).await?).await?;
            }
        }
        let Some(next) = runs.next else { break };
        page.after = Some(next.parse()?);
    }
    finished(ctx, files, id).await
}

async fn finished(ctx: &Ctx, files: &mut dyn Files, id: LabId) -> Result<()> {
    let mut page = Page::default();
    loop {
        let reports = reports::ops::list(ctx, id, page).await?;
        for report in reports.items.iter().filter(|report| report.state == ReportState::Ready) {
            let (name, _, bytes) = reports::ops::file(ctx, report.id).await?;
            files.put(&format!("{id}/reports/{}/{name}", report.id), bytes).await?;
            let evidence = reports::ops::evidence(ctx, report.id).await?;
            put_document(files, &format!("{id}/reports/{}/evidence.json", report.id), &evidence).await?;
        }
        let Some(next) = reports.next else { return Ok(()) };
        page.after = Some(next.parse()?);
    }
}
