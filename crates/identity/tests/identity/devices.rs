//! New kinds of browsers.

use serde_json::{Value, json};
use stoa_core::Role;

use crate::house::{As, PASSWORD, World, request};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const NEWER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
const PHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";

async fn signs_in(world: &World, with: &str) -> String {
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let mut asked = request(As::Nobody, "POST", "/auth/login", Some(body));
    asked.headers_mut().insert("user-agent", with.parse().unwrap());
    let seen = world.send(asked).await;
    seen.done(200);
    world.time.advance(std::time::Duration::from_secs(1));
    seen.cookie()
}

#[tokio::test]
async fn mv_m7_a_new_kind_of_device_flags_its_session_and_its_owner_is_told() {
    let world = World::new().await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    world.person("ada", Role::Member).await;
    signs_in(&world, FIREFOX).await;
    signs_in(&world, NEWER).await;
    assert!(world.mail(&owner).await.is_empty(), "the first kind is no news, and a version is no kind");
    signs_in(&world, PHONE).await;
    let here = signs_in(&world, PHONE).await;
    let outbox = world.mail(&owner).await;
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    assert_eq!(
        (&outbox[0]["to"], &outbox[0]["subject"]),
        (&json!("ada@example.org"), &json!("A new device was signed in"))
    );
    let text = outbox[0]["text"].as_str().unwrap();
    assert!(
        text.contains("with Safari on iOS, at 2026-01-05 09:00 UTC, from the address 0.0.0.0."),
        "{text}"
    );
    let list = world.ask(As::Cookie(&here), "GET", "/me/sessions", None).await.done(200);
    let flags: Vec<(bool, bool)> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row: &Value| (row["user_agent"] == PHONE, row["new_device"].as_bool().unwrap()))
        .collect();
    assert_eq!(flags, [(true, false), (true, true), (false, false), (false, false)]);
}
