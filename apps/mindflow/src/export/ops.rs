//! What may be asked for as a file.

use bytes::Bytes;
use futures::Stream;
use stoa_core::{Result, UserId};
use stoa_store::Ctx;

use super::{
    calendar::{Calendar, Shape},
    model::{ExportFormat, Json, Writer},
    table::Table,
};
use crate::{
    READ, settings,
    tasks::{model::TaskId, ops::needs, store::bulk},
};

/// Tasks that are read, written and sent together.
const PAGE: u64 = 200;

/// All of the caller's tasks that are not deleted, in pieces.
pub(crate) async fn export(
    ctx: Ctx,
    format: ExportFormat,
) -> Result<impl Stream<Item = Result<Bytes>> + Send> {
    pieces(ctx, format, false).await
}

/// Those that are, and can still be restored, as JSON.
pub(crate) async fn deleted(ctx: Ctx) -> Result<impl Stream<Item = Result<Bytes>> + Send> {
    pieces(ctx, ExportFormat::Json, true).await
}

async fn pieces(
    ctx: Ctx,
    format: ExportFormat,
    deleted: bool,
) -> Result<impl Stream<Item = Result<Bytes>> + Send> {
    let who = ctx.actor.user(READ)?.id;
    let now = ctx.now();
    let writer: Box<dyn Writer> = match format {
        ExportFormat::Json => Box::new(Json { now, first: true }),
        ExportFormat::Csv => Box::new(Table { now }),
        ExportFormat::Ics => {
            let zone = settings::ops::of(&ctx, who).await?.zone;
            Box::new(Calendar { zone, now, shape: Shape::Todo })
        }
    };
    Ok(futures::stream::try_unfold(
        Place { ctx, who, writer, deleted, next: Next::Head },
        |mut place| async move {
            let piece = place.piece().await?;
            Ok(piece.map(|piece| (Bytes::from(piece), place)))
        },
    ))
}

/// How far a file is written.
struct Place {
    ctx: Ctx,
    who: UserId,
    writer: Box<dyn Writer>,
    /// Whether those that are deleted are meant, or the others.
    deleted: bool,
    next: Next,
}

#[derive(Clone, Copy)]
enum Next {
    Head,
    After(TaskId),
    Nothing,
}

impl Place {
    /// The next piece, or `None` at the end.
    async fn piece(&mut self) -> Result<Option<String>> {
        let mut out = String::new();
        let after = match self.next {
            Next::Nothing => return Ok(None),
            Next::Head => {
                self.writer.head(&mut out)?;
                None
            }
            Next::After(id) => Some(id),
        };
        let tasks = bulk::some(&self.ctx.db.reads(), self.who, self.deleted, after, PAGE).await?;
        self.next = match tasks.last() {
            Some(last) if u64::try_from(tasks.len())? == PAGE => Next::After(last.id),
            _ => Next::Nothing,
        };
        let mut needed = needs(&self.ctx, tasks.iter().map(|task| task.id).collect()).await?;
        for task in tasks {
            let needs = needed.remove(&task.id).unwrap_or_default().into_iter().map(|need| need.id).collect();
            self.writer.task(&mut out, task, needs)?;
        }
        if matches!(self.next, Next::Nothing) {
            self.writer.tail(&mut out)?;
        }
        Ok(Some(out))
    }
}
