//! Accounts, tried from outside: through the HTTP door, over a database of each test's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod authenticator;
mod house;
mod oauth;
mod outside;

mod admin;
mod care;
mod devices;
mod erasure;
mod export;
mod factors;
mod fresh;
mod invites;
mod lockout;
mod mail;
mod openid;
mod passkeys;
mod post;
mod recovery;
mod sessions;
mod setup;
mod signup;
mod timing;
mod tokens;
mod upstream;

/// One fact, shown on each engine. PostgreSQL comes with `cargo x services -- cargo test -p stoa-identity`.
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: &World) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn fact($world: &World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let world = World::sqlite().await;
                fact(&world).await;
                world.gone().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let world = World::postgres().await;
                fact(&world).await;
                world.gone().await;
            }
        }
    )+};
}
pub(crate) use on_both;
