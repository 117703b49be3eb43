//! One page of labs: what the server's whole way to it costs, beside the same rows from the barest server there is.
//! And how soon the server is there, and how much memory it holds when nobody asks.
//!
//! The bare server is this program once more, `labs bare ENGINE PLACE OWNER`: axum, sqlx and serde with the same
//! statement and the same JSON, but without sign-in, limits, headers or a log. Both are judged by the processor time
//! of their process, so neither the client nor PostgreSQL counts.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, routing::get};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{
    ColumnIndex, Decode, PgPool, Row, SqlitePool, Type, postgres::PgPoolOptions,
    sqlite::SqliteConnectOptions, sqlite::SqlitePoolOptions,
};
use stoa_bench::{Place, Spread, line, places};
use stoa_core::{Clock, Error, JobId, Result, Rng, Timestamp, UserId};
use stoa_store::Engine;
use uuid::Uuid;

const LABS: usize = 50;
const REQUESTS: u32 = 20_000;
const CONNECTIONS: u32 = 16;
const ROUNDS: usize = 3;
const STARTS: usize = 10;
const IDLE: Duration = Duration::from_secs(10);
/// A start that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// As the server asks (`apps/labmate/src/assignments/store.rs`), with one row more than it shows.
const SELECT: &str = "SELECT id, title, state, source_name, source_format, source_size, source_sha256, source_blob, \
     job_id, problem, created_at, updated_at, (SELECT COUNT(*) FROM labmate_task WHERE lab_id = labmate_lab.id) AS tasks \
     FROM labmate_lab WHERE owner = $1 ORDER BY id DESC LIMIT $2";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [bare, engine, place, owner] = words.as_slice()
        && bare == "bare"
    {
        return runtime.block_on(serve_bare(engine, place, owner.parse()?));
    }
    let program = words.iter().find(|word| word.contains('/')).map(PathBuf::from);
    let program = match program {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("stoa"),
    };
    if !program.is_file() {
        return Err(Error::invalid(format!(
            "there is no {}; build it with `cargo build --release -p stoa-server`",
            program.display()
        )));
    }
    for engine in places() {
        line(&format!("{engine:?}"), "");
        let place = runtime.block_on(Place::new(engine, stoa_store::MIGRATIONS))?;
        measure(&runtime, &place, engine, &program)?;
        runtime.block_on(place.remove())?;
    }
    Ok(())
}

fn measure(runtime: &tokio::runtime::Runtime, place: &Place, engine: Engine, program: &Path) -> Result<()> {
    let house = House { program, place, url: url(place, engine)? };
    let (owner, cookie) = house.found()?;
    runtime.block_on(add_labs(place, owner))?;

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let _server = house.start(Stdio::null())?;
        starts.push(began.elapsed());
    }
    let server = house.start(Stdio::null())?;
    thread::sleep(IDLE);
    let idle = server.memory()?;
    drop(server);
    line(
        "from spawn to the first 200 of /healthz, median, ms",
        &format!("{:.0}", Spread::of(starts).at(0.5)),
    );
    line("memory after ten idle seconds, MB", &format!("{idle:.0}"));

    let name = if engine == Engine::Sqlite { "sqlite" } else { "postgres" };
    let source = house.url.clone().unwrap_or_else(|| place.folder.join("stoa.sqlite").display().to_string());
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = house.start(Stdio::null())?;
        ours.push(server.cost_of_a_page(Some(&cookie))?);
        drop(server);
        let bare = start_bare(&[name, &source, &owner.to_string()])?;
        bares.push(bare.cost_of_a_page(None)?);
    }
    let (ours, bare) = (Spread::of(ours).at(0.5), Spread::of(bares).at(0.5));
    line("bare: processor time of 50 labs, median, µs", &format!("{:.0}", bare * 1000.0));
    line("the house: the same, signed in, median, µs", &format!("{:.0}", ours * 1000.0));
    line("ratio", &format!("{:.2}", ours / bare));
    Ok(())
}

/// Where the server finds the rows of this place, if not in its folder: the database is named like the folder.
#[expect(clippy::disallowed_methods, reason = "`cargo x bench` says so where the server is")]
fn url(place: &Place, engine: Engine) -> Result<Option<String>> {
    if engine == Engine::Sqlite {
        return Ok(None);
    }
    let server = std::env::var("STOA_TEST_POSTGRES")?;
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
    let name = place.folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Some(format!("{base}/{name}")))
}

/// The real server over one place.
struct House<'a> {
    program: &'a Path,
    place: &'a Place,
    url: Option<String>,
}

