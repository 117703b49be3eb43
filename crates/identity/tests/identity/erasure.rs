//! A person goes, with everything that is kept of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use stoa_core::{Error, Result, Role, UserId};
use stoa_edge::{Files, Personal};
use stoa_store::{Ctx, Tx};

use crate::{
    export::exports,
    house::{As, PASSWORD, World},
    on_both,
};

/// A part that keeps something of everybody. It removes a little at a time, and its first try fails.
struct Shelf {
    asked: AtomicUsize,
}

pub(crate) fn shelf() -> [Arc<dyn Personal>; 1] {
    [Arc::new(Shelf { asked: AtomicUsize::new(0) })]
}

#[async_trait]
impl Personal for Shelf {
    fn name(&self) -> &'static str {
        "shelf"
    }

    fn about(&self) -> &'static str {
        "What lies on your shelf."
    }

    async fn export(&self, _: &Ctx, files: &mut dyn Files) -> Result<()> {
        let bytes = |text: &'static [u8]| stream::once(async move { Ok(Bytes::from_static(text)) }).boxed();
        files.put("deep/note.txt", bytes(b"one")).await?;
        files.put("deep/note.txt", bytes(b"another")).await?;
        files.put("../../outside.txt", bytes(b"inside")).await?;
        let long = stream::iter((0..30_u8).map(|at| Ok(Bytes::from(vec![at; 100_000])))).boxed();
        files.put("long.bin", long).await
    }

    async fn erase(&self, _: &Ctx, _: &Tx, _: UserId) -> Result<bool> {
        match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::unavailable("the shelf is stuck")),
            asked => Ok(asked < 3),
        }
    }
}

async fn asks(world: &World, cookie: &str) -> Value {
    world.does(cookie, "POST", "/me/erase", Some(json!({ "password": PASSWORD }))).await
}

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// Moves time on until nothing is due any more: schedules, and tries that failed.
async fn passes(world: &World, by: Duration) {
    world.time.advance(by);
    for _ in 0..6 {
        world.time.advance(Duration::from_secs(15 * 60));
        world.rests().await;
    }
}

/// Waits until somebody has no account.
async fn goes(world: &World, id: &str) {
    let id: UserId = id.parse().unwrap();
    while !world.rows("SELECT id FROM identity_user WHERE id = $1", [id.into()]).await.is_empty() {
        world.time.advance(Duration::from_secs(15 * 60));
        world.rests().await;
        tokio::task::yield_now().await;
    }
}

