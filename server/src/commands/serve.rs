//! `stoa serve`: from nothing to answering, and in good order to the end.

mod ending;
mod listeners;

use std::{future::pending, mem, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use stoa_core::{Clock, Result, Rng};
use stoa_edge::{Edge, Metrics};
use stoa_identity::people::setup;
use stoa_jobs::Worker;
use stoa_store::{Ctx, FolderLock, Store};

use self::{ending::Ending, listeners::Listeners};
use super::Place;
use crate::{
    config::{Config, Flag, Loaded},
    conformance, data_folder, screen,
    telemetry::{self, Stream},
    wiring::Wiring,
};

/// Serve people, and run their jobs.
#[derive(Args)]
#[command(after_help = "\
Examples:
  stoa serve
  stoa serve --data /var/lib/stoa --listen 127.0.0.1:8080
  stoa serve --config /etc/stoa.toml --role worker

The first start prints a link; whoever opens it becomes the owner.
Ctrl-C or SIGTERM ends it in good order; a second one at once.")]
pub(super) struct Serve {
    /// Where people are served (default: 127.0.0.1:8080)
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where metrics and health are served, or `off` (default: 127.0.0.1:9090)
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<String>,
    /// What this process does: all, web, worker (default: all)
    #[arg(long)]
    role: Option<String>,
    /// Offer the fixtures of the MCP conformance suite at /mcp in place of the tools, without sign-in
    #[arg(long, hide = true)]
    mcp_conformance: bool,
}

impl Serve {
    pub(super) fn run(self, place: Place) -> Result<ExitCode> {
        let given = [
            ("--listen", "server.listen", self.listen),
            ("--admin-listen", "server.admin_listen", self.admin_listen),
            ("--role", "server.role", self.role),
        ];
        let flags = given
            .into_iter()
            .filter_map(|(name, key, value)| Some(Flag { name, key, value: value? }))
            .collect();
        let loaded = place.read(flags)?;
        loaded.config.check()?;
        telemetry::start(&loaded.config.log, Stream::Stdout)?;
        let runtime = super::runtime()?;
        let ended = runtime.block_on(serve(loaded, self.mcp_conformance));
        // After a second Ctrl-C something may still be at work; it is not waited for.
        runtime.shutdown_background();
        ended
    }
}

async fn serve(loaded: Loaded, fixtures: bool) -> Result<ExitCode> {
    let mut ending = Ending::listen()?;
    let (house, listeners) = tokio::select! {
        started = House::start(&loaded, fixtures) => started?,
        () = ending.asked() => return Ok(ExitCode::SUCCESS),
    };
    tokio::select! {
        broken = house.serve(listeners) => broken?,
        () = ending.asked() => {}
    }
    tracing::info!("stopping");
    tokio::select! {
        () = house.stop(loaded.config.server.stop_seconds) => Ok(ExitCode::SUCCESS),
        again = Ending::asked_again() => {
            again?;
            tracing::warn!("stopped at once; jobs in progress begin again when their lease has run out");
            Ok(ExitCode::from(super::INTERRUPTED))
        }
    }
}

/// Everything that runs.
struct House {
    store: Arc<Store>,
    edge: Edge,
    metrics: Metrics,
    /// Held to the end.
    _folder: Option<FolderLock>,
}

impl House {
    /// From nothing to answering. The sockets come first, so that nobody is turned away meanwhile.
    async fn start(loaded: &Loaded, fixtures: bool) -> Result<(Self, Listeners)> {
        let config = &loaded.config;
        let folder = take_folder(config)?;
        let listeners = Listeners::open(loaded).await?;
        let metrics = Metrics::install()?;
        let wiring = Wiring::new(config)?;
        let migrations = wiring.migrations();
        let store = Store::open(&config.store(), &migrations, Clock::system(), Rng::system()).await?;
        let mut settings = config.edge.clone();
        let url = config.public_url(listeners.address()?)?;
        if config.server.role.serves() || config.edge.public_url.is_some() {
            wiring.identity.stands_at(&url);
        }
        settings.public_url = Some(url);
        let checks = wiring.checks(&store, config);
        let mut parts = wiring.parts();
        if fixtures {
            parts.push(conformance::part(listeners.address()?, settings.public_url.as_ref())?);
        }
        let jobs = parts.iter_mut().flat_map(|part| mem::take(&mut part.jobs)).collect();
        let schedules = parts.iter_mut().flat_map(|part| mem::take(&mut part.schedules)).collect();
        let edge = Edge::build(settings, store.clone(), wiring.authenticator(), parts, checks)?;
        store.keep_house();
        metrics.keep(&store.tasks);
        if config.server.role.works() {
            Worker::start(&store, config.jobs.clone(), jobs, schedules);
            wiring.prepare(&store.tasks);
        }
        let house = Self { store, edge, metrics, _folder: folder };
        house.announce(config, &listeners).await?;
        Ok((house, listeners))
    }

    /// Says where it is, and how its first owner comes in.
    async fn announce(&self, config: &Config, listeners: &Listeners) -> Result<()> {
        let (version, role) = (env!("CARGO_PKG_VERSION"), config.server.role);
        let url = self.edge.house().public_url().as_str().trim_end_matches('/');
        let data = config.data.canonicalize().unwrap_or_else(|_| config.data.clone());
        if role.serves() {
            screen::line(format!("Stoa {version} on {url}"))?;
        } else {
            screen::line(format!("Stoa {version}, a worker"))?;
        }
        screen::line(format!("data: {}", data.display()))?;
        screen::line(listeners.admin_note()?)?;
        if role.serves()
            && let Some(claim) = setup::open_setup(&Ctx::house(&self.store)).await?
        {
            screen::line(format!("setup: {url}/setup#claim={}", claim.expose()))?;
        }
        tracing::info!(version, %role, url, data = %data.display(), "serving");
        Ok(())
    }

    /// Until the process is asked to stop, or a socket breaks.
    async fn serve(&self, listeners: Listeners) -> Result<()> {
        let people = async {
            match listeners.people {
                Some(listener) => self.edge.serve(listener).await,
                None => pending().await,
            }
        };
        let admin = async {
            match listeners.admin {
                Some(listener) => self.edge.serve_admin(listener, &self.metrics).await,
                None => pending().await,
            }
        };
        tokio::try_join!(people, admin).map(drop)
    }

    /// In good order: what is in progress ends or is handed back, then comes the last write.
    async fn stop(&self, patience: Duration) {
        if !self.store.tasks.stop(patience).await {
            tracing::warn!(
                seconds = patience.as_secs(),
                "not everything ended in time; jobs are taken over later"
            );
        }
        if let Err(error) = self.store.db.close().await {
            tracing::warn!(?error, "the database could not be closed in order");
        }
        tracing::info!("stopped");
    }
}

/// Makes the data folder and takes it: two servers over one SQLite file would each believe to be alone.
fn take_folder(config: &Config) -> Result<Option<FolderLock>> {
    data_folder::make(&config.data)?;
    if data_folder::is_open_to_others(&config.data) {
        tracing::warn!(data = %config.data.display(), "other users can look into the data folder; chmod 700 it");
    }
    match config.database.url {
        None => FolderLock::take(&config.data).map(Some),
        Some(_) => Ok(None),
    }
}
