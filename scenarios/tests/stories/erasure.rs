//! A person takes along what is kept of them, and goes: nothing of theirs is left in any row or file.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    things::Things,
    told,
    world::{Person, World, id},
};

/// What is done behind the scenes is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What she alone wrote, in every place that takes words.
const WORDS: [&str; 4] = ["wintergreen", "anna@example.org", "call ana", "left.txt"];

fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let all = (0..zip.len()).map(|at| {
        let mut file = zip.by_index(at).unwrap();
        let mut whole = Vec::new();
        file.read_to_end(&mut whole).unwrap();
        (file.name().unwrap().into_owned(), whole)
    });
    all.collect()
}

/// Everything that is kept of a person, as they get it.
async fn takes_along(person: &Person) -> BTreeMap<String, Vec<u8>> {
    let asked = person.post("/me/export", &json!({})).await.done(202);
    person.waits_for(&asked["job"]).await;
    let seen = person.get(&format!("/me/export/{}", id(&asked["export"]))).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    unpacked(&seen.body)
}

/// Where a word stands, in whatever case.
async fn places(world: &World, word: &str) -> Vec<String> {
    let all = world.values().await;
    all.into_iter().filter(|(_, value)| value.to_lowercase().contains(word)).map(|(place, _)| place).collect()
}

told! {
/// lm_24: labs, runs, reports, tasks, tokens, sessions, a connection, exports; first in her hands, then nowhere.
async fn lm_24_whoever_is_erased_took_all_along_and_left_nothing(world: &mut World) {
    world.set("STOA_IDENTITY__ERASURE__GRACE_DAYS", "0");
    let node = world.starts().await;
    let olga = node.nobody().takes_the_house(&node, "olga").await;
    let mut anna = olga.invites("anna", "member").await;
    anna.patch("/me", &json!({ "display_name": "Anna Wintergreen" })).await.done(200);
    let things = Things::of(&mut anna).await;
    let labs = anna.get("/labs").await.done(200);
    let lab = id(&labs["items"][0]);
    anna.patch(&format!("/labs/{lab}"), &json!({ "title": "Wintergreen's lab" })).await.done(200);

    let files = takes_along(&anna).await;
    let read = |name: &str| serde_json::from_slice::<Value>(&files[name]).unwrap();
    let manifest = read("manifest.json");
    assert_eq!(manifest["files"].as_array().unwrap().len(), files.len() - 1);
    assert_eq!(read("account/account.json")["account"]["display_name"], "Anna Wintergreen");
    assert_eq!(read("account/connections.json").as_array().unwrap().len(), 2);
    assert_eq!(read(&format!("labs/{lab}/lab.json"))["title"], "Wintergreen's lab");
    assert_eq!(read("tasks/tasks.json")["tasks"][0]["title"], "Call Ana");
    let holds = |end: &str| files.keys().any(|name| name.starts_with(&format!("labs/{lab}/")) && name.ends_with(end));
    for end in ["document/Lab 3.docx", "runs.json", "/left.txt", ".docx", "evidence.json"] {
        assert!(holds(end), "{end} is missing: {:?}", files.keys());
    }
    for word in WORDS {
        assert!(!places(world, word).await.is_empty(), "{word} stands nowhere before");
    }
    let before = world.files();

    let going = anna.post("/me/erase", &json!({ "password": anna.password })).await.done(200);
    assert!(going["erase_at"].is_string());
    let gone = async {
        while world.count("SELECT count(*) FROM identity_audit WHERE action = 'account.erased'").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    assert_eq!(anna.get("/me").await.status, 401);
    drop(things);
    for word in WORDS {
        assert_eq!(places(world, word).await, Vec::<String>::new(), "{word}");
    }
    let left = places(world, &anna.id).await;
    // Limits forget whom they counted when they are over.
    let known = ["identity_audit.actor_id", "identity_audit.account_id", "store_counter.id"];
    assert!(left.iter().all(|place| known.contains(&place.as_str())), "{left:?}");
    assert!(before > 0);
    world.sweeps().await;
    assert_eq!(world.files(), 0);
}
}
