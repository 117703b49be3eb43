//! Wake-ups over PostgreSQL's `LISTEN`/`NOTIFY`, on one channel; the payload is the topic.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use stoa_core::Result;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Signals, gather};
use crate::Tasks;

const CHANNEL: &str = "stoa_wake";

pub(super) async fn connect(
    pool: PgPool,
    signals: Signals,
    mut outbox: UnboundedReceiver<Box<str>>,
    tasks: &Tasks,
) -> Result<()> {
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    let stop = tasks.stopping().clone();
    tasks.spawn("signals.listen", async move {
        loop {
            let heard = tokio::select! {
                () = stop.cancelled() => return,
                heard = listener.try_recv() => heard,
            };
            match heard {
                Ok(Some(note)) => signals.wake_here(note.payload()),
                Ok(None) => signals.wake_all_here(),
                Err(cause) => {
                    tracing::warn!(%cause, "the line for wake-ups broke; listening again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    let stop = tasks.stopping().clone();
    tasks.spawn("signals.send", async move {
        loop {
            let topics = tokio::select! {
                () = stop.cancelled() => return,
                topics = gather(&mut outbox) => match topics {
                    Some(topics) => topics,
                    None => return,
                },
            };
            let topics: Vec<String> = topics.into_iter().map(Into::into).collect();
            let sent = sqlx::query("SELECT pg_notify($1, topic) FROM unnest($2) AS topic")
                .bind(CHANNEL)
                .bind(topics)
                .execute(&pool)
                .await;
            if let Err(cause) = sent {
                tracing::warn!(%cause, "a wake-up was lost; the next look finds what it was about");
            }
        }
    });
    Ok(())
}
