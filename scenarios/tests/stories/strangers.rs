//! Two people who cannot see each other's things.

use serde_json::{Value, json};

use crate::{
    things::{Things, doors},
    told,
    world::{Person, Seen, World},
};

told! {
/// Whatever id of hers he sends, to whatever door: he gets what he would get for an id of nothing.
async fn lm_02_lm_10_mf_1_an_id_of_anothers_thing_is_an_id_of_nothing(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let (mut anna, ben) = (olga.invites("anna", "member").await, olga.invites("ben", "member").await);
    let hers = Things::of(&mut anna).await;
    let script = ben.makes_a_token(&["labs:read", "labs:write", "tasks:read", "tasks:write"]).await;
    let mut swept = 0;
    // A request of a program is nobody's until somebody decides; programs show their own credentials at the root.
    let belongs = |door: &&String| door.contains(" /api/") && door.contains('{') && !door.contains("{handle}");
    for door in doors(&ben).await.iter().filter(belongs) {
        for who in [&ben, &script, &olga] {
            // Whoever looks after the house sees accounts, and nothing that belongs to them.
            if door.contains("/admin/") && who.name == olga.name {
                continue;
            }
            let found = hers.knock(who, door).send().await;
            let nothing = Things::nobodys().knock(who, door).send().await;
            // What is looked after at a browser is closed to programs before anything is looked up.
            let own = door.contains("/me/") || door.contains("/feeds/");
            let expected = if door.contains("/admin/") || (who.is_a_program() && own) { 403 } else { 404 };
            assert_eq!(found.status, expected, "{} at {door}: {}", who.name, found.text());
            assert_eq!(said(&found), said(&nothing), "{} at {door}", who.name);
            swept += 1;
        }
    }
    assert!(swept > 50, "only {swept} were tried");
    nothing_is_listed(&ben).await;
    nobody_else_is_believed(&anna, &ben).await;
    assert_eq!(anna.get("/labs").await.done(200)["items"][0]["task_count"], 3, "nothing of hers was touched");
    assert_eq!(anna.get("/me/tokens").await.done(200)["items"].as_array().unwrap().len(), 3);
}
}

/// All that an answer says, but for the number of the request.
fn said(seen: &Seen) -> (u16, Value, String) {
    let mut body = seen.json();
    if let Some(problem) = body.as_object_mut() {
        problem.remove("request_id");
    }
    (seen.status, body, seen.header("content-type").to_owned())
}

async fn nothing_is_listed(ben: &Person) {
    assert_eq!(ben.get("/labs").await.done(200), json!({ "items": [], "next": null }));
    let tokens = ben.get("/me/tokens").await.done(200);
    assert_eq!(tokens["items"].as_array().unwrap().len(), 1, "his own");
    let audit = ben.get("/me/audit").await;
    assert!(!audit.text().contains("anna"), "{}", audit.text());
}

/// Whoever says in words that they are somebody else is still themselves, at whatever door that can be read.
async fn nobody_else_is_believed(anna: &Person, ben: &Person) {
    let claims = |path: &str| {
        let asked = ben.asks("GET", &format!("{path}?user_id={}&user={}", anna.id, anna.id));
        asked
            .header("x-user-id", &anna.id)
            .header("x-auth-uid", &anna.id)
            .header("x-forwarded-user", &anna.email())
    };
    assert_eq!(claims("/api/v1/me").send().await.done(200)["id"], ben.id.as_str());
    let mut read = 0;
    for path in doors(ben).await.iter().filter_map(|door| door.strip_prefix("GET ")) {
        if !path.starts_with("/api/") || path.contains('{') {
            continue;
        }
        let (plain, seen) = (ben.asks("GET", path).send().await, claims(path).send().await);
        // A door may refuse words that it does not know; it never does more for them.
        assert!(seen.status == plain.status || seen.status == 422, "{path}: {}", seen.text());
        for hers in [&anna.id, &anna.email()] {
            assert!(!seen.text().contains(hers.as_str()), "{path}: {}", seen.text());
        }
        read += 1;
    }
    assert!(read > 20, "only {read} were read");
}
