//! Memory: rows over SQLite or PostgreSQL, files over a folder or S3, wake-ups, shared counters, one-time
//! values, sealed values, and [`Ctx`], the value that every operation takes first.
//!
//! Owns the tables `store_*` and the connections behind them. `jobs` and everything above may enter.
//! Not here: what the rows of others mean; each owner writes its own SQL. Nothing outside this crate opens a
//! connection, begins a transaction, or knows which engine it speaks to (but for [`Db::engine`], which says it
//! to the few statements that must differ).

mod blobs;
mod counters;
mod ctx;
mod db;
mod epoch;
mod folder;
mod migrate;
mod nodes;
mod once;
mod paging;
mod ring;
mod signals;
mod tasks;

pub use blobs::{Blob, BlobConfig, BlobId, BlobStream, BlobTag, Blobs, S3Config, Upload};
pub use counters::{Class, Counters, Decision};
pub use ctx::{Ctx, Store, StoreConfig};
pub use db::{Cost, Db, DbConfig, Engine, Reads, Tx, Uncertain};
pub use epoch::Epoch;
pub use folder::FolderLock;
pub use migrate::{Migration, Report as MigrationReport, migrate};
pub use nodes::{NodeId, NodeTag};
pub use once::Once;
pub use paging::{Page, PageOf};
pub use ring::{KeyConfig, Ring};
pub use signals::{Listener, SignalConfig, Signals};
pub use tasks::Tasks;

/// What this crate keeps of its own.
pub const MIGRATIONS: &[Migration] = &[
    Migration::new("store", 1, "memory", include_str!("../migrations/0001_memory.sql")),
    Migration::new("store", 2, "keys", include_str!("../migrations/0002_keys.sql")),
];
