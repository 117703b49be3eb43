//! Looking after people, and what is on record.

use serde_json::{Value, json};
use stoa_core::{Role, Secret};
use stoa_identity::people::{model::NewUser, ops as people};
use stoa_store::Page;

use crate::house::{As, PASSWORD, World};

async fn patch(world: &World, cookie: &str, id: &str, body: Value) -> crate::house::Seen {
    world.ask(As::Cookie(cookie), "PATCH", &format!("/admin/users/{id}"), Some(body)).await
}

#[tokio::test]
async fn members_do_not_look_after_people() {
    let world = World::new().await;
    let member = world.signed_in("mem", Role::Member).await;
    let id = world.person("ada", Role::Member).await;
    let new =
        json!({ "email": "eve@example.org", "display_name": "e", "password": PASSWORD, "role": "member" });
    for (method, path, body) in [
        ("GET", "/admin/users".to_owned(), None),
        ("POST", "/admin/users".to_owned(), Some(new)),
        ("PATCH", format!("/admin/users/{id}"), Some(json!({ "disabled": true }))),
        ("GET", "/admin/audit".to_owned(), None),
    ] {
        let refused = world.ask(As::Cookie(&member), method, &path, body.clone()).await;
        assert_eq!(refused.refusal(), (403, "forbidden".into()), "{method} {path}");
        assert_eq!(world.ask(As::Nobody, method, &path, body).await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn an_admin_makes_lists_and_switches_off_accounts() {
    let world = World::new().await;
    let admin = world.signed_in("adm", Role::Admin).await;
    world.time.advance(std::time::Duration::from_secs(1));
    let new =
        json!({ "email": "Eve@example.org", "display_name": "Eve", "password": PASSWORD, "role": "member" });
    let made = world.ask(As::Cookie(&admin), "POST", "/admin/users", Some(new.clone())).await;
    let eve = made.done(201);
    assert_eq!(made.headers["location"], format!("/api/v1/admin/users/{}", eve["id"].as_str().unwrap()));
    assert_eq!(eve["disabled"], false);
    assert!(!String::from_utf8_lossy(&made.body).contains("argon2"));
    let again = world.ask(As::Cookie(&admin), "POST", "/admin/users", Some(new)).await;
    assert_eq!(again.refusal(), (409, "email_taken".into()));

    let path = made.headers["location"].to_str().unwrap().trim_start_matches("/api/v1").to_owned();
    assert_eq!(world.ask(As::Cookie(&admin), "GET", &path, None).await.done(200), eve);

    let page = world.ask(As::Cookie(&admin), "GET", "/admin/users?limit=1", None).await.done(200);
    assert_eq!(page["items"], json!([eve]));
    let next = format!("/admin/users?limit=1&after={}", page["next"].as_str().unwrap());
    let page = world.ask(As::Cookie(&admin), "GET", &next, None).await.done(200);
    assert_eq!((&page["items"][0]["email"], &page["next"]), (&json!("adm@example.org"), &json!(null)));

    let cookie = world.try_login("eve@example.org", PASSWORD).await.cookie();
    let id = eve["id"].as_str().unwrap();
    assert_eq!(patch(&world, &admin, id, json!({ "disabled": true })).await.done(200)["disabled"], true);
    assert_eq!(world.ask(As::Cookie(&cookie), "GET", "/me", None).await.status, 401);
    assert_eq!(world.try_login("eve@example.org", PASSWORD).await.status, 401);
    assert_eq!(patch(&world, &admin, id, json!({ "disabled": false })).await.done(200)["disabled"], false);
    world.try_login("eve@example.org", PASSWORD).await.done(200);
}

#[tokio::test]
async fn a_role_holds_at_once_in_sessions_that_exist() {
    let world = World::new().await;
    let owner = world.signed_in("own", Role::Owner).await;
    let id = world.person("eve", Role::Member).await;
    let eve = world.login("eve").await;
    let status = async || world.ask(As::Cookie(&eve), "GET", "/admin/users", None).await.status.as_u16();
    assert_eq!(status().await, 403);
    assert_eq!(patch(&world, &owner, &id, json!({ "role": "admin" })).await.done(200)["role"], "admin");
    assert_eq!(status().await, 200);
    patch(&world, &owner, &id, json!({ "role": "member" })).await.done(200);
    assert_eq!(status().await, 403);
}

#[tokio::test]
async fn nobody_climbs_over_an_owner_and_the_last_one_stays() {
    let world = World::new().await;
    let admin_id = world.person("adm", Role::Admin).await;
    let admin = world.login("adm").await;
    let owner_id = world.person("own", Role::Owner).await;
    let owner = world.login("own").await;
    let no = async |who: &str, id: &str, body: Value| patch(&world, who, id, body).await.refusal();
    assert_eq!(no(&admin, &owner_id, json!({ "disabled": true })).await, (403, "forbidden".into()));
    assert_eq!(no(&admin, &owner_id, json!({ "role": "member" })).await, (403, "forbidden".into()));
    assert_eq!(no(&admin, &admin_id, json!({ "role": "owner" })).await, (403, "forbidden".into()));
    assert_eq!(no(&admin, &admin_id, json!({ "disabled": true })).await, (409, "own_account".into()));
    assert_eq!(no(&owner, &owner_id, json!({ "role": "admin" })).await, (409, "last_owner".into()));
    let nobody = "0193f3a0-0000-7000-8000-000000000000";
    assert_eq!(no(&owner, nobody, json!({ "disabled": true })).await, (404, "not_found".into()));
    assert_eq!(no(&owner, &admin_id, json!({ "role": "king" })).await, (422, "invalid".into()));
    let house = people::disable(&world.house(), "own@example.org", true).await.unwrap_err();
    assert_eq!(house.stable_code(), "last_owner");

    patch(&world, &owner, &admin_id, json!({ "role": "owner" })).await.done(200);
    patch(&world, &owner, &owner_id, json!({ "role": "member" })).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_leave_at_once_do_not_both_go() {
    let world = World::new().await;
    for round in 0..10 {
        let names = [format!("a{round}"), format!("b{round}")];
        for name in &names {
            world.person(name, Role::Owner).await;
        }
        if round > 0 {
            people::disable(&world.house(), &format!("a{}@example.org", round - 1), true).await.ok();
            people::disable(&world.house(), &format!("b{}@example.org", round - 1), true).await.ok();
        }
        let (one, two) = (world.house(), world.house());
        let emails = names.map(|name| format!("{name}@example.org"));
        let (first, second) =
            tokio::join!(people::disable(&one, &emails[0], true), people::disable(&two, &emails[1], true));
        assert_eq!(u8::from(first.is_ok()) + u8::from(second.is_ok()), 1, "{first:?} {second:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lm_05_of_a_hundred_who_add_one_address_at_once_one_does() {
    let world = World::new().await;
    let mut all = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (ctx, identity) = (world.house(), world.identity.clone());
        all.spawn(async move {
            let email = if number % 2 == 0 { "ada@example.org" } else { "ADA@Example.org" };
            let new = NewUser {
                email: email.into(),
                display_name: "Ada".into(),
                password: Secret::new(PASSWORD),
                role: Role::Member,
            };
            people::add(&ctx, &identity, new).await.map_err(|error| error.stable_code())
        });
    }
    let all = all.join_all().await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(all.iter().filter_map(|one| one.as_ref().err()).all(|code| *code == "email_taken"));
    assert_eq!(people::list(&world.house(), Page::default()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_password_reset_on_the_machine_ends_every_session() {
    let world = World::new().await;
    let cookie = world.signed_in("ada", Role::Member).await;
    let new = Secret::new("staple of the day");
    people::reset(&world.house(), &world.identity, "ada@example.org", &new).await.unwrap();
    assert_eq!(world.ask(As::Cookie(&cookie), "GET", "/me", None).await.status, 401);
    assert_eq!(world.try_login("ada@example.org", PASSWORD).await.status, 401);
    world.try_login("ada@example.org", new.expose()).await.done(200);
    let missing = people::reset(&world.house(), &world.identity, "x@example.org", &new).await.unwrap_err();
    assert_eq!(missing.stable_code(), "not_found");
}

#[tokio::test]
async fn mv_h2_what_is_done_is_on_record() {
    let world = World::new().await;
    let owner = world.signed_in("own", Role::Owner).await;
    let tick = || world.time.advance(std::time::Duration::from_secs(1));
    tick();
    let id = world.person("eve", Role::Member).await;
    tick();
    patch(&world, &owner, &id, json!({ "role": "admin" })).await.done(200);
    tick();
    world.try_login("eve@example.org", "not the right password").await;
    tick();
    let eve = world.login("eve").await;
    let rows = |list: Value| {
        let items = list["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .map(|mut row| {
                let row = row.as_object_mut().unwrap();
                assert!(row.remove("id").is_some() && row.remove("at").is_some());
                assert!(!row.remove("request_id").unwrap().as_str().unwrap().is_empty());
                row.remove("ip");
                Value::from(row.clone())
            })
            .collect::<Vec<_>>()
    };
    let mine = world.ask(As::Cookie(&eve), "GET", "/me/audit", None).await.done(200);
    assert_eq!(mine["items"][0]["ip"], "0.0.0.0");
    assert_eq!(
        rows(mine),
        [
            json!({ "action": "login", "actor": "eve@example.org" }),
            json!({ "action": "login.failed", "actor": "nobody" }),
            json!({ "action": "user.role_changed", "actor": "own@example.org", "subject": "member to admin" }),
            json!({ "action": "user.added", "actor": "house", "subject": "member" }),
        ]
    );
    let all = world.ask(As::Cookie(&owner), "GET", "/admin/audit?limit=4", None).await.done(200);
    assert!(all["next"].is_string());
    assert_eq!(
        rows(all)[1..3],
        [
            json!({ "action": "login.failed", "actor": "nobody", "subject": "eve@example.org" }),
            json!({
                "action": "user.role_changed", "actor": "own@example.org",
                "subject": "eve@example.org: member to admin"
            }),
        ]
    );
}

#[tokio::test]
async fn people_choose_their_own_name() {
    let world = World::new().await;
    let cookie = world.signed_in("ada", Role::Member).await;
    let body = json!({ "display_name": " Ada Lovelace " });
    assert_eq!(
        world.ask(As::Cookie(&cookie), "PATCH", "/me", Some(body)).await.done(200)["display_name"],
        "Ada Lovelace"
    );
    for (body, pointer) in [
        (json!({ "display_name": "" }), "/display_name"),
        (json!({ "display_name": "x", "role": "owner" }), "/role"),
    ] {
        let refused = world.ask(As::Cookie(&cookie), "PATCH", "/me", Some(body)).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["errors"][0]["pointer"]),
            (422, &json!(pointer))
        );
    }
    let me = world.ask(As::Cookie(&cookie), "GET", "/me", None).await.done(200);
    assert_eq!((&me["display_name"], &me["role"]), (&json!("Ada Lovelace"), &json!("member")));
}
