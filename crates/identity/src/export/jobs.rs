//! The job that writes an export.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, Result, Scopes};
use stoa_edge::put_document;
use stoa_jobs::{Job, Policy, Run};

use super::{
    account,
    archive::Archive,
    model::{BYTES, ExportId, Folder, Manifest},
    store,
};
use crate::Identity;

/// Writes everything that is kept of a person into one file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Write {
    pub(crate) export: ExportId,
}

impl Job for Write {
    const KIND: &'static str = "identity.export";
    const POLICY: Policy =
        Policy { attempts: 3, deadline: Duration::from_secs(60 * 60), pause: Duration::from_secs(10) };
    type App = Identity;

    async fn run(self, app: Identity, run: Run) -> Result<Value> {
        let (ctx, user) = (&run.ctx, run.ctx.actor.user(Scopes::NONE)?.id);
        let gone = || Error::not_found("this export is no longer wanted");
        store::find(&ctx.db.reads(), user, self.export, ctx.now()).await?.ok_or_else(gone)?;
        let (archive, bytes) = Archive::new(run.clone());
        // The zip's own directory comes on top of what is in it.
        let limit = BYTES + BYTES / 4;
        let store = ctx.store.blobs.receive(ctx, "application/zip", limit, bytes);
        let ((), stored) = tokio::join!(pack(&app, &run, archive), store);
        let upload = stored?;
        let result = json!({ "export_id": self.export, "size": upload.size });
        ctx.db
            .write(async |tx| {
                ctx.store.blobs.keep(tx, &upload, ctx.now()).await?;
                if !store::set_ready(tx, self.export, &upload).await? {
                    return Err(gone());
                }
                run.finish(tx, &result).await
            })
            .await?;
        Ok(result)
    }
}

/// Puts everything in. What goes wrong is told to whoever reads the bytes.
async fn pack(app: &Identity, run: &Run, mut archive: Archive) {
    match fill(app, run, &mut archive).await {
        Ok(()) => archive.finish().await,
        Err(why) => archive.fail(why).await,
    }
}

async fn fill(app: &Identity, run: &Run, archive: &mut Archive) -> Result<()> {
    let (ctx, made_at, parts) = (&run.ctx, run.ctx.now(), app.personal()?);
    let total = parts.len() + 1;
    run.progress(0, total, "writing your account").await?;
    archive.open(account::NAME);
    account::export(ctx, archive).await?;
    let mut folders = vec![Folder { name: account::NAME, about: account::ABOUT }];
    for (at, part) in parts.iter().enumerate() {
        run.progress(at + 1, total, format!("writing your {}", part.name())).await?;
        archive.open(part.name());
        part.export(ctx, archive).await?;
        folders.push(Folder { name: part.name(), about: part.about() });
    }
    archive.open("");
    let account = ctx.actor.user(Scopes::NONE)?.id;
    let manifest =
        Manifest { format: "stoa-export", version: 1, account, made_at, folders, files: archive.entries() };
    let manifest = serde_json::to_value(&manifest)?;
    put_document(archive, "manifest.json", &manifest).await
}
