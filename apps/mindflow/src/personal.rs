//! What MindFlow keeps of a person: tasks, deleted ones too as long as they can be restored, and settings.

use async_trait::async_trait;
use futures::StreamExt;
use stoa_core::{Result, UserId};
use stoa_edge::{Files, Personal, put_document};
use stoa_store::{Ctx, Tx};

use crate::{
    export::{
        model::ExportFormat,
        ops::{deleted, export},
    },
    settings,
    tasks::store::{bulk, within},
};

/// Tasks that are removed in one transaction.
const TOGETHER: u64 = 200;

/// MindFlow's share of what the house keeps of people.
pub(crate) struct Tasks;

#[async_trait]
impl Personal for Tasks {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn about(&self) -> &'static str {
        "Your tasks, as they can be imported again, those you deleted lately, and your settings."
    }

    async fn export(&self, ctx: &Ctx, files: &mut dyn Files) -> Result<()> {
        files.put("tasks.json", export(ctx.clone(), ExportFormat::Json).await?.boxed()).await?;
        files.put("deleted.json", deleted(ctx.clone()).await?.boxed()).await?;
        let settings = settings::model::Shown::from(&settings::ops::show(ctx).await?);
        put_document(files, "settings.json", &settings).await
    }

    async fn erase(&self, _: &Ctx, tx: &Tx, who: UserId) -> Result<bool> {
        let removed = within(tx, who, async |list| bulk::remove_some(list, who, TOGETHER).await).await?;
        Ok(removed == TOGETHER)
    }
}
