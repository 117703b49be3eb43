//! Where the house keeps things: rows, files, and the line to other processes.

use std::time::Duration;

use stoa_core::{Clock, Error, Result, Rng};
use stoa_store::{Db, DbConfig, Store, StoreConfig};

use super::Finding;
use crate::{
    commands::{memory, migrate, scratch::Scratch},
    config::Loaded,
    wiring::Wiring,
};

/// Longer than any of them should take.
const PATIENCE: Duration = Duration::from_secs(15);

async fn in_time<T>(what: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, what)
        .await
        .unwrap_or_else(|_| Err(Error::timeout(format!("no answer within {} s", PATIENCE.as_secs()))))
}

pub(super) async fn rows(loaded: &Loaded) -> Vec<Finding> {
    const NAME: &str = "database";
    let config = &loaded.config;
    let kind = if config.database.url.is_some() { "PostgreSQL" } else { "SQLite in the data folder" };
    if memory::exists(config).is_err() {
        return vec![Finding::ok(NAME, format!("{kind}, made at the first start"))];
    }
    let reached = in_time(async {
        let db = Db::open(&config.database, &config.data).await?;
        db.ping().await?;
        db.close().await
    });
    if let Err(error) = reached.await {
        return vec![Finding::failed(NAME, &error)];
    }
    let schema = match in_time(migrate::look(loaded)).await {
        Ok(report) if report.applied.is_empty() => {
            Finding::ok("schema", format!("up to date ({} steps)", report.present))
        }
        Ok(report) => Finding::note(
            "schema",
            format!("{} steps behind", report.applied.len()),
            "`stoa serve` brings it up to date when it starts, or `stoa migrate` now",
        ),
        Err(error) => Finding::failed("schema", &error),
    };
    vec![Finding::ok(NAME, kind), schema]
}

/// Opened over an empty database, so that the house's own is not touched.
pub(super) async fn files_and_signals(loaded: &Loaded) -> Finding {
    const NAME: &str = "files";
    let config = &loaded.config;
    let opened = in_time(async {
        let scratch = Scratch::new()?;
        let apart = StoreConfig {
            folder: scratch.path().to_owned(),
            database: DbConfig::default(),
            blobs: config.blobs.clone(),
            signals: config.signals.clone(),
            ..StoreConfig::default()
        };
        let migrations = Wiring::new(config)?.migrations();
        let store = Store::open(&apart, &migrations, Clock::system(), Rng::system()).await?;
        store.blobs.ping().await?;
        store.tasks.stop(Duration::from_secs(1)).await;
        store.db.close().await
    });
    match opened.await {
        Ok(()) => {
            let files = config.blobs.s3.as_ref().map_or_else(
                || "in the data folder".to_owned(),
                |s3| format!("bucket {} at {}", s3.bucket, s3.endpoint),
            );
            let line = if config.signals.redis_url.is_some() { "Redis answers" } else { "no Redis" };
            Finding::ok(NAME, format!("{files}; {line}"))
        }
        Err(error) => Finding::failed(NAME, &error),
    }
}
