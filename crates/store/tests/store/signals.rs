//! Wake-ups between processes, also after the line was cut.

use std::time::Duration;

use sqlx::{Connection, PgConnection};
use stoa_core::Rng;

use crate::{
    proxy::Proxy,
    told_on,
    world::{World, needed, until},
};

/// A topic that no other test uses: all of them share one Redis.
fn topic() -> String {
    format!("test.{}", Rng::system().token::<9>())
}

async fn hears(listener: &mut stoa_store::Listener) -> bool {
    tokio::time::timeout(Duration::from_millis(500), listener.heard()).await.is_ok()
}

told_on! { [sqlite, postgres, redis]
async fn a_wake_up_is_heard_here_at_once(world: &World) {
    let node = world.node().await;
    let (mut listener, other) = (node.signals.listen("here"), topic());
    node.signals.wake(&other);
    node.signals.wake("here");
    assert!(futures::FutureExt::now_or_never(listener.heard()).is_some());
}
}

told_on! { [postgres, redis]
async fn a_wake_up_is_heard_in_the_other_process_and_once_here(world: &World) {
    let (one, other) = (world.node().await, world.node().await);
    let topic = topic();
    let (mut here, mut there) = (one.signals.listen(&topic), other.signals.listen(&topic));
    one.signals.wake(&topic);
    tokio::time::timeout(Duration::from_secs(5), there.heard()).await.unwrap();
    here.heard().await;
    // The line brings it back to where it came from, where it is no news.
    assert!(!hears(&mut here).await);
}
}

told_on! { [sqlite, postgres, redis]
async fn lm_16_a_ping_goes_over_the_line_and_back(world: &World) {
    let (node, other) = (world.node().await, world.node().await);
    tokio::time::timeout(Duration::from_secs(5), node.signals.ping()).await.unwrap().unwrap();
    // It is heard by who sent it, each time, and by nobody else in its place.
    let (one, two) = tokio::join!(node.signals.ping(), other.signals.ping());
    one.unwrap();
    two.unwrap();
}
}

told_on! { [postgres, redis]
async fn waking_a_hundred_times_in_a_row_is_at_most_that_much_work_and_never_none(world: &World) {
    let (one, other) = (world.node().await, world.node().await);
    let topic = topic();
    let mut there = other.signals.listen(&topic);
    (0..100).for_each(|_| one.signals.wake(&topic));
    tokio::time::timeout(Duration::from_secs(5), there.heard()).await.unwrap();
}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_looks_again_after_postgresql_ended_the_line() {
    let world = World::postgres().await;
    let (one, other) = (world.node().await, world.node().await);
    let (topic, mut listeners) = (topic(), Vec::new());
    for n in 0..5 {
        listeners.push(one.signals.listen(&format!("{topic}{n}")));
    }
    let mut admin =
        PgConnection::connect(world.config.database.url.as_ref().unwrap().expose()).await.unwrap();
    let killed: i64 = sqlx::query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(killed, 2);
    for listener in &mut listeners {
        tokio::time::timeout(Duration::from_secs(10), listener.heard()).await.unwrap();
    }
    // And the line is whole again.
    let mut listener = one.signals.listen(&topic);
    until("a wake-up is heard", async || {
        other.signals.wake(&topic);
        hears(&mut listener).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_looks_again_after_a_long_cut_to_postgresql() {
    let mut world = World::postgres().await;
    let proxy = Proxy::before(world.config.database.url.as_ref().unwrap().expose()).await;
    world.config.database.url = Some(proxy.url());
    world.config.database.acquire_seconds = Duration::from_secs(1);
    long_cut(&world, &proxy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_looks_again_after_a_long_cut_to_redis() {
    let mut world = World::postgres().await;
    let proxy = Proxy::before(&needed("STOA_TEST_REDIS")).await;
    world.config.signals.redis_url = Some(proxy.url());
    long_cut(&world, &proxy).await;
}

/// Long enough that the first tries to mend the line fail.
async fn long_cut(world: &World, proxy: &Proxy) {
    let (one, other) = (world.node().await, world.node().await);
    let topic = topic();
    let mut missed = one.signals.listen(&topic);
    proxy.cut().await;
    other.signals.wake(&topic);
    assert!(tokio::time::timeout(Duration::from_secs(2), missed.heard()).await.is_err());
    proxy.mend();
    tokio::time::timeout(Duration::from_secs(10), missed.heard()).await.unwrap();
    let mut listener = one.signals.listen(&topic);
    until("a wake-up is heard", async || {
        other.signals.wake(&topic);
        hears(&mut listener).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_line_does_not_hold_up_the_end() {
    let mut world = World::postgres().await;
    let redis = Proxy::before(&needed("STOA_TEST_REDIS")).await;
    let node = world.node().await;
    world.config.signals.redis_url = Some(redis.url());
    let other = world.node().await;
    redis.cut().await;
    assert!(other.tasks.stop(Duration::from_secs(1)).await);
    assert!(node.tasks.stop(Duration::from_secs(1)).await);
}
