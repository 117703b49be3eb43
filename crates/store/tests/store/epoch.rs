//! What was revoked is revoked everywhere when the revoker is told so.

use std::{sync::Arc, time::Duration};

use stoa_core::{Clock, TestClock};
use stoa_store::Store;
use tokio::time::Instant;

use crate::{
    child::Process,
    proxy::Proxy,
    told_on,
    world::{World, until},
};

/// How long a silent process keeps its lease, and how long it trusts itself.
const LEASE: Duration = Duration::from_secs(6);
const TRUST: Duration = Duration::from_secs(4);

async fn serving(world: &World, clock: Clock) -> Arc<Store> {
    let store = world.node_at(clock).await;
    store.keep_house();
    until("it has a lease", async || store.epoch.current().is_some()).await;
    store
}

async fn raise(store: &Store) -> i64 {
    store.db.write(async |tx| store.epoch.raise(tx).await).await.unwrap()
}

told_on! { [sqlite, postgres, redis]
async fn a_revocation_is_seen_by_every_node_before_the_revoker_is_told(world: &World) {
    let (one, other) = (serving(world, Clock::system()).await, serving(world, Clock::system()).await);
    // The command line revokes too, and holds no lease.
    let command = world.node().await;
    assert_eq!(command.epoch.current(), None);
    for revoker in [&one, &other, &command, &one] {
        let before = one.epoch.current().unwrap();
        let value = raise(revoker).await;
        assert!(value > before);
        let began = Instant::now();
        revoker.epoch.settled(&revoker.db, value).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        for node in [&one, &other] {
            assert!(node.epoch.current().is_none_or(|seen| seen >= value));
        }
    }
}
}

told_on! { [sqlite, postgres]
async fn two_who_revoke_at_once_both_settle_soon(world: &World) {
    let (one, other) = (serving(world, Clock::system()).await, serving(world, Clock::system()).await);
    for _ in 0..10 {
        let began = Instant::now();
        let revoke = async |store: &Store| {
            let value = raise(store).await;
            store.epoch.settled(&store.db, value).await.unwrap();
        };
        futures::join!(revoke(&one), revoke(&other));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
}

told_on! { [sqlite, postgres]
async fn a_raise_that_fails_is_none(world: &World) {
    let one = serving(world, Clock::system()).await;
    let before = one.epoch.current().unwrap();
    let failed = one
        .db
        .write(async |tx| {
            one.epoch.raise(tx).await?;
            Err::<(), _>(stoa_core::Error::conflict("no"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(one.epoch.current(), Some(before));
    assert_eq!(raise(&one).await, before + 1);
}
}

told_on! { [sqlite, postgres]
async fn a_killed_node_holds_nobody_up_longer_than_its_lease(world: &World) {
    let revoker = serving(world, Clock::system()).await;
    let mut node = Process::start(world, "serve");
    assert_eq!(node.hears(), "serving");
    let killed = Instant::now();
    node.kill();
    let value = raise(&revoker).await;
    revoker.epoch.settled(&revoker.db, value).await.unwrap();
    // It may have renewed its lease just before.
    assert!(killed.elapsed() < LEASE + Duration::from_secs(1), "{:?}", killed.elapsed());
    assert!(killed.elapsed() > Duration::from_secs(2), "it was waited for: {:?}", killed.elapsed());
}
}

told_on! { [sqlite, postgres]
async fn a_node_that_stops_gives_its_lease_back(world: &World) {
    let (one, other) = (serving(world, Clock::system()).await, serving(world, Clock::system()).await);
    assert!(other.tasks.stop(Duration::from_secs(5)).await);
    assert_eq!(other.epoch.current(), None);
    let value = raise(&one).await;
    let began = Instant::now();
    one.epoch.settled(&one.db, value).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
}
}

told_on! { [sqlite, postgres]
async fn a_lease_goes_by_the_clock_that_was_handed_in(world: &World) {
    let (clock, hand) = TestClock::new();
    let revoker = serving(world, clock.clone()).await;
    let mut silent = Process::start(world, "serve at the tests' time");
    assert_eq!(silent.hears(), "serving");
    silent.kill();
    let value = raise(&revoker).await;
    let mut settled = std::pin::pin!(revoker.epoch.settled(&revoker.db, value));
    // Time stands still, so the lease of the dead one does too.
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut settled).await.is_err());
    hand.advance(LEASE);
    tokio::time::timeout(Duration::from_secs(5), settled).await.unwrap().unwrap();
    until("trusted again", async || revoker.epoch.current() == Some(value)).await;
}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_stops_trusting_itself_before_the_others_go_on_without_it() {
    let mut world = World::postgres().await;
    let revoker = serving(&world, Clock::system()).await;
    let proxy = Proxy::before(world.config.database.url.as_ref().unwrap().expose()).await;
    world.config.database.url = Some(proxy.url());
    let cut_off = serving(&world, Clock::system()).await;
    let value = raise(&revoker).await;
    revoker.epoch.settled(&revoker.db, value).await.unwrap();
    proxy.cut().await;
    let cut = Instant::now();
    let value = raise(&revoker).await;
    let settled = revoker.epoch.settled(&revoker.db, value);
    tokio::pin!(settled);
    // At no moment is the change settled while the one cut off still trusts what was before.
    loop {
        let done = futures::FutureExt::now_or_never(&mut settled).is_some();
        let trusted = cut_off.epoch.current();
        if done {
            assert!(trusted.is_none_or(|seen| seen >= value), "it still trusts {trusted:?}");
            break;
        }
        tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>()).await.unwrap_err();
        if trusted.is_some() {
            assert!(cut.elapsed() < TRUST + Duration::from_millis(500), "{:?}", cut.elapsed());
        }
    }
    assert!(cut.elapsed() < LEASE + Duration::from_secs(1), "{:?}", cut.elapsed());
    proxy.mend();
    until("it trusts itself again", async || cut_off.epoch.current() == Some(value)).await;
}
