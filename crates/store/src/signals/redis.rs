//! Wake-ups over Redis publish/subscribe, on one channel; the message is the topic.

use std::time::Duration;

use futures::StreamExt;
use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSubStream},
};
use stoa_core::{Error, Result, Secret};
use tokio::sync::mpsc::Receiver;
use url::Url;

use super::{PAUSE, Signals, gather};
use crate::Tasks;

const CHANNEL: &str = "stoa:wake";

/// How long the first answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client for the address, which must be encrypted unless it is on this machine.
pub(crate) fn client(url: &Secret) -> Result<Client> {
    let address = Url::parse(url.expose())
        .map_err(|cause| Error::invalid("`signals.redis_url` is not an address").because(cause))?;
    let local = match address.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        // In an address that is not of the web, numbers are names.
        Some(url::Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
        }
        None => true,
    };
    if !local && address.scheme() != "rediss" {
        return Err(Error::invalid(
            "`signals.redis_url` must begin with rediss:// for a server that is not on this machine",
        ));
    }
    if address.fragment() == Some("insecure") {
        return Err(Error::invalid("`signals.redis_url` must verify the server; remove #insecure"));
    }
    Ok(Client::open(url.expose())?)
}

/// A connection that mends itself. While it cannot, each call fails after at most a second or two: a limit that
/// cannot be counted refuses, and should not keep people waiting for that.
pub(crate) async fn manager(client: Client) -> Result<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_max_delay(Duration::from_millis(500))
        .set_connection_timeout(Some(Duration::from_secs(1)))
        .set_response_timeout(Some(Duration::from_secs(1)));
    tokio::time::timeout(PATIENCE, ConnectionManager::new_with_config(client, config))
        .await
        .map_err(|cause| Error::unavailable("redis does not answer in time").because(cause))?
        .map_err(|cause| Error::unavailable("redis does not answer").because(cause))
}

pub(super) async fn connect(
    url: &Secret,
    signals: Signals,
    mut outbox: Receiver<Box<str>>,
    tasks: &Tasks,
) -> Result<()> {
    let client = client(url)?;
    let mut sending = manager(client.clone()).await?;
    let line = subscribe(&client).await?;
    let (stop, here) = (tasks.stopping().clone(), signals.clone());
    tasks.spawn("signals.listen", async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = hear(line, &client, &here) => {}
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
            let mut pipe = redis::pipe();
            topics.iter().for_each(|topic| {
                pipe.publish(CHANNEL, signals.marked(topic)).ignore();
            });
            if let Err(cause) = pipe.query_async::<()>(&mut sending).await {
                tracing::warn!(%cause, "a wake-up was lost; the next look finds what it was about");
            }
        }
    });
    Ok(())
}

async fn subscribe(client: &Client) -> Result<PubSubStream> {
    let mut line = client.get_async_pubsub().await?;
    line.subscribe(CHANNEL).await?;
    Ok(line.into_on_message())
}

async fn hear(mut line: PubSubStream, client: &Client, signals: &Signals) {
    loop {
        while let Some(message) = line.next().await {
            if let Ok(topic) = message.get_payload::<String>() {
                signals.heard(&topic);
            }
        }
        tracing::warn!("the line for wake-ups was cut; listening again");
        line = loop {
            match tokio::time::timeout(PATIENCE, subscribe(client)).await {
                Ok(Ok(line)) => break line,
                Ok(Err(error)) => tracing::debug!(?error, "wake-ups cannot be heard yet"),
                Err(_) => tracing::debug!("wake-ups cannot be heard yet: no answer in time"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        signals.wake_all_here();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mv_h5_a_remote_redis_must_be_encrypted_and_verified() {
        assert!(client(&Secret::new("redis://127.0.0.1:6379")).is_ok());
        for weak in ["redis://cache.example:6379", "redis://10.0.0.1", "rediss://cache.example/#insecure"] {
            assert!(client(&Secret::new(weak)).is_err(), "{weak}");
        }
    }
}