impl House<'_> {
    /// Becomes the first owner, as a person does; gives back who that is, and their cookie.
    fn found(&self) -> Result<(UserId, String)> {
        let rates: String = ["general", "auth"]
            .map(|class| format!("[edge.rates.{class}]\nlimit = 10000000\nseconds = 60\n"))
            .concat();
        fs::write(self.config(), rates)?;
        let mut server = self.start(Stdio::piped())?;
        let out = server.child.stdout.take().ok_or_else(|| Error::internal("stdout is piped"))?;
        let claim = BufReader::new(out)
            .lines()
            .map_while(std::result::Result::ok)
            .find_map(|line| Some(line.split_once("/setup#claim=")?.1.trim().to_owned()))
            .ok_or_else(|| Error::internal("the server prints no claim"))?;
        let person = json!({ "claim": claim, "email": "ada@example.org", "display_name": "Ada",
            "password": format!("horse {}", Rng::system().token::<12>()) })
        .to_string();
        let head = format!(
            "POST /api/v1/setup HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{person}",
            person.len(),
            at = server.address
        );
        let answer = Wire::open(server.address)?.ask(head.as_bytes())?;
        let body: Value = serde_json::from_slice(&answer.body)?;
        let owner = body["user"]["id"].as_str().filter(|_| answer.status == 201);
        let owner = owner.ok_or_else(|| Error::internal(format!("nobody becomes owner: {body}")))?.parse()?;
        let cookie = answer.header("set-cookie").and_then(|value| value.split(';').next());
        let cookie = cookie.ok_or_else(|| Error::internal("the owner gets no cookie"))?;
        Ok((owner, cookie.to_owned()))
    }

    fn config(&self) -> PathBuf {
        self.place.folder.join("stoa.toml")
    }

    fn start(&self, out: Stdio) -> Result<Server> {
        let address = free_address()?;
        let mut command = command(self.program);
        command.arg("serve").arg("--data").arg(&self.place.folder).arg("--config").arg(self.config());
        command.args(["--listen", &address.to_string(), "--admin-listen", "off"]);
        if let Some(url) = &self.url {
            command.env("STOA_DATABASE__URL", url);
        }
        Server::start(command.stdout(out), address)
    }
}

fn start_bare(words: &[&str]) -> Result<Server> {
    let address = free_address()?;
    let mut command = command(&std::env::current_exe()?);
    command.arg("bare").args(words).env("BARE_LISTEN", address.to_string());
    Server::start(&mut command, address)
}

#[expect(clippy::disallowed_methods, reason = "a server is measured as a process of its own")]
fn command(program: &Path) -> Command {
    Command::new(program)
}

/// An address that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Labs with all that a parsed document leaves, but tasks.
async fn add_labs(place: &Place, owner: UserId) -> Result<()> {
    let (clock, rng) = (Clock::system(), Rng::system());
    place
        .store
        .db
        .write(async |tx| {
            for number in 0..LABS {
                let (id, job, blob) = (JobId::new(&clock, &rng), JobId::new(&clock, &rng), JobId::new(&clock, &rng));
                let values = [
                    id.into(),
                    owner.into(),
                    format!("Lab {number}: sorting and searching").into(),
                    rng.bytes::<32>().to_vec().into(),
                    blob.into(),
                    job.into(),
                    clock.now().into(),
                ];
                let sql = "INSERT INTO labmate_lab (id, owner, title, state, source_name, source_format, source_size, \
                     source_sha256, source_blob, job_id, problem, created_at, updated_at) \
                     VALUES ($1, $2, $3, 'ready', 'assignment.docx', 'docx', 48123, $4, $5, $6, NULL, $7, $7)";
                tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
            }
            Ok(())
        })
        .await
}

/// A server as a process; it is asked to end when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it and waits for its first good answer.
    fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn()?;
        let mut server = Self { child, address };
        let asked = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let began = Instant::now();
        while began.elapsed() < PATIENCE && server.child.try_wait()?.is_none() {
            if Wire::open(address)
                .and_then(|mut wire| wire.ask(asked.as_bytes()))
                .is_ok_and(|it| it.status == 200)
            {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(Error::internal("a server does not start"))
    }

    /// The processor time of one page, of many.
    fn cost_of_a_page(&self, cookie: Option<&str>) -> Result<Duration> {
        let cookie = cookie.map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        let asked = Arc::new(format!(
            "GET /api/v1/labs HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n{cookie}\r\n",
            self.address
        ));
        self.ask_often(&asked, 500)?;
        let before = self.processor_time()?;
        self.ask_often(&asked, REQUESTS)?;
        Ok((self.processor_time()? - before) / REQUESTS)
    }

    /// So many requests over all connections at once.
    fn ask_often(&self, asked: &Arc<String>, many: u32) -> Result<()> {
        let mut threads = Vec::new();
        for _ in 0..CONNECTIONS {
            let (asked, address) = (asked.clone(), self.address);
            threads.push(thread::spawn(move || ask_in_turn(address, &asked, many / CONNECTIONS)));
        }
        for thread in threads {
            thread.join().map_err(|_panic| Error::internal("a client broke"))??;
        }
        Ok(())
    }

    /// In user and system mode, all threads.
    fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in brackets may hold anything; the fields after it are counted from the third.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| -> Result<u64> { Ok(fields.get(at).copied().unwrap_or_default().parse()?) };
        // Linux tells programs a hundredth of a second, whatever it counts in itself.
        Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
    }

    /// What it holds, in MB.
    fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            // One that has ended by itself is not there any more.
            let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ended = self.child.wait();
    }
}

