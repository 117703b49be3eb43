//! `stoa openapi`: the contract, as the code states it. Looks at no settings and no data.

use std::{collections::BTreeMap, process::ExitCode};

use stoa_core::{Clock, Result, Rng};
use stoa_edge::Edge;
use stoa_store::Store;
use url::Url;

use super::scratch::Scratch;
use crate::{config::Loaded, screen, wiring::Wiring};

pub(super) async fn run() -> Result<ExitCode> {
    let mut config = Loaded::defaults()?.config;
    // The router wants memory behind it. An empty one will do.
    let scratch = Scratch::new()?;
    config.data = scratch.path().to_owned();
    config.edge.public_url = Some(Url::parse("https://stoa.example")?);
    config.edge.rates = BTreeMap::new();
    let wiring = Wiring::new(&config)?;
    let store = Store::open(&config.store(), &wiring.migrations(), Clock::system(), Rng::system()).await?;
    let edge = Edge::build(config.edge, store.clone(), wiring.authenticator(), wiring.parts(), Vec::new())?;
    screen::json(edge.document())?;
    store.db.close().await?;
    Ok(ExitCode::SUCCESS)
}
