//! Connections: slow ones, broken ones, and how all of them end.

use std::{sync::atomic::Ordering, time::Duration};

use axum::http::Version;
use stoa_edge::{ConnectionConfig, EdgeConfig};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::house::{Line, World};

/// Long enough for a machine under load; nothing waits for it when all is well.
const LONG: Duration = Duration::from_secs(20);

fn impatient(connections: ConnectionConfig) -> EdgeConfig {
    EdgeConfig { connections, ..EdgeConfig::default() }
}

#[tokio::test]
async fn who_sends_no_request_is_sent_away() {
    let short = Duration::from_millis(50);
    let world = World::with(impatient(ConnectionConfig { head_seconds: short, ..Default::default() })).await;
    let address = world.listen().await;
    for beginning in
        ["", "G", "GET /healthz HT", "PRI * HTTP/2.0\r\n", "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: "]
    {
        let mut line = Line::to(address).await;
        line.write(beginning).await;
        assert!(!line.rest().await.contains("200 OK"), "{beginning:?}");
    }
}

#[tokio::test]
async fn silence_ends_a_connection_but_not_a_request() {
    let short = Duration::from_millis(50);
    let world = World::with(impatient(ConnectionConfig { idle_seconds: short, ..Default::default() })).await;
    let address = world.listen().await;
    let (mut working, mut idle) = (Line::to(address).await, Line::to(address).await);
    working.anna("POST", "/api/v1/toys/gate").await;
    world.toys.waiting.notified().await;
    idle.anna("GET", "/healthz").await;
    // When the idle one is gone, the other has been silent for longer.
    assert!(idle.rest().await.contains("{\"status\":\"ok\"}"));
    world.toys.gate.notify_one();
    assert!(working.until("user:").await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn lm_23_what_is_in_progress_is_finished_and_nothing_new_begins() {
    let world = World::new().await;
    let address = world.listen().await;
    let (mut working, mut idle) = (Line::to(address).await, Line::to(address).await);
    idle.anna("GET", "/healthz").await;
    idle.until("ok").await;
    working.anna("POST", "/api/v1/toys/gate").await;
    world.toys.waiting.notified().await;
    let tasks = world.store.tasks.clone();
    let stopping = async { tasks.stop(LONG).await };
    let client = async {
        // The idle connection is closed at once, and nobody listens any more.
        assert_eq!(idle.rest().await, "");
        assert!(TcpStream::connect(address).await.is_err());
        world.toys.gate.notify_one();
        let answer = working.rest().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("user:"), "{answer}");
    };
    let (all_ended, ()) = tokio::join!(stopping, client);
    assert!(all_ended);
}

#[tokio::test]
async fn lm_23_a_stream_is_closed_with_a_reason() {
    let world = World::new().await;
    let address = world.listen().await;
    let mut line = Line::to(address).await;
    line.anna("GET", "/api/v1/toys/events").await;
    line.until("id: 2").await;
    let tasks = world.store.tasks.clone();
    let (all_ended, rest) = tokio::join!(async { tasks.stop(LONG).await }, line.rest());
    assert!(all_ended);
    assert!(rest.contains(": the server is going away; come again\nretry: 1000\n\n"), "{rest}");
}

#[tokio::test]
async fn readiness_ends_with_the_request_to_stop() {
    let world = World::new().await;
    world.store.tasks.stopping().cancel();
    let seen = world.send(crate::house::ask("GET", "/readyz", &[], None)).await;
    assert_eq!((seen.status.as_u16(), seen.body.as_slice()), (503, &b"{\"status\":\"unavailable\"}"[..]));
}

#[tokio::test]
async fn a_change_is_finished_when_its_caller_has_gone() {
    let world = World::new().await;
    let mut line = Line::to(world.listen().await).await;
    line.anna("POST", "/api/v1/toys/gate").await;
    world.toys.waiting.notified().await;
    drop(line);
    world.toys.gate.notify_one();
    world.toys.through.notified().await;
    assert_eq!(world.toys.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_sends_too_much_reads_why() {
    let world = World::new().await;
    let line = TcpStream::connect(world.listen().await).await.unwrap();
    let (read, mut write) = line.into_split();
    let sending = async move {
        let head = "POST /api/v1/toys/upload HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer anna\r\n";
        write.write_all(head.as_bytes()).await.unwrap();
        write.write_all(b"content-length: 53477376\r\n\r\n").await.unwrap();
        // Sends all of it before it looks for an answer, as many clients do.
        for _ in 0..51 * 16 {
            write.write_all(&[b'x'; 64 << 10]).await.unwrap();
        }
        write
    };
    let write = tokio::time::timeout(LONG, sending).await.unwrap();
    let mut line = Line(read.reunite(write).unwrap());
    let answer = line.until("request_id").await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("application/problem+json"), "{answer}");
    // The connection is whole: the next request is answered on it.
    line.anna("GET", "/healthz").await;
    line.until("{\"status\":\"ok\"}").await;
}

#[tokio::test]
async fn requests_that_make_no_sense_end_the_connection_and_nothing_else() {
    let world = World::new().await;
    let address = world.listen().await;
    let too_many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100));
    let too_long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100 << 10));
    let twice = "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello";
    for nonsense in ["\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", &too_many, &too_long, twice] {
        let mut line = Line::to(address).await;
        let _reset = line.0.write_all(nonsense.as_bytes()).await;
        let answer = line.rest().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let mut line = Line::to(address).await;
    line.anna("GET", "/healthz").await;
    line.until("ok").await;
}

#[tokio::test]
async fn http_2_has_the_same_manners() {
    let world = World::new().await;
    let address = world.listen().await;
    #[expect(clippy::disallowed_methods, reason = "this plays a client of ours, on this machine")]
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let get = |path: &str| client.get(format!("http://{address}{path}")).bearer_auth("anna").send();
    let (toys, nothing) = tokio::join!(get("/api/v1/toys"), get("/api/v1/nothing"));
    let (toys, nothing) = (toys.unwrap(), nothing.unwrap());
    assert_eq!((toys.version(), toys.status().as_u16()), (Version::HTTP_2, 200));
    assert_eq!(nothing.status().as_u16(), 404);
    assert_eq!(nothing.headers()["content-type"], "application/problem+json");
    drop((client, toys, nothing));
    assert!(world.store.tasks.stop(LONG).await);
}
