//! Rate limits: one budget for all nodes, never more, and refusal when it cannot be counted.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use stoa_core::{Kind, Rng, TestClock};
use stoa_store::{Class, Store};
use tokio::task::JoinSet;

use crate::{
    proxy::Proxy,
    told_on,
    world::{World, needed},
};

const MINUTE: Duration = Duration::from_secs(60);

fn class(limit: u32, lasting: bool) -> Class {
    Class { name: "test", limit, per: MINUTE, lasting }
}

/// A key that no other test uses: all of them share one Redis.
fn key() -> String {
    Rng::system().token::<9>()
}

/// How many of `asked` pass when the nodes are asked in turn, all at once and on all threads.
async fn passed(nodes: &[Arc<Store>], class: &Class, key: &str, asked: usize) -> usize {
    let mut takes = JoinSet::new();
    for n in 0..asked {
        let (node, class, key) = (nodes[n % nodes.len()].clone(), class.clone(), key.to_owned());
        takes.spawn(async move { node.counters.take(&node.db, &class, &key, node.clock.now()).await });
    }
    takes.join_all().await.into_iter().filter(|said| said.as_ref().unwrap().allowed).count()
}

told_on! { [postgres, redis]
async fn mf_3_three_nodes_let_exactly_the_limit_through(world: &World) {
    let (clock, hand) = TestClock::new();
    let nodes =
        [world.node_at(clock.clone()).await, world.node_at(clock.clone()).await, world.node_at(clock).await];
    for limit in [1, 5, 20, 61, 299] {
        let (class, key) = (class(limit, false), key());
        assert_eq!(passed(&nodes, &class, &key, 300).await, limit as usize, "limit {limit}");
        assert_eq!(passed(&nodes, &class, &key, 30).await, 0);
        hand.advance(MINUTE / limit);
        assert_eq!(passed(&nodes, &class, &key, 30).await, 1);
        hand.advance(MINUTE);
        assert_eq!(passed(&nodes, &class, &key, 300).await, limit as usize);
        hand.advance(MINUTE);
    }
}
}

told_on! { [postgres, redis]
async fn mf_3_no_node_holds_what_another_could_use(world: &World) {
    let (clock, _hand) = TestClock::new();
    let nodes =
        [world.node_at(clock.clone()).await, world.node_at(clock.clone()).await, world.node_at(clock).await];
    let class = class(60, false);
    // Whoever just had an answer, or asks just after another one had it, must not be asked for once more.
    for _ in 0..50 {
        let key = key();
        // A few at once here, one at a time there, and all the rest elsewhere.
        assert_eq!(passed(&nodes[..1], &class, &key, 7).await, 7);
        assert_eq!(passed(&nodes[1..2], &class, &key, 1).await, 1);
        assert_eq!(passed(&nodes[1..2], &class, &key, 1).await, 1);
        assert_eq!(passed(&nodes[2..], &class, &key, 100).await, 51);
        assert_eq!(passed(&nodes, &class, &key, 30).await, 0);
    }
}
}

told_on! { [postgres, redis]
async fn who_goes_away_while_waiting_holds_nobody_up(world: &World) {
    let (clock, _hand) = TestClock::new();
    let node = world.node_at(clock).await;
    let (class, key) = (class(50, false), key());
    let take = || node.counters.take(&node.db, &class, &key, node.clock.now());
    for _ in 0..20 {
        // Asked for, and dropped before the answer.
        let _nobody_waits = futures::FutureExt::now_or_never(take());
    }
    // Each of them is counted at most once.
    let said = join_all((0..30).map(|_| take())).await;
    assert!(said.iter().all(|said| said.as_ref().unwrap().allowed), "{said:?}");
}
}

told_on! { [sqlite]
async fn mf_3_one_node_counts_in_memory_and_lasting_classes_in_rows(world: &World) {
    let (clock, hand) = TestClock::new();
    for lasting in [false, true] {
        let node = [world.node_at(clock.clone()).await];
        let (class, key) = (class(20, lasting), key());
        assert_eq!(passed(&node, &class, &key, 50).await, 20);
        // The same folder after a restart.
        let again = [world.node_at(clock.clone()).await];
        assert_eq!(passed(&again, &class, &key, 50).await, if lasting { 0 } else { 20 });
        hand.advance(MINUTE);
        again[0].sweep().await.unwrap();
        assert_eq!(crate::world::count(&again[0].db, "SELECT count(*) FROM store_counter").await, 0);
        assert_eq!(passed(&again, &class, &key, 50).await, 20);
    }
}
}

told_on! { [sqlite, postgres, redis]
async fn an_answer_says_what_is_left_and_when_to_come_again(world: &World) {
    let (clock, hand) = TestClock::new();
    let node = world.node_at(clock).await;
    let (class, key) = (class(3, false), key());
    let take = async || node.counters.take(&node.db, &class, &key, node.clock.now()).await.unwrap();
    let first = take().await;
    assert_eq!((first.allowed, first.remaining, first.retry_after), (true, 2, Duration::ZERO));
    assert_eq!(first.reset, Duration::from_secs(20));
    take().await;
    assert_eq!(take().await.remaining, 0);
    hand.advance(Duration::from_secs(5));
    let refused = take().await;
    assert_eq!((refused.allowed, refused.remaining), (false, 0));
    assert_eq!((refused.retry_after, refused.reset), (Duration::from_secs(15), Duration::from_secs(55)));
    hand.advance(refused.retry_after);
    assert!(take().await.allowed);
}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_cannot_be_counted_refuses_soon_and_counts_again_after() {
    let mut world = World::postgres().await;
    let proxy = Proxy::before(&needed("STOA_TEST_REDIS")).await;
    world.config.signals.redis_url = Some(proxy.url());
    let node = world.node().await;
    let (class, key) = (class(5, false), key());
    let take = async || node.counters.take(&node.db, &class, &key, node.clock.now()).await;
    assert!(take().await.unwrap().allowed);
    proxy.cut().await;
    for _ in 0..3 {
        let refused = tokio::time::timeout(Duration::from_secs(4), take()).await.unwrap().unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable);
        assert_eq!(refused.said(), "limits cannot be counted now; try again in a moment");
    }
    proxy.mend();
    crate::world::until("it counts again", async || take().await.is_ok_and(|said| said.allowed)).await;
}
