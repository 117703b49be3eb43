//! MindFlow, tried from outside: through its HTTP doors, over rows of each test's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod house;

/// The same story on both databases.
macro_rules! both {
    ($(#[$about:meta])* async fn $name:ident($world:ident: &World) $story:block) => {
        mod $name {
            use super::*;

            $(#[$about])*
            async fn story($world: &World) $story

            #[tokio::test]
            async fn sqlite() {
                let world = World::new().await;
                story(&world).await;
                world.gone().await;
            }

            #[tokio::test]
            async fn postgres() {
                let world = World::postgres().await;
                story(&world).await;
                world.gone().await;
            }
        }
    };
}

mod dependencies;
mod export;
mod feeds;
mod import;
mod lists;
mod manners;
mod models;
mod names;
mod plans;
mod quick;
mod recurrence;
mod reminders;
mod scoring;
mod sweep;
mod tasks;