fn ask_in_turn(address: SocketAddr, asked: &str, many: u32) -> Result<()> {
    let mut wire = Wire::open(address)?;
    for _ in 0..many {
        let answer = wire.ask(asked.as_bytes())?;
        if answer.status != 200 || answer.body.len() < LABS * 100 {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(Error::internal(format!("{} instead of labs: {body}", answer.status)));
        }
    }
    Ok(())
}

/// A connection that speaks as much HTTP/1.1 as is needed: one request after another, answers with a length.
struct Wire(BufReader<TcpStream>);

struct Answer {
    status: u16,
    head: Vec<String>,
    body: Vec<u8>,
}

impl Wire {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::with_capacity(64 << 10, stream)))
    }

    fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.0.get_mut().write_all(request)?;
        let mut head = Vec::new();
        loop {
            let mut text = String::new();
            if self.0.read_line(&mut text)? == 0 {
                return Err(Error::internal("the connection was closed"));
            }
            match text.trim_end() {
                "" => break,
                text => head.push(text.to_owned()),
            }
        }
        let status = head.first().and_then(|first| first.split(' ').nth(1)).unwrap_or_default().parse()?;
        let mut answer = Answer { status, head, body: Vec::new() };
        answer.body.resize(answer.header("content-length").unwrap_or("0").parse()?, 0);
        self.0.read_exact(&mut answer.body)?;
        Ok(answer)
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.iter().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// The same JSON as the server's.
#[derive(Serialize)]
struct Labs {
    items: Vec<Lab>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Lab {
    id: Uuid,
    title: String,
    state: String,
    source: Source,
    task_count: i64,
    problem: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    job_id: Uuid,
}

#[derive(Serialize)]
struct Source {
    name: String,
    format: String,
    size: i64,
    sha256: String,
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[expect(clippy::disallowed_methods, reason = "our own other half says where to listen")]
async fn serve_bare(engine: &str, place: &str, owner: UserId) -> Result<()> {
    let pool = if engine == "sqlite" {
        let options = SqliteConnectOptions::new().filename(place).read_only(true);
        Pool::Sqlite(SqlitePoolOptions::new().max_connections(8).connect_with(options).await?)
    } else {
        Pool::Postgres(PgPoolOptions::new().max_connections(8).connect(place).await?)
    };
    let router = Router::new()
        .route("/healthz", get(async || "well"))
        .route("/api/v1/labs", get(list))
        .with_state((pool, owner.uuid()));
    let listener = tokio::net::TcpListener::bind(std::env::var("BARE_LISTEN")?).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn list(State((pool, owner)): State<(Pool, Uuid)>) -> std::result::Result<Json<Labs>, String> {
    let limit = i64::try_from(LABS + 1).unwrap_or(i64::MAX);
    let items: sqlx::Result<Vec<Lab>> = match pool {
        Pool::Sqlite(pool) => {
            let rows = sqlx::query(SELECT).bind(owner).bind(limit).fetch_all(&pool).await;
            rows.and_then(|rows| rows.iter().map(lab).collect())
        }
        Pool::Postgres(pool) => {
            let rows = sqlx::query(SELECT).bind(owner).bind(limit).fetch_all(&pool).await;
            rows.and_then(|rows| rows.iter().map(lab).collect())
        }
    };
    Ok(Json(Labs { items: items.map_err(|cause| cause.to_string())?, next: None }))
}

fn lab<'a, R: Row>(row: &'a R) -> sqlx::Result<Lab>
where
    usize: ColumnIndex<R>,
    String: Decode<'a, R::Database> + Type<R::Database>,
    i64: Decode<'a, R::Database> + Type<R::Database>,
    Uuid: Decode<'a, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'a, R::Database> + Type<R::Database>,
{
    Ok(Lab {
        id: row.try_get(0)?,
        title: row.try_get(1)?,
        state: row.try_get(2)?,
        source: Source {
            name: row.try_get(3)?,
            format: row.try_get(4)?,
            size: row.try_get(5)?,
            sha256: stoa_core::Digest::from_slice(&row.try_get::<Vec<u8>, _>(6)?)
                .map(|digest| digest.hex())
                .unwrap_or_default(),
        },
        job_id: row.try_get(8)?,
        problem: row.try_get(9)?,
        created_at: Timestamp::from_micros(row.try_get(10)?),
        updated_at: Timestamp::from_micros(row.try_get(11)?),
        task_count: row.try_get(12)?,
    })
}
