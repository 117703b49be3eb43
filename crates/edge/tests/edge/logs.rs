//! What is written down about a request.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::house::{World, ask};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Paper {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Paper {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[tokio::test]
async fn mf_o3_every_line_of_a_request_names_it_and_a_failure_is_written_once() {
    let paper = Paper::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(paper.clone())
        .with_env_filter("info,stoa_edge=debug")
        .finish();
    let world = World::new().await;
    let _listening = tracing::subscriber::set_default(subscriber);
    let headers = [("authorization", "Bearer anna"), ("x-request-id", "request-1")];
    world.send(ask("GET", "/api/v1/toys/broken?q=hunter3", &headers, None)).await;
    let lines = paper.lines();
    assert!(lines.iter().all(|line| line["span"]["id"] == "request-1"), "{lines:#?}");
    let faults: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(faults.len(), 1, "{lines:#?}");
    assert_eq!(faults[0]["fields"]["cause"], "password=hunter2 at line 7");
    assert!(faults[0]["fields"]["at"].as_str().unwrap().contains("house.rs:"));
    let requests: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "request").collect();
    assert_eq!(requests.len(), 1, "{lines:#?}");
    let fields = &requests[0]["fields"];
    assert_eq!(fields["door"], "GET /api/v1/toys/{name}");
    assert_eq!((&fields["status"], &fields["code"]), (&json!(500), &json!("internal")));
    assert!(fields["who"].as_str().unwrap().starts_with("user:"));
    for measure in ["statements", "rows", "db_ms", "total_ms"] {
        assert!(fields[measure].is_number(), "{measure}");
    }
    // Neither the credential nor what stood in the query is written down.
    let text = format!("{lines:?}");
    assert!(!text.contains("Bearer") && !text.contains("hunter3"), "{text}");
}
