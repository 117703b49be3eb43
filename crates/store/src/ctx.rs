//! `Store`, all of memory in one value, and `Ctx`, the store as seen by somebody at some moment.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde::Deserialize;
use stoa_core::{Actor, Clock, Id, RequestId, Result, Rng, Timestamp};

use crate::{
    BlobConfig, Blobs, Counters, Db, DbConfig, Epoch, KeyConfig, Migration, Once, Ring, SignalConfig,
    Signals, Tasks, migrate,
};

/// How memory is set up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// The data folder: SQLite's file, blobs, the sandbox's scratch space.
    pub folder: PathBuf,
    /// Rows.
    pub database: DbConfig,
    /// Files.
    pub blobs: BlobConfig,
    /// Wake-ups and shared counters.
    pub signals: SignalConfig,
    /// What is sealed.
    pub keys: KeyConfig,
}

/// Memory: everything that is not the caller. One per process.
pub struct Store {
    /// Rows.
    pub db: Db,
    /// Files.
    pub blobs: Blobs,
    /// Wake-ups.
    pub signals: Signals,
    /// Rate limits.
    pub counters: Counters,
    /// What caches must not outlive.
    pub epoch: Epoch,
    /// What seals the values that must be read back.
    pub ring: Ring,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub rng: Rng,
    /// Work beside requests.
    pub tasks: Tasks,
}

impl Store {
    /// Opens rows, files and signals, and migrates.
    ///
    /// # Errors
    /// When one of them cannot be reached or the schema cannot be brought up to date.
    pub async fn open(
        config: &StoreConfig,
        migrations: &[Migration],
        clock: Clock,
        rng: Rng,
    ) -> Result<Arc<Self>> {
        let db = Db::open(&config.database, &config.folder).await?;
        Self::over(db, config, migrations, clock, rng).await
    }

    /// As [`Store::open`], over rows that are open already.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn over(
        db: Db,
        config: &StoreConfig,
        migrations: &[Migration],
        clock: Clock,
        rng: Rng,
    ) -> Result<Arc<Self>> {
        migrate(&db, migrations, &clock, false).await?;
        let tasks = Tasks::default();
        let signals = Signals::open(&config.signals, &db, &tasks, &rng).await?;
        let counters = Counters::open(&config.signals, &db).await?;
        let blobs = Blobs::open(&config.blobs, &config.folder)?;
        let ring = Ring::load(&config.keys, &config.folder, &db, &clock, &rng).await?;
        let epoch = Epoch::open(&db, signals.clone(), clock.clone(), &rng).await?;
        Ok(Arc::new(Self { db, blobs, signals, counters, epoch, ring, clock, rng, tasks }))
    }

    /// Keeps house until the process stops: forgets what has expired, removes files nobody stands behind, and
    /// holds this process's lease. Only `serve` calls it; a command that comes and goes does not.
    pub fn keep_house(self: &Arc<Self>) {
        self.epoch.keep(&self.db, &self.tasks);
        let store = self.clone();
        self.tasks.spawn("store.sweep", async move {
            loop {
                tokio::select! {
                    () = store.tasks.stopping().cancelled() => return,
                    () = tokio::time::sleep(Duration::from_secs(300)) => {}
                }
                if let Err(error) = store.sweep().await {
                    tracing::warn!(?error, "the sweep failed; it comes again in five minutes");
                }
            }
        });
    }

    /// One round of tidying; also what a test calls in place of waiting.
    ///
    /// # Errors
    /// When rows or files cannot be reached.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.clock.now();
        Once::sweep(&self.db, now).await?;
        self.counters.sweep(&self.db, now).await?;
        self.blobs.sweep(&self.db, now).await
    }
}

/// Who acts, under which request, and the way to memory: the first argument of every operation, the same value
/// in a request, a tool call and a job. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// Where the request came from, as text; `None` for jobs and the command line.
    pub address: Option<std::net::IpAddr>,
    /// What this is called in every log line.
    pub request: RequestId,
    /// Rows, with this context's own account of cost.
    pub db: Db,
    /// The rest of memory.
    pub store: Arc<Store>,
}

impl Ctx {
    /// A context for somebody.
    pub fn new(store: &Arc<Store>, actor: Actor, request: RequestId) -> Self {
        Self { actor, address: None, request, db: store.db.counted(), store: store.clone() }
    }

    /// A context in which the house itself acts: sweeps, schedules, the command line.
    pub fn house(store: &Arc<Store>) -> Self {
        Self::new(store, Actor::House, RequestId::new(&store.rng))
    }

    /// The same request with somebody else acting: after sign-in, or a job for the person who asked.
    pub fn acting(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.store.clock.now()
    }

    /// Chance.
    pub fn rng(&self) -> &Rng {
        &self.store.rng
    }

    /// A new id.
    pub fn id<T>(&self) -> Id<T> {
        Id::new(&self.store.clock, &self.store.rng)
    }
}
