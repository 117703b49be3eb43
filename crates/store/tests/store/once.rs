//! Values that may be taken once.

use std::time::Duration;

use futures::future::join_all;
use stoa_core::TestClock;
use stoa_store::Once;

use crate::{
    told_on,
    world::{World, count},
};

const TICKET: Once = Once { kind: "ticket" };
const CLAIM: Once = Once { kind: "claim" };

told_on! { [sqlite, postgres]
async fn lm_05_of_a_hundred_who_take_a_value_at_once_one_gets_it(world: &World) {
    let nodes = [world.node().await, world.node().await];
    let now = nodes[0].clock.now();
    nodes[0]
        .db
        .write(async |tx| TICKET.put(tx, "key", "value", now + Duration::from_secs(60)).await)
        .await
        .unwrap();
    let takers = (0..100).map(|n| {
        let db = nodes[n % 2].db.clone();
        async move { db.write(async |tx| TICKET.take(tx, "key", now).await).await.unwrap() }
    });
    let taken: Vec<_> = join_all(takers).await.into_iter().flatten().collect();
    assert_eq!(taken, ["value"]);
    assert_eq!(count(&nodes[0].db, "SELECT count(*) FROM store_once").await, 0);
}
}

told_on! { [sqlite, postgres]
async fn kinds_never_meet_and_values_expire(world: &World) {
    let (clock, hand) = TestClock::new();
    let store = world.node_at(clock.clone()).await;
    let put = async |kind: Once, value: &str| {
        let until = clock.now() + Duration::from_secs(60);
        store.db.write(async |tx| kind.put(tx, "key", value, until).await).await.unwrap();
    };
    let take = async |kind: Once| {
        store.db.write(async |tx| kind.take(tx, "key", clock.now()).await).await.unwrap()
    };
    put(TICKET, "old").await;
    put(TICKET, "ticket").await;
    put(CLAIM, "claim").await;
    assert_eq!(take(CLAIM).await.as_deref(), Some("claim"));
    assert_eq!(take(TICKET).await.as_deref(), Some("ticket"));
    assert_eq!(take(TICKET).await, None);

    put(TICKET, "late").await;
    put(CLAIM, "swept").await;
    hand.advance(Duration::from_secs(60));
    assert_eq!(take(TICKET).await, None);
    store.sweep().await.unwrap();
    assert_eq!(count(&store.db, "SELECT count(*) FROM store_once").await, 0);

    put(CLAIM, "cleared").await;
    store.db.write(async |tx| CLAIM.clear(tx).await).await.unwrap();
    assert_eq!(take(CLAIM).await, None);
}
}

told_on! { [sqlite]
async fn only_the_digest_of_a_key_is_kept(world: &World) {
    let store = world.node().await;
    let until = store.clock.now() + Duration::from_secs(60);
    store.db.write(async |tx| TICKET.put(tx, "secret-key", "value", until).await).await.unwrap();
    store.db.close().await.unwrap();
    for file in crate::world::files_below(&world.config.folder) {
        let bytes = std::fs::read(world.config.folder.join(&file)).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"secret-key"), "{file:?}");
    }
}
}
