//! One page of labs: what the server's whole way to it costs, beside the same rows from the barest server there is.
//! And how soon the server is there, and how much memory it holds when nobody asks.
//!
//! The bare server is this program once more, `labs bare ENGINE PLACE OWNER`: axum, sqlx and serde with the same
//! statement and the same JSON, but without sign-in, limits, headers or a log. Both are judged by the processor time
//! of their process, so neither the client nor PostgreSQL counts.

mod bare;

use std::{
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};
use stoa_bench::{House, Load, Owner, Place, Spread, line, places, program, url};
use stoa_core::{Clock, JobId, Result, Rng, UserId};
use stoa_store::Engine;

pub(crate) const LABS: usize = 50;
const REQUESTS: u32 = 20_000;
const CONNECTIONS: u32 = 16;
const ROUNDS: usize = 3;
const STARTS: usize = 10;
const IDLE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [bare, engine, place, owner] = words.as_slice()
        && bare == "bare"
    {
        return runtime.block_on(bare::serve_bare(engine, place, owner.parse()?));
    }
    let program = program()?;
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
    let Owner { id: owner, cookie, .. } = house.found()?;
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
    let signed_in = format!("Cookie: {cookie}\r\n");
    let load = Load {
        path: "/labs",
        who: &signed_in,
        connections: CONNECTIONS,
        requests: REQUESTS,
        least: LABS * 100,
    };
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = house.start(Stdio::null())?;
        ours.push(server.under(&load)?.each);
        drop(server);
        let bare = bare::start_bare(&[name, &source, &owner.to_string()])?;
        bares.push(bare.under(&Load { who: "", ..load })?.each);
    }
    let (ours, bare) = (Spread::of(ours).at(0.5), Spread::of(bares).at(0.5));
    line("bare: processor time of 50 labs, median, µs", &format!("{:.0}", bare * 1000.0));
    line("the house: the same, signed in, median, µs", &format!("{:.0}", ours * 1000.0));
    line("ratio", &format!("{:.2}", ours / bare));
    Ok(())
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
