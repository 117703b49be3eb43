//! Several processes that are one house: limits and sessions hold for all of them together.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    told,
    world::{Asked, Node, Person, Seen, World, id},
};

/// Three where they can share, else one.
async fn all_nodes(world: &mut World) -> Vec<Arc<Node>> {
    let mut nodes = Vec::new();
    for _ in 0..if world.is_shared() { 3 } else { 1 } {
        nodes.push(world.starts().await);
    }
    nodes
}

/// Asks all nodes in turn, many times at once: how many came through; the others were told how long to wait.
async fn through(nodes: &[Arc<Node>], times: usize, ask: impl AsyncFn(Person) -> Seen) -> usize {
    let asked = (0..times).map(|at| ask(nodes[at % nodes.len()].nobody()));
    let seen = join_all(asked).await;
    let refused: Vec<&Seen> = seen.iter().filter(|seen| seen.status == 429).collect();
    for seen in &refused {
        assert_eq!(seen.refusal(), (429, "rate_limited".into()));
        assert!(seen.header("retry-after").parse::<u64>().unwrap() > 0);
        assert!(seen.header("ratelimit").contains("r=0"), "{}", seen.header("ratelimit"));
    }
    seen.len() - refused.len()
}

told! {
/// However many processes there are, a limit of so many lets so many through.
async fn mf_3_a_limit_is_one_limit_for_all_nodes(world: &mut World) {
    for (class, limit) in [("AUTH", 7), ("GENERAL", 40)] {
        world.limit(class, limit);
        world.set(&format!("STOA_EDGE__RATES__{class}__SECONDS"), "36000");
    }
    let nodes = all_nodes(world).await;
    let guess = json!({ "email": "nobody@example.org", "password": "not a password of theirs" });
    let guessed = through(&nodes, 30, async |person| person.post("/auth/login", &guess).await).await;
    assert_eq!(guessed, 7);
    // Most at one node, few at the others: no node keeps what it does not use.
    let mut looked = 0;
    for (at, times) in nodes.iter().enumerate().map(|(at, _)| (at, if at == 0 { 9 } else { 3 })) {
        looked += through(&nodes[at..=at], times, async |person| person.get("/setup").await).await;
    }
    looked += through(&nodes, 60, async |person| person.get("/setup").await).await;
    assert_eq!(looked, 40);
}
}

told! {
/// lm_12: nobody has to switch limits on.
async fn lm_12_limits_hold_without_a_word_of_configuration(world: &mut World) {
    world.usual_limits();
    let nodes = all_nodes(world).await;
    let guess = json!({ "email": "nobody@example.org", "password": "not a password of theirs" });
    let guessed = through(&nodes, 12, async |person| person.post("/auth/login", &guess).await).await;
    // One comes back every twelve seconds.
    assert!((5..=6).contains(&guessed), "{guessed} came through");
    let seen = nodes[0].nobody().get("/setup").await;
    assert_eq!(seen.header("ratelimit-policy"), "\"general\";q=600;w=60");
}
}

