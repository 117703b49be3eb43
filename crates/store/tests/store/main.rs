//! The store on each engine it runs on, as its users know it.
//!
//! SQLite and the in-process S3 server need nothing. The tests on PostgreSQL and Redis need servers:
//! `cargo x services -- cargo test -p stoa-store` brings them, and `cargo x test` does so by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod blobs;
mod child;
mod counters;
mod epoch;
mod folder;
mod migrations;
mod once;
mod outages;
mod proxy;
mod ring;
mod s3;
mod sharing;
mod signals;
mod statements;
mod world;
mod writes;

/// One story, told once for each size of the house.
macro_rules! told_on {
    ([$($place:ident),+] $(#[$doc:meta])* async fn $name:ident($world:ident: &World) $body:block) => {
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($world: &World) $body

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $place() {
                    story(&World::$place().await).await;
                }
            )+
        }
    };
}
pub(crate) use told_on;
