//! What somebody has open: an admin sees it and ends it, at once, on record; nobody touches an owner's.

use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use stoa_core::Role;

use crate::{
    house::{As, Seen, World, request, seen},
    oauth::way::text,
    on_both,
};

/// What a person has open, with its ids.
struct Open {
    id: String,
    cookie: String,
    session: String,
    token: Value,
    connection: String,
    access: String,
    refresh: String,
}

async fn open(world: &World, name: &str, role: Role) -> (Open, crate::oauth::way::Program) {
    let id = world.person(name, role).await;
    let cookie = world.login(name).await;
    let wish = json!({ "name": "script", "scopes": ["profile", "email"] });
    let token = world.does(&cookie, "POST", "/me/tokens", Some(wish)).await;
    let program = world.program().await;
    let code = world.code(&cookie, &program, &[]).await;
    let tokens = world.redeems(&program, &code).await.done(200);
    let connections = world.does(&cookie, "GET", "/me/connections", None).await;
    let sessions = world.does(&cookie, "GET", "/me/sessions", None).await;
    let open = Open {
        id,
        session: text(&sessions["items"][0], "id"),
        token,
        connection: text(&connections["items"][0], "id"),
        access: text(&tokens, "access_token"),
        refresh: text(&tokens, "refresh_token"),
        cookie,
    };
    (open, program)
}

/// What two processes say to somebody who asks who they are. Both remember whom they let in.
async fn me(world: &World, other: &Router, who: As<'_>) -> u16 {
    let there = seen(other, request(who, "GET", "/me", None)).await.status.as_u16();
    assert_eq!(world.ask(who, "GET", "/me", None).await.status, there, "the nodes do not agree");
    there
}

async fn ask(world: &World, cookie: &str, method: &str, path: &str) -> Seen {
    if method == "DELETE" {
        // So that the record is in order.
        world.time.advance(Duration::from_secs(1));
    }
    world.ask(As::Cookie(cookie), method, path, None).await
}

on_both! {
/// G4 Z17.
async fn an_admin_sees_what_somebody_has_open_and_ends_it_at_once(world: &World) {
    let (admin, other) = (world.signed_in("adm", Role::Admin).await, world.node(10_000));
    world.time.advance(Duration::from_secs(1));
    let (ada, program) = open(world, "ada", Role::Member).await;
    let of = |what: &str| format!("/admin/users/{}/{what}", ada.id);

    // The same as they see themselves, but for which session is whose.
    for what in ["tokens", "connections"] {
        let own = ask(world, &ada.cookie, "GET", &format!("/me/{what}")).await.done(200);
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "{what}");
        assert_eq!(ask(world, &admin, "GET", &of(what)).await.done(200), own, "{what}");
    }
    let mut own = ask(world, &ada.cookie, "GET", "/me/sessions").await.done(200);
    own["items"][0]["current"] = json!(false);
    assert_eq!(ask(world, &admin, "GET", &of("sessions")).await.done(200), own);
    let secret = text(&ada.token, "token");
    assert!(!ask(world, &admin, "GET", &of("tokens")).await.json().to_string().contains(&secret));

    assert_eq!(me(world, &other, As::Token(&ada.access)).await, 200);
    ask(world, &admin, "DELETE", &of(&format!("connections/{}", ada.connection))).await.done(204);
    assert_eq!(me(world, &other, As::Token(&ada.access)).await, 401);
    assert_eq!(world.refreshes(&program, &ada.refresh).await.status, 400);
    assert_eq!(ask(world, &admin, "GET", &of("connections")).await.done(200)["items"], json!([]));

    assert_eq!(me(world, &other, As::Token(&secret)).await, 200);
    ask(world, &admin, "DELETE", &of(&format!("tokens/{}", text(&ada.token, "id")))).await.done(204);
    assert_eq!(me(world, &other, As::Token(&secret)).await, 401);

    assert_eq!(me(world, &other, As::Cookie(&ada.cookie)).await, 200);
    ask(world, &admin, "DELETE", &of(&format!("sessions/{}", ada.session))).await.done(204);
    assert_eq!(me(world, &other, As::Cookie(&ada.cookie)).await, 401);

    // What is gone is gone, and what is somebody else's is not theirs.
    let own = ask(world, &admin, "GET", "/me/sessions").await.done(200);
    for gone in [
        format!("connections/{}", ada.connection),
        format!("tokens/{}", text(&ada.token, "id")),
        format!("sessions/{}", ada.session),
        format!("sessions/{}", text(&own["items"][0], "id")),
    ] {
        assert_eq!(ask(world, &admin, "DELETE", &of(&gone)).await.refusal().0, 404, "{gone}");
    }
    assert_eq!(me(world, &other, As::Cookie(&admin)).await, 200);

    // The person sees who did it, and so do those who look after people.
    world.time.advance(Duration::from_secs(1));
    let ada_again = world.login("ada").await;
    let theirs = ask(world, &ada_again, "GET", "/me/audit?limit=4").await.done(200);
    let said: Vec<_> = theirs["items"].as_array().unwrap().iter().map(|row| (&row["action"], &row["actor"])).collect();
    let (adm, ada_mail) = (json!("adm@example.org"), json!("ada@example.org"));
    let [login, session, token, connection] =
        ["login", "session.revoked", "token.revoked", "connection.revoked"].map(|action| json!(action));
    assert_eq!(said, [(&login, &ada_mail), (&session, &adm), (&token, &adm), (&connection, &adm)]);
    assert_eq!(ask(world, &admin, "GET", &of("audit?limit=4")).await.done(200), theirs);
}