told! {
/// What ends at one node has ended at all of them, at once.
async fn mv_m7_what_is_revoked_is_dead_at_once_on_every_node(world: &mut World) {
    let nodes = all_nodes(world).await;
    // Of several links the one that was printed last is good.
    let newest = nodes.last().unwrap();
    let olga = newest.nobody().takes_the_house(newest, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let mut phone = anna.clone();
    phone.forgets();
    phone.signs_in().await;
    let script = anna.makes_a_token(&["labs:read"]).await;
    let last = nodes.last().unwrap();
    let everywhere = async |who: &Person, status: u16| {
        for node in &nodes {
            let seen = who.at(node).get("/labs").await;
            assert_eq!(seen.status, status, "{}", seen.text());
        }
    };
    for who in [&anna, &phone, &script] {
        everywhere(who, 200).await;
    }
    let list = anna.get("/me/sessions").await.done(200);
    let others: Vec<&Value> =
        list["items"].as_array().unwrap().iter().filter(|row| row["current"] == false).collect();
    assert_eq!(others.len(), 1, "{list}");
    assert_eq!(others[0]["ip"], "127.0.0.1");
    assert_eq!(anna.at(last).delete(&format!("/me/sessions/{}", id(others[0]))).await.status, 204);
    everywhere(&phone, 401).await;
    everywhere(&anna, 200).await;
    let tokens = anna.get("/me/tokens").await.done(200);
    assert_eq!(anna.at(last).delete(&format!("/me/tokens/{}", id(&tokens["items"][0]))).await.status, 204);
    everywhere(&script, 401).await;
    let off = olga.at(last).patch(&format!("/admin/users/{}", anna.id), &json!({ "disabled": true })).await;
    off.done(200);
    everywhere(&anna, 401).await;
    olga.patch(&format!("/admin/users/{}", anna.id), &json!({ "disabled": false })).await.done(200);
    everywhere(&anna, 401).await;
}
}

told! {
/// What opens a calendar has been seen by every node, and opens it at none from the moment it is revoked at one.
async fn mv_m7_a_calendar_is_shut_at_once_on_every_node(world: &mut World) {
    let nodes = all_nodes(world).await;
    let [first, last] = [nodes.first().unwrap(), nodes.last().unwrap()];
    let olga = last.nobody().takes_the_house(last, "olga").await;
    let feed = olga.post("/tasks/feeds", &json!({ "name": "phone" })).await.done(201);
    let token = feed["token"].as_str().unwrap();
    olga.also_secret(token);
    let everywhere = async |status: u16| {
        for node in &nodes {
            let nobody = node.nobody();
            let asked = nobody.asks("GET", "/api/v1/tasks/feed.ics").0.basic_auth("calendar", Some(token));
            let seen = Asked(asked).send().await;
            assert_eq!(seen.status, status, "{}", seen.text());
        }
    };
    // Twice: from then on each has it in its memory.
    everywhere(200).await;
    everywhere(200).await;
    assert_eq!(olga.at(first).delete(&format!("/tasks/feeds/{}", id(&feed))).await.status, 204);
    everywhere(401).await;
}
}

told! {
/// A hundred at once with the one link: one becomes the owner. A hundred accounts of one address: one is made.
async fn lm_05_of_a_hundred_at_once_one_gets_it(world: &mut World) {
    let nodes = all_nodes(world).await;
    // The link that was printed last.
    let claim = nodes.last().unwrap().claim.clone().unwrap();
    let asked = (0..100).map(|at| {
        let person = nodes[at % nodes.len()].nobody();
        let body = json!({
            "claim": claim, "email": format!("owner{at}@example.org"), "password": person.password,
            "display_name": "Owner",
        });
        async move { (person.post("/setup", &body).await, person) }
    });
    let seen = join_all(asked).await;
    let (made, refused): (Vec<_>, Vec<_>) = seen.iter().partition(|(seen, _)| seen.status == 201);
    assert_eq!(made.len(), 1);
    for (seen, _) in refused {
        assert_eq!(seen.refusal().0, 404, "{}", seen.text());
    }
    assert_eq!(world.count("SELECT count(*) FROM identity_user").await, 1);
    let (seen, owner) = made[0];
    let owner = owner.with_cookie_of(seen);
    let by_command = (0..8).map(|_| world.command(&["user", "add", "Twin@example.org", "--password-stdin"], "correct horse battery\n"));
    let by_door = (0..92).map(|at| {
        let body = json!({
            "email": "twin@example.org", "password": "correct horse battery", "display_name": "Twin", "role": "member",
        });
        owner.at(&nodes[at % nodes.len()]).post("/admin/users", &body)
    });
    let (commands, doors) = futures::join!(join_all(by_command), join_all(by_door));
    let made = doors.iter().filter(|seen| seen.status == 201).count()
        + commands.iter().filter(|(code, ..)| *code == Some(0)).count();
    assert_eq!(made, 1, "{commands:#?}");
    for seen in doors.iter().filter(|seen| seen.status != 201) {
        assert_eq!(seen.refusal(), (409, "email_taken".into()));
    }
    for (_, _, stderr) in commands.iter().filter(|(code, ..)| *code != Some(0)) {
        assert!(stderr.contains("already"), "{stderr}");
    }
    assert_eq!(world.count("SELECT count(*) FROM identity_user").await, 2);
}
}
