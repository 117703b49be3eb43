//! Wake-ups over PostgreSQL's `LISTEN`/`NOTIFY`, on one channel; the payload is the topic.

use sqlx::{PgPool, postgres::PgListener};
use stoa_core::Result;
use tokio::sync::mpsc::Receiver;

use super::{PAUSE, Signals, gather};
use crate::Tasks;

const CHANNEL: &str = "stoa_wake";

pub(super) async fn connect(
    pool: PgPool,
    signals: Signals,
    mut outbox: Receiver<Box<str>>,
    tasks: &Tasks,
) -> Result<()> {
    let line = listen(&pool).await?;
    let (stop, again, here) = (tasks.stopping().clone(), pool.clone(), signals.clone());
    tasks.spawn("signals.listen", async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = hear(line, &again, &here) => {}
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
            let topics: Vec<String> = topics.iter().map(|topic| signals.marked(topic)).collect();
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

async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut line = PgListener::connect_with(pool).await?;
    // A broken line is an error here, not mended quietly: whoever listens must hear that something was missed.
    line.eager_reconnect(false);
    line.listen(CHANNEL).await?;
    Ok(line)
}

async fn hear(mut line: PgListener, pool: &PgPool, signals: &Signals) {
    loop {
        match line.try_recv().await {
            Ok(Some(note)) => {
                signals.heard(note.payload());
                continue;
            }
            Ok(None) => tracing::warn!("the line for wake-ups was cut; listening again"),
            Err(cause) => tracing::warn!(%cause, "the line for wake-ups broke; listening again"),
        }
        line = loop {
            match listen(pool).await {
                Ok(line) => break line,
                Err(cause) => tracing::debug!(%cause, "wake-ups cannot be heard yet"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        signals.wake_all_here();
    }
}
