//! Wake-ups: "look again". They carry no data and may be lost; the row is the truth, and whoever listens also
//! looks by itself from time to time.
//!
//! In one process they are a channel; between processes PostgreSQL's `NOTIFY` or Redis carries the topic's name.

mod postgres;
mod redis;

pub(crate) async fn redis_manager(url: &Secret) -> Result<::redis::aio::ConnectionManager> {
    redis::manager(redis::client(url)?).await
}

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Deserialize;
use stoa_core::{Error, Result, Rng, Secret};
use tokio::sync::{mpsc, watch};

use crate::{Db, Tasks};

/// How processes wake each other.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignalConfig {
    /// `redis://…` or `rediss://…`: wake-ups and shared counters. Without it, PostgreSQL carries both. Houses that share
    /// one Redis each take a database of their own (`/1`), or they would share their limits.
    pub redis_url: Option<Secret>,
}

/// Topics in this process and the line to the others. Cheap to clone.
#[derive(Clone)]
pub struct Signals(Arc<Inside>);

struct Inside {
    topics: Mutex<HashMap<Box<str>, watch::Sender<()>>>,
    others: Option<mpsc::Sender<Box<str>>>,
    /// Stands before each topic on the line, so that a process does not wake itself twice.
    origin: Box<str>,
}

/// Topics that wait for the line to the others. While it is broken they pile up, and beyond this are lost.
const OUTBOX: usize = 4096;

/// How long a broken line rests before the next try.
const PAUSE: Duration = Duration::from_secs(1);

/// Hears one topic.
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Listener {
    /// Waits until the topic was woken since the last call (or since listening began). Cancel safe.
    pub async fn heard(&mut self) {
        if self.0.changed().await.is_err() {
            // The sender lives as long as the process; without it there is nothing to hear.
            std::future::pending::<()>().await;
        }
    }
}

impl Signals {
    pub(crate) async fn open(config: &SignalConfig, db: &Db, tasks: &Tasks, rng: &Rng) -> Result<Self> {
        let (others, outbox) = mpsc::channel(OUTBOX);
        let origin = rng.token::<9>().into();
        let inside = |others| Self(Arc::new(Inside { topics: Mutex::default(), others, origin }));
        if let Some(url) = &config.redis_url {
            let signals = inside(Some(others));
            redis::connect(url, signals.clone(), outbox, tasks).await?;
            return Ok(signals);
        }
        if let Some(pool) = db.postgres_pool() {
            let signals = inside(Some(others));
            postgres::connect(pool, signals.clone(), outbox, tasks).await?;
            return Ok(signals);
        }
        Ok(inside(None))
    }

    /// Listens to a topic from now on.
    pub fn listen(&self, topic: &str) -> Listener {
        let mut topics = self.topics();
        if topics.len() > 1024 {
            topics.retain(|_, sender| sender.receiver_count() > 0);
        }
        Listener(topics.entry(topic.into()).or_insert_with(|| watch::Sender::new(())).subscribe())
    }

    /// Wakes whoever listens, here at once and in other processes soon.
    pub fn wake(&self, topic: &str) {
        self.wake_here(topic);
        if let Some(others) = &self.0.others {
            let _full_or_stopping = others.try_send(topic.into());
        }
    }

    /// A wake-up to ourselves over the line to the others, and back. Wait for it with a deadline: while the line is
    /// broken it does not come. Without a line there is nothing to wait for.
    ///
    /// # Errors
    /// `unavailable` while the line is so far behind that it takes nothing more.
    pub async fn ping(&self) -> Result<()> {
        let Some(others) = &self.0.others else { return Ok(()) };
        let topic = self.echo();
        let mut echo = self.listen(&topic);
        others
            .try_send(topic.into())
            .map_err(|cause| Error::unavailable("the line to the other processes is full").because(cause))?;
        echo.heard().await;
        Ok(())
    }

    /// The one topic of ours that we hear when it comes back.
    fn echo(&self) -> String {
        format!("echo.{}", self.0.origin)
    }

    /// A topic as it goes over the line.
    fn marked(&self, topic: &str) -> String {
        format!("{} {topic}", self.0.origin)
    }

    /// A topic as it came over the line.
    fn heard(&self, marked: &str) {
        if let Some((origin, topic)) = marked.split_once(' ')
            && (*origin != *self.0.origin || topic == self.echo())
        {
            self.wake_here(topic);
        }
    }

    fn wake_here(&self, topic: &str) {
        if let Some(sender) = self.topics().get(topic) {
            sender.send_replace(());
        }
    }

    /// After a broken line nobody knows what was missed: everybody looks again.
    fn wake_all_here(&self) {
        self.topics().values().for_each(|sender| {
            sender.send_replace(());
        });
    }

    fn topics(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, watch::Sender<()>>> {
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Empties the outbox: every waiting topic once.
async fn gather(outbox: &mut mpsc::Receiver<Box<str>>) -> Option<Vec<Box<str>>> {
    let mut topics = vec![outbox.recv().await?];
    while let Ok(topic) = outbox.try_recv() {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
        if topics.len() >= 64 {
            break;
        }
    }
    Some(topics)
}