async fn an_admin_signs_somebody_out_everywhere_and_programs_with_them(world: &World) {
    let (admin, other) = (world.signed_in("adm", Role::Admin).await, world.node(10_000));
    let (ada, program) = open(world, "ada", Role::Member).await;
    let second = world.login("ada").await;
    let all = [As::Cookie(&ada.cookie), As::Cookie(&second), As::Token(&ada.access)];
    for alive in all {
        assert_eq!(me(world, &other, alive).await, 200);
    }
    ask(world, &admin, "DELETE", &format!("/admin/users/{}/sessions", ada.id)).await.done(204);
    for dead in all {
        assert_eq!(me(world, &other, dead).await, 401);
    }
    assert_eq!(world.refreshes(&program, &ada.refresh).await.status, 400);
    // What they made for their scripts is theirs, and stays.
    assert_eq!(me(world, &other, As::Token(&text(&ada.token, "token"))).await, 200);
    assert!(world.actions().await.contains(&"session.all_revoked".to_owned()));
    world.login("ada").await;
}
}

#[tokio::test]
async fn nobody_looks_into_an_owners_things_but_an_owner() {
    let world = World::new().await;
    let (admin, member) =
        (world.signed_in("adm", Role::Admin).await, world.signed_in("mem", Role::Member).await);
    let (second, other) = (world.signed_in("two", Role::Owner).await, world.node(10_000));
    let (owner, _) = open(&world, "own", Role::Owner).await;
    let doors = [
        ("GET", "sessions".to_owned()),
        ("GET", "tokens".to_owned()),
        ("GET", "connections".to_owned()),
        ("GET", "audit".to_owned()),
        ("DELETE", format!("connections/{}", owner.connection)),
        ("DELETE", format!("tokens/{}", text(&owner.token, "id"))),
        ("DELETE", format!("sessions/{}", owner.session)),
        ("DELETE", "sessions".to_owned()),
    ];
    let nobody = "0193f3a0-0000-7000-8000-000000000000";
    for (method, door) in &doors {
        let path = format!("/admin/users/{}/{door}", owner.id);
        for who in [&admin, &member] {
            assert_eq!(ask(&world, who, method, &path).await.refusal(), (403, "forbidden".into()), "{path}");
        }
        let path = format!("/admin/users/{nobody}/{door}");
        assert_eq!(ask(&world, &admin, method, &path).await.refusal().0, 404, "{path}");
    }
    assert_eq!(me(&world, &other, As::Cookie(&owner.cookie)).await, 200);
    for (method, door) in &doors {
        let path = format!("/admin/users/{}/{door}", owner.id);
        let seen = ask(&world, &second, method, &path).await;
        assert!(seen.status.is_success(), "{method} {path}: {seen:?}");
    }
    assert_eq!(me(&world, &other, As::Cookie(&owner.cookie)).await, 401);
}
