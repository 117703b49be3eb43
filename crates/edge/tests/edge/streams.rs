//! Streams and forms.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::json;
use stoa_store::Epoch;
use tower::ServiceExt;

use crate::house::{Line, World, ask};

#[tokio::test]
async fn a_stream_begins_at_once_and_resumes_by_number() {
    let world = World::new().await;
    let address = world.listen().await;
    let mut line = Line::to(address).await;
    line.anna("GET", "/api/v1/toys/events").await;
    let all = line.until("data: 2\n\n").await;
    assert!(all.contains("content-type: text/event-stream\r\n"), "{all}");
    assert!(all.contains("id: 1\nevent: toy\ndata: 1\n\n"), "{all}");
    let mut line = Line::to(address).await;
    let head = "host: 127.0.0.1\r\nauthorization: Bearer anna\r\nlast-event-id: 41\r\n";
    line.write(&format!("GET /api/v1/toys/events HTTP/1.1\r\n{head}\r\n")).await;
    let all = line.until("data: 43\n\n").await;
    assert!(!all.contains("data: 41\n"), "{all}");
    for strange in ["x", "-1", "1.5", "99999999999999999999"] {
        let headers = [("authorization", "Bearer anna"), ("last-event-id", strange)];
        let seen = world.send(ask("GET", "/api/v1/toys/events", &headers, None)).await;
        assert_eq!(seen.problem()["code"], "malformed", "{strange}");
    }
}

#[tokio::test]
async fn a_revoked_credential_hears_no_more() {
    let world = World::new().await;
    let mut line = Line::to(world.listen().await).await;
    line.anna("GET", "/api/v1/toys/events").await;
    line.until("data: 2\n\n").await;
    let epoch: &Epoch = &world.store.epoch;
    world.store.keep_house();
    world.store.db.write(async |tx| epoch.raise(tx).await.map(drop)).await.unwrap();
    line.until(": credentials changed; come again\n").await;
}

fn form(fields: &[(&str, &str)]) -> Request<Body> {
    let mut text = String::new();
    for (name, value) in fields {
        text.push_str(&format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    let headers = [("authorization", "Bearer anna"), ("content-type", "multipart/form-data; boundary=b")];
    let mut request = ask("POST", "/api/v1/toys/form", &headers, None);
    *request.body_mut() = Body::from(text + "--b--\r\n");
    request
}

#[tokio::test]
async fn a_form_is_read_field_by_field_within_limits() {
    let world = World::new().await;
    let seen = world.send(form(&[("title", "bear"), ("file", &"x".repeat(500_000))])).await;
    assert_eq!((seen.status, seen.json()), (StatusCode::OK, json!({"name": "bear", "of": "500000"})));
    let long = world.send(form(&[("title", "a title that is long")])).await;
    assert_eq!(long.problem()["errors"], json!([{"pointer": "title", "detail": "is longer than 8 bytes"}]));
    let strange = world.send(form(&[("colour", "red")])).await;
    assert_eq!(strange.problem()["errors"][0]["pointer"], "colour");
    let large = world.send(form(&[("file", &"x".repeat(1 << 20))])).await;
    assert_eq!(
        (large.status, &large.problem()["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large"))
    );
    let none = world.anna("POST", "/api/v1/toys/form", Some(json!({}))).await;
    assert_eq!(none.problem()["code"], "unsupported_type");
    let mut broken = form(&[("title", "bear")]);
    *broken.body_mut() = Body::from("--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nbea");
    assert_eq!(world.send(broken).await.problem()["code"], "broken_form");
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive() {
    let world = World::new().await;
    let request = ask("GET", "/api/v1/toys/events", &[("authorization", "Bearer anna")], None);
    let mut body = world.router().oneshot(request).await.unwrap().into_body();
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    loop {
        let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
        if piece.starts_with(b": still here") {
            break;
        }
    }
    assert!((14..=16).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
