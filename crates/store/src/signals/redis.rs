//! Wake-ups over Redis publish/subscribe, on one channel; the message is the topic.

use std::time::Duration;

use futures::StreamExt;
use redis::{Client, aio::ConnectionManager};
use stoa_core::{Error, Result, Secret};
use tokio::sync::mpsc::UnboundedReceiver;
use url::Url;

use super::{Signals, gather};
use crate::Tasks;

const CHANNEL: &str = "stoa:wake";

/// A client for the address, which must be encrypted unless it is on this machine.
pub(crate) fn client(url: &Secret) -> Result<Client> {
    let address = Url::parse(url.expose())
        .map_err(|cause| Error::invalid("`signals.redis_url` is not an address").because(cause))?;
    let local = match address.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
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

/// A connection that mends itself.
pub(crate) async fn manager(client: Client) -> Result<ConnectionManager> {
    tokio::time::timeout(Duration::from_secs(5), ConnectionManager::new(client))
        .await
        .map_err(|cause| Error::unavailable("redis does not answer in time").because(cause))?
        .map_err(|cause| Error::unavailable("redis does not answer").because(cause))
}

pub(super) async fn connect(
    url: &Secret,
    signals: Signals,
    mut outbox: UnboundedReceiver<Box<str>>,
    tasks: &Tasks,
) -> Result<()> {
    let client = client(url)?;
    let mut sending = manager(client.clone()).await?;
    let mut line = Some(subscribe(&client).await?);
    let stop = tasks.stopping().clone();
    tasks.spawn("signals.listen", async move {
        loop {
            match &mut line {
                Some(messages) => {
                    let message = tokio::select! {
                        () = stop.cancelled() => return,
                        message = messages.next() => message,
                    };
                    match message.map(|message| message.get_payload::<String>()) {
                        Some(Ok(topic)) => signals.wake_here(&topic),
                        Some(Err(_)) => {}
                        None => line = None,
                    }
                }
                None => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    }
                    line = subscribe(&client).await.ok();
                    signals.wake_all_here();
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
            let mut pipe = redis::pipe();
            topics.iter().for_each(|topic| {
                pipe.publish(CHANNEL, &**topic).ignore();
            });
            if let Err(cause) = pipe.query_async::<()>(&mut sending).await {
                tracing::warn!(%cause, "a wake-up was lost; the next look finds what it was about");
            }
        }
    });
    Ok(())
}

async fn subscribe(client: &Client) -> Result<redis::aio::PubSubStream> {
    let mut line = client.get_async_pubsub().await?;
    line.subscribe(CHANNEL).await?;
    Ok(line.into_on_message())
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