/// Every value of every column of every table, as text.
pub(crate) async fn everything(world: &World) -> Vec<(String, String)> {
    let postgres = world.store.db.engine() == stoa_store::Engine::Postgres;
    let columns = if postgres {
        "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k FROM information_schema.columns \
         WHERE table_schema = 'public'"
    } else {
        "SELECT m.name AS t, c.name AS c, c.type AS k FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
         WHERE m.type = 'table'"
    };
    let mut all = Vec::new();
    for row in world.rows(columns, []).await {
        let [table, column, kind]: [String; 3] = ["t", "c", "k"].map(|name| row.try_get("", name).unwrap());
        // Bytes too: as they are, where they are text.
        let value = match (&*kind, postgres) {
            ("bytea", _) => format!("encode({column}, 'escape')"),
            (_, true) => format!("{column}::text"),
            (_, false) => format!("CAST({column} AS BLOB)"),
        };
        let sql = format!("SELECT {value} AS v FROM {table} WHERE {column} IS NOT NULL");
        for row in world.rows(&sql, []).await {
            let text = if postgres {
                row.try_get("", "v").unwrap()
            } else {
                let bytes: Vec<u8> = row.try_get("", "v").unwrap();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            all.push((format!("{table}.{column}"), text));
        }
    }
    all
}

on_both! {
async fn lm_24_whoever_is_erased_leaves_no_word_in_any_row_or_file(world: &World) {
    let olga = world.signed_in("olga", Role::Owner).await;
    let invite = json!({ "email": "Ada@example.org", "role": "member" });
    world.does(&olga, "POST", "/admin/invites", Some(invite)).await;
    let id = world.person("ada", Role::Member).await;
    let ada = world.login("ada").await;
    world.works();
    world.does(&ada, "PATCH", "/me", Some(json!({ "display_name": "Ada Wintergreen" }))).await;
    let token = json!({ "name": "wintergreen script", "scopes": ["labs:read"] });
    world.does(&ada, "POST", "/me/tokens", Some(token)).await;
    world.does(&ada, "POST", "/me/totp", None).await;
    world.knock("/auth/password/forgot", json!({ "email": "ada@example.org" })).await;
    world.try_login("ada@example.org", "not her password").await;
    exports(world, &ada).await;
    let before = everything(world).await;
    let holds = |all: &[(String, String)], word: &str| -> Vec<String> {
        all.iter().filter(|(_, value)| value.to_lowercase().contains(word)).map(|(place, _)| place.clone()).collect()
    };
    assert!(holds(&before, "ada@example.org").contains(&"identity_audit.subject".to_owned()));
    assert!(!holds(&before, "wintergreen").is_empty() && world.files().len() == 1);

    asks(world, &ada).await;
    passes(world, WEEK).await;
    goes(world, &id).await;
    let after = everything(world).await;
    for word in ["ada@example.org", "wintergreen"] {
        assert_eq!(holds(&after, word), Vec::<String>::new(), "{word}");
    }
    // That something was done stays, under an id that is nobody's any more; limits forget it when they are over.
    let left = holds(&after, &id);
    let known = ["identity_audit.actor_id", "identity_audit.account_id", "store_counter.id"];
    assert!(left.iter().all(|place| known.contains(&place.as_str())), "{left:?}");
    if world.store.db.engine() == stoa_store::Engine::Postgres {
        assert!(!left.is_empty());
    }
    assert_eq!(world.actions().await.iter().filter(|action| *action == "account.erased").count(), 1);
    world.time.advance(Duration::from_secs(61));
    world.store.sweep().await.unwrap();
    assert_eq!(world.files(), Vec::<std::path::PathBuf>::new());
    // The address is free, and nobody signs in with it.
    assert_eq!(world.try_login("ada@example.org", PASSWORD).await.refusal(), (401, "invalid_credentials".into()));
    world.person("ada", Role::Member).await;
}

async fn whoever_asked_can_think_better_of_it_until_the_last_moment(world: &World) {
    let olga = world.signed_in("olga", Role::Owner).await;
    let id = world.person("ada", Role::Member).await;
    let (other, ada) = (world.login("ada").await, world.login("ada").await);
    world.works();
    let wrong = world.ask(As::Cookie(&ada), "POST", "/me/erase", Some(json!({ "password": "wrong" }))).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["errors"][0]["pointer"]), (422, &json!("/password")));
    assert!(world.does(&ada, "GET", "/me", None).await.get("erase_at").is_none());

    let at = "2026-01-12T09:00:00.000000Z";
    assert_eq!(asks(world, &ada).await["erase_at"], at);
    assert_eq!(world.ask(As::Cookie(&other), "GET", "/me", None).await.status, 401, "other sessions end");
    world.time.advance(Duration::from_secs(60));
    assert_eq!(asks(world, &ada).await["erase_at"], at, "asking again changes nothing");
    assert_eq!(world.does(&ada, "GET", "/me", None).await["erase_at"], at);
    let mail = world.mail(&olga).await;
    let told: Vec<_> = mail.iter().filter(|letter| letter["subject"] == "Your account will be erased").collect();
    assert_eq!((told.len(), &told[0]["to"]), (1, &json!("ada@example.org")));
    assert!(told[0]["text"].as_str().unwrap().contains("At 2026-01-12 09:00 UTC"), "{}", told[0]);

    passes(world, WEEK - Duration::from_secs(2 * 3600)).await;
    let ada = world.login("ada").await;
    world.does(&ada, "DELETE", "/me/erase", None).await;
    world.does(&ada, "DELETE", "/me/erase", None).await;
    assert!(world.does(&ada, "GET", "/me", None).await.get("erase_at").is_none());
    passes(world, WEEK).await;
    let id: UserId = id.parse().unwrap();
    assert_eq!(world.rows("SELECT id FROM identity_user WHERE id = $1", [id.into()]).await.len(), 1);
    let actions = world.actions().await;
    let asked: Vec<_> = actions.iter().filter(|action| action.starts_with("account.")).collect();
    assert_eq!(asked, ["account.erasure_asked", "account.erasure_cancelled"]);
}

async fn the_last_owner_stays_and_of_two_who_go_one(world: &World) {
    let olga = world.signed_in("olga", Role::Owner).await;
    let last = world.ask(As::Cookie(&olga), "POST", "/me/erase", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(last.refusal(), (409, "last_owner".into()));
    let omar = world.signed_in("omar", Role::Owner).await;
    asks(world, &omar).await;
    // Who is going counts no longer.
    let last = world.ask(As::Cookie(&olga), "POST", "/me/erase", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(last.refusal(), (409, "last_owner".into()));
    world.does(&omar, "DELETE", "/me/erase", None).await;
    asks(world, &olga).await;
}

async fn without_a_password_a_fresh_proof_is_asked_for_and_a_token_is_none(world: &World) {
    let ada = world.signed_in("ada", Role::Member).await;
    let token = json!({ "name": "one", "scopes": ["labs:read"] });
    let token = world.does(&ada, "POST", "/me/tokens", Some(token)).await;
    let program = As::Token(token["token"].as_str().unwrap());
    assert_eq!(world.ask(program, "POST", "/me/erase", Some(json!({}))).await.status, 403);
    world.time.advance(Duration::from_secs(300));
    let stale = world.ask(As::Cookie(&ada), "POST", "/me/erase", Some(json!({}))).await;
    assert_eq!(stale.refusal(), (403, "reauthentication_required".into()));
    world.does(&ada, "POST", "/auth/reauthenticate", Some(json!({ "password": PASSWORD }))).await;
    let done = world.does(&ada, "POST", "/me/erase", Some(json!({}))).await;
    assert_eq!(done["erase_at"], "2026-01-12T09:05:00.000000Z");
}
}
