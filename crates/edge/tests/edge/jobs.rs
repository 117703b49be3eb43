//! The doors to jobs.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Actor, Error, JobId, RequestId, Result};
use stoa_jobs::{Job, Run, Worker, WorkerConfig, handler, later};
use stoa_store::Ctx;
use tokio::sync::Notify;

use crate::house::{Line, World, ask};

/// Tells two things, waits until the test lets it go, and ends.
#[derive(Serialize, Deserialize)]
struct Count {}

impl Job for Count {
    const KIND: &'static str = "test.count";
    type App = Arc<Notify>;
    async fn run(self, go: Arc<Notify>, run: Run) -> Result<Value> {
        run.progress(1, 2, "half").await?;
        run.tell("output", &json!({"text": "hello"})).await?;
        tokio::select! {
            () = go.notified() => Ok(json!({"counted": 2})),
            () = run.stopped().cancelled() => Err(Error::unavailable("stopped")),
        }
    }
}

/// A job of Anna's, and a worker for it.
async fn begun(world: &World) -> (JobId, Arc<Notify>) {
    let go = Arc::new(Notify::new());
    Worker::start(&world.store, WorkerConfig::default(), vec![handler::<Count>(go.clone())], Vec::new());
    let ctx = Ctx::new(&world.store, Actor::User(world.anna.clone()), RequestId::new(&world.store.rng));
    let id = world.store.db.write(async |tx| later(&ctx, tx, &Count {}).await).await.unwrap();
    (id, go)
}

/// The numbers and names of events in a text.
fn events(text: &str) -> Vec<(i64, String)> {
    let field =
        |event: &str, name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let all = text.split("\n\n").filter_map(|event| Some((field(event, "id: ")?, field(event, "event: ")?)));
    all.map(|(id, name)| (id.parse().unwrap(), name)).collect()
}

async fn follow(world: &World, id: JobId, last: &str) -> Line {
    let mut line = Line::to(world.listen().await).await;
    let head = "host: 127.0.0.1\r\nauthorization: Bearer anna\r\nconnection: close\r\n";
    line.write(&format!("GET /api/v1/jobs/{id}/events HTTP/1.1\r\n{head}{last}\r\n")).await;
    line
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_and_resumed_without_gap_or_double() {
    let world = World::new().await;
    let (id, go) = begun(&world).await;
    let mut line = follow(&world, id, "").await;
    let begin = line.until("event: output").await;
    go.notify_one();
    let all = begin + &line.rest().await;
    let heard: Vec<_> = events(&all).into_iter().filter(|(_, name)| name != "state").collect();
    assert_eq!(heard, [(1, "progress".into()), (2, "output".into())], "{all}");
    assert!(all.trim_end().ends_with('0') && all.contains("id: 3\nevent: state\n"), "{all}");
    assert!(all.contains(r#""state":"succeeded""#) && all.contains(r#""result":{"counted":2}"#), "{all}");
    let mut line = follow(&world, id, "last-event-id: 1\r\n").await;
    assert_eq!(events(&line.rest().await), [(2, "output".into()), (3, "state".into())]);
    let mut line = follow(&world, id, "last-event-id: 3\r\n").await;
    assert!(line.rest().await.starts_with("HTTP/1.1 204 No Content"));
    assert!(world.store.tasks.stop(Duration::from_secs(20)).await);
}

#[tokio::test]
async fn a_job_is_stopped_by_whoever_asked_for_it_and_is_nothing_to_others() {
    let world = World::new().await;
    let (id, _go) = begun(&world).await;
    let mut line = follow(&world, id, "").await;
    line.until("event: output").await;
    let boris = [("authorization", "Bearer boris")];
    for (method, path) in [("GET", ""), ("POST", "/cancel"), ("GET", "/events")] {
        let path = format!("/api/v1/jobs/{id}{path}");
        let seen = world.send(ask(method, &path, &boris, None)).await;
        assert_eq!(
            seen.problem(),
            json!({
                "type": "/problems/not_found", "title": "Not Found", "status": 404, "code": "not_found",
                "detail": "no such job"
            }),
            "{method} {path}"
        );
    }
    let asked = world.anna("POST", &format!("/api/v1/jobs/{id}/cancel"), None).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    let end = line.rest().await;
    assert!(end.contains(r#""state":"cancelled""#), "{end}");
    let job = world.anna("GET", &format!("/api/v1/jobs/{id}"), None).await.json();
    assert_eq!((&job["state"], &job["kind"]), (&json!("cancelled"), &json!("test.count")));
    assert_eq!(job["progress"], json!({"done": 1, "total": 2, "note": "half"}));
    let failed = world.send(ask("GET", "/api/v1/admin/jobs/failed", &[("cookie", "stoa=anna")], None)).await;
    assert_eq!(failed.json(), json!({"items": [], "next": null}));
    assert!(world.store.tasks.stop(Duration::from_secs(20)).await);
}
