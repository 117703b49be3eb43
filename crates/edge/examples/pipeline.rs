//! What the pipeline costs: a handler that reads 50 rows and serialises them, bare and behind everything.
//!
//! `cargo run --release -p stoa-edge --example pipeline [ROUNDS]` prints microseconds of CPU per request, in process:
//! the socket and HTTP/1.1 itself cost the same on both sides.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{Router, body::Body, extract::State, http::Request, routing::get};
use futures::stream;
use http_body_util::BodyExt;
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use stoa_core::{Actor, Clock, Credential, Id, Result, Rng, Role, Scopes, User};
use stoa_edge::{
    Answer, Authenticator, Caller, Edge, EdgeConfig, Event, Json, List, Part, Presented, RateConfig, Sse,
};
use stoa_store::{Ctx, Store, StoreConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tower::ServiceExt;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

struct Anna(User);

#[async_trait]
impl Authenticator for Anna {
    async fn authenticate(&self, _: &Ctx, _: &str, presented: Presented<'_>) -> Result<Option<Actor>> {
        Ok((presented.text() == "anna").then(|| Actor::User(self.0.clone())))
    }
}

#[derive(Serialize, ToSchema)]
struct Row {
    id: String,
    name: String,
    size: i64,
}

const FIFTY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) \
     SELECT i AS size, 'an assignment about sorting, number ' || i AS name FROM n";

async fn rows(db: &impl ConnectionTrait) -> Result<Vec<Row>> {
    let found = db.query_all_raw(Statement::from_string(db.get_database_backend(), FIFTY)).await?;
    found
        .iter()
        .map(|row| {
            let size: i64 = row.try_get("", "size")?;
            Ok(Row { id: size.to_string(), name: row.try_get("", "name")?, size })
        })
        .collect()
}

#[utoipa::path(get, path = "/rows", responses((status = 200, body = List<Row>)))]
async fn behind(Caller(ctx): Caller) -> Answer<Json<List<Row>>> {
    Ok(Json(List { items: rows(&ctx.db.reads()).await?, next: None }))
}

#[utoipa::path(get, path = "/nothing", responses((status = 200, body = List<Row>)))]
async fn nothing(Caller(_ctx): Caller) -> Answer<Json<List<Row>>> {
    Ok(Json(List { items: Vec::new(), next: None }))
}

/// Where the measurement hands its events to the stream.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Option<mpsc::UnboundedReceiver<i64>>>>);

#[utoipa::path(get, path = "/events", responses((status = 200, body = String)))]
async fn events(State(pipe): State<Pipe>, Caller(ctx): Caller) -> Answer<Sse> {
    let receiver = pipe.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let receiver = receiver.ok_or_else(|| stoa_core::Error::conflict("there is one stream"))?;
    let events = stream::unfold(receiver, async |mut receiver| {
        let number = receiver.recv().await?;
        Some((Event::new(number, "tick", &number), receiver))
    });
    Ok(Sse::new(&ctx, events))
}

/// Reads until a piece has this in it.
async fn until(line: &mut TcpStream, piece: &mut [u8], wanted: &[u8]) -> Result<()> {
    loop {
        let read = line.read(piece).await?;
        if read == 0 || piece[..read].windows(wanted.len()).any(|part| part == wanted) {
            return Ok(());
        }
    }
}

/// From an event to its bytes at the other end of a socket on this machine.
async fn first_bytes(store: &Arc<Store>, edge: Edge, pipe: Pipe) -> Result<()> {
    let (send, receive) = mpsc::unbounded_channel();
    *pipe.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(receive);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut line = TcpStream::connect(listener.local_addr()?).await?;
    store.tasks.spawn("serve", async move {
        let _ended = edge.serve(listener).await;
    });
    line.write_all(b"GET /api/v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: stoa=anna\r\n\r\n").await?;
    let mut piece = [0; 4096];
    until(&mut line, &mut piece, b": here").await?;
    let mut took = Vec::new();
    for number in 0..2000 {
        let began = Instant::now();
        send.send(number)?;
        until(&mut line, &mut piece, b"data: ").await?;
        took.push(began.elapsed().as_secs_f64() * 1e6);
    }
    took.sort_by(f64::total_cmp);
    tracing::warn!("event to bytes at the client  p50 {:.0} µs, p99 {:.0} µs", took[1000], took[1980]);
    store.tasks.stop(Duration::from_secs(5)).await;
    Ok(())
}

