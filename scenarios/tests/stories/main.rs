//! Stories: people doing things with the real program, over real HTTP.
//!
//! Each is told twice: of one process over SQLite and a folder, and of one or more over PostgreSQL, Redis and an
//! S3-compatible server. A story ends well only if its world does: see `world::ending`. The servers come from
//! `cargo x services -- env STOA_TEST_SERVER=PATH cargo test -p stoa-scenarios`; `cargo x test` does all of it.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on ends there")]

mod accounts;
#[path = "../../../crates/identity/tests/identity/authenticator.rs"]
mod authenticator;
mod clients;
mod contract;
mod crashes;
mod doors;
mod erasure;
mod factors;
mod hostile;
mod keys;
mod lab;
mod manners;
mod models;
mod nodes;
mod strangers;
mod tasks;
mod things;
mod upstreams;
mod world;

/// One story, told once for each size of the house.
macro_rules! told {
    ($(#[$doc:meta])* async fn $name:ident($world:ident: &mut World) $body:block) => {
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($world: &mut World) $body

            async fn tell(mut world: World) {
                Box::pin(story(&mut world)).await;
                world.ends().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                tell(World::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                tell(World::postgres().await).await;
            }
        }
    };
}
pub(crate) use told;
