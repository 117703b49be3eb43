//! The run job when its process dies, and when it is asked to go.

use serde_json::{Value, json};

use crate::{
    told,
    world::{Person, Told, World, id, in_order_of_tasks},
};

/// Three programs: one has ended, one is at work, one waits when the story turns.
async fn three_programs(anna: &Person) -> Value {
    let lab = anna.uploads("steps.md", b"# Steps\n\n1. Write a program to do something.\n").await;
    let lab = id(&lab).to_owned();
    let only = anna.get(&format!("/labs/{lab}")).await.done(200);
    for task in only["tasks"].as_array().unwrap() {
        anna.delete(&format!("/labs/{lab}/tasks/{}", id(task))).await.done(204);
    }
    for (question, code) in [
        ("First", "open('first.txt', 'w').write('1')\nprint('one')"),
        ("Second", "import time\nprint('at work', flush=True)\ntime.sleep(3)\nprint('two')"),
        ("Third", "open('third.txt', 'w').write('3')\nprint('three')"),
    ] {
        let task = json!({ "question": question, "code": code });
        anna.post(&format!("/labs/{lab}/tasks"), &task).await.done(201);
    }
    anna.get(&format!("/labs/{lab}")).await.done(200)
}

/// Begins to run them and listens until the second is at work: the job, and what was heard.
async fn begins(anna: &Person, lab: &Value) -> (Value, Vec<Told>) {
    let job = anna.post(&format!("/labs/{}/runs", id(lab)), &json!({})).await.done(202)["job"].clone();
    let mut heard = Vec::new();
    let mut telling = anna.follows(&job, None).await;
    let at_work =
        |told: &Told| told.name == "output" && told.data["text"].as_str().unwrap().contains("at work");
    while !heard.last().is_some_and(at_work) {
        heard.push(telling.next().await.expect("a running job goes on telling"));
    }
    (job, heard)
}

/// Everything ran, each ended once, and what the first left was not made twice.
async fn everything_happened_once(world: &World, anna: &Person, lab: &Value, first: &Value) {
    let runs = in_order_of_tasks(anna, lab).await;
    let said: Vec<&str> = runs.iter().map(|run| run["stdout"].as_str().unwrap()).collect();
    assert_eq!(said, ["one\n", "at work\ntwo\n", "three\n"]);
    assert!(runs.iter().all(|run| run["state"] == "succeeded"), "{runs:#?}");
    assert_eq!(&runs[0], first, "what had ended did not run again");
    assert_eq!(world.count("SELECT count(*) FROM labmate_run").await, 3);
    assert_eq!(world.count("SELECT count(*) FROM labmate_file").await, 2);
    assert_eq!(
        world.count("SELECT count(*) FROM store_blob WHERE state = 'kept'").await,
        3,
        "document and files"
    );
}

/// The run that has ended by now.
async fn first_run(anna: &Person, lab: &Value) -> Value {
    let first = in_order_of_tasks(anna, lab).await.remove(0);
    assert_eq!(first["state"], "succeeded", "{first}");
    first
}

fn numbers(heard: &[Told]) -> Vec<i64> {
    heard.iter().filter(|told| told.name != "state").map(|told| told.id).collect()
}

told! {
/// A process dies from one moment to the next; when its lease has run out, another does the rest.
async fn lm_05_lm_24_a_job_outlives_its_worker_and_happens_once(world: &mut World) {
    world.set("STOA_JOBS__LEASE_SECONDS", "3");
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let lab = three_programs(&anna).await;
    let (job, mut heard) = begins(&anna, &lab).await;
    let first = first_run(&anna, &lab).await;
    // Where processes share a world, the other one is there already.
    let waiting = if world.is_shared() { Some(world.starts().await) } else { None };
    house.is_killed().await;
    let heir = match waiting {
        Some(heir) => heir,
        None => world.starts().await,
    };
    let anna = anna.at(&heir);
    let mut telling = anna.follows(&job, heard.last().map(|told| told.id)).await;
    while let Some(told) = telling.next().await {
        heard.push(told);
    }
    assert_eq!(heard.last().unwrap().data["state"], "succeeded", "{heard:?}");
    let numbers = numbers(&heard);
    assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>(), "no gap, nothing twice");
    everything_happened_once(world, &anna, &lab, &first).await;
}
}

told! {
/// Asked to go with a stream open and a program at work, a process ends well and in time; nothing is lost.
async fn lm_23_a_process_that_is_asked_to_go_loses_nothing(world: &mut World) {
    world.set("STOA_JOBS__LEASE_SECONDS", "3");
    world.set("STOA_SERVER__STOP_SECONDS", "5");
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let lab = three_programs(&anna).await;
    let (job, heard) = begins(&anna, &lab).await;
    let first = first_run(&anna, &lab).await;
    let mut telling = anna.follows(&job, heard.last().map(|told| told.id)).await;
    house.is_asked_to_stop();
    while let Some(told) = telling.next().await {
        assert!(!told.is_the_end() || told.data["state"] == "succeeded", "{told:?}");
    }
    let status = house.waits().await;
    assert_eq!(status.code(), Some(0));
    let heir = world.starts().await;
    let anna = anna.at(&heir);
    assert_eq!(anna.waits_for(&job).await["state"], "succeeded");
    everything_happened_once(world, &anna, &lab, &first).await;
}
}