fn bare(store: &Arc<Store>) -> Router {
    let store = store.clone();
    let with_rows = async move || {
        let items = rows(&store.db.reads()).await.unwrap_or_default();
        axum::Json(List { items, next: None })
    };
    let empty = async || axum::Json(List::<Row> { items: Vec::new(), next: None });
    Router::new().route("/api/v1/rows", get(with_rows)).route("/api/v1/nothing", get(empty))
}

/// CPU time of this thread so far; the engine's own threads cost the same on both sides.
fn cpu() -> Result<Duration> {
    let usage = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanos = usage.split_whitespace().next().unwrap_or("0").parse()?;
    Ok(Duration::from_nanos(nanos))
}

async fn measure(name: &str, router: &Router, path: &str, rounds: u32) -> Result<f64> {
    let one = async || -> Result<()> {
        let request = Request::builder()
            .uri(path)
            .header("host", "127.0.0.1:8080")
            .header("cookie", "stoa=anna")
            .header("accept", "application/json")
            .header("user-agent", "cost")
            .body(Body::empty())?;
        let answer = match router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        assert!(answer.status().is_success(), "{answer:?}");
        answer.into_body().collect().await?;
        Ok(())
    };
    for _ in 0..rounds / 10 {
        one().await?;
    }
    let began = cpu()?;
    for _ in 0..rounds {
        one().await?;
    }
    let each = (cpu()? - began).as_secs_f64() * 1e6 / f64::from(rounds);
    tracing::warn!("{name:<28} {each:8.2} µs");
    Ok(each)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // As in production, each request writes its line; here into nothing.
    tracing_subscriber::fmt().json().with_writer(Lines).init();
    let rounds = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("stoa-cost-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let migrations = [stoa_store::MIGRATIONS, stoa_jobs::MIGRATIONS, stoa_edge::MIGRATIONS].concat();
    let store = StoreConfig { folder: folder.clone(), ..StoreConfig::default() };
    let store = Store::open(&store, &migrations, Clock::system(), Rng::system()).await?;
    let via = Credential::Session(Id::new(&store.clock, &store.rng));
    let anna =
        User { id: Id::new(&store.clock, &store.rng), role: Role::Member, scopes: Scopes::EVERYTHING, via };
    let rates =
        [("general".to_owned(), RateConfig { limit: u32::MAX, seconds: Duration::from_secs(60) })].into();
    let config =
        EdgeConfig { public_url: Some("http://127.0.0.1:8080".parse()?), rates, ..EdgeConfig::default() };
    let pipe = Pipe::default();
    let part = Part {
        routes: OpenApiRouter::new()
            .routes(routes!(events))
            .with_state(pipe.clone())
            .routes(routes!(behind))
            .routes(routes!(nothing)),
        ..Part::new("cost")
    };
    let edge = Edge::build(config, store.clone(), Arc::new(Anna(anna)), vec![part], Vec::new())?;
    let bare = bare(&store);
    for (name, path) in [("nothing", "/api/v1/nothing"), ("50 rows", "/api/v1/rows")] {
        let without = measure(&format!("{name}, bare"), &bare, path, rounds).await?;
        let with = measure(&format!("{name}, whole pipeline"), &edge.router(), path, rounds).await?;
        tracing::warn!("{name:<28} {:8.2} times, {:+.2} µs", with / without, with - without);
    }
    first_bytes(&store, edge, pipe).await?;
    store.db.close().await?;
    Ok(std::fs::remove_dir_all(folder)?)
}

/// Shows the measurements and swallows the log lines of requests.
#[derive(Clone, Copy)]
struct Lines;

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.windows(6).any(|part| part == b"\"WARN\"") {
            return std::io::stderr().write(bytes);
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        *self
    }
}
