//! A house's memory, for commands that come and go beside a running server or without one.

use std::sync::Arc;

use stoa_core::{Clock, Error, Result, Rng};
use stoa_store::{Ctx, Db, Store};

use crate::{
    config::{Config, Loaded},
    data_folder,
    wiring::Wiring,
};

/// The memory of a house, with what is wired to it.
pub(super) struct Memory {
    pub(super) wiring: Wiring,
    pub(super) store: Arc<Store>,
}

impl Memory {
    /// Opens it, and makes it if this house is new.
    pub(super) async fn open(loaded: &Loaded) -> Result<Self> {
        let config = &loaded.config;
        let wiring = Wiring::new(config)?;
        data_folder::make(&config.data)?;
        let migrations = wiring.migrations();
        let store = Store::open(&config.store(), &migrations, Clock::system(), Rng::system()).await?;
        Ok(Self { wiring, store })
    }

    /// Opens it if there is one: a question does not make a house.
    pub(super) async fn existing(loaded: &Loaded) -> Result<Self> {
        exists(&loaded.config)?;
        Self::open(loaded).await
    }

    /// The house itself acts.
    pub(super) fn house(&self) -> Ctx {
        Ctx::house(&self.store)
    }

    /// Lets go of everything, after the last write.
    pub(super) async fn close(self) -> Result<()> {
        self.store.tasks.stop(std::time::Duration::from_secs(5)).await;
        self.store.db.close().await
    }
}

/// Says what to do where there is no database yet.
pub(super) fn exists(config: &Config) -> Result<()> {
    if config.database.url.is_none() && !Db::file_in(&config.data).exists() {
        return Err(Error::not_found(format!(
            "there is no database in {}; name the data folder with `--data DIR`, or make one with `stoa serve` or \
             `stoa user add`",
            config.data.display()
        )));
    }
    Ok(())
}
