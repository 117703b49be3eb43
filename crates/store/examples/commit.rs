//! What a write costs on SQLite, beside what the disk allows: `cargo run --release -p stoa-store --example commit`.
//!
//! The raw limit is a file of this folder, appended to and flushed in turn: one commit cannot be faster. Sharing is
//! what 64 writers gain over that.

#![expect(clippy::print_stdout, reason = "a measurement prints what it measured")]

use std::{
    env,
    fs::{self, File},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Clock, Error, Result, Rng};
use stoa_store::{Db, DbConfig, Migration, Tx, Uncertain, migrate};

const ROWS: Migration = Migration::new(
    "bench",
    1,
    "rows",
    "CREATE TABLE bench_row (id INTEGER PRIMARY KEY, text TEXT NOT NULL);\n",
);

/// How long each is measured.
const LONG: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<()> {
    let folder = env::current_dir()?.join(format!("stoa-commit-{}", Rng::system().token::<6>()));
    fs::create_dir(&folder)?;
    let measured = measure(&folder).await;
    fs::remove_dir_all(&folder)?;
    measured
}

async fn measure(folder: &Path) -> Result<()> {
    let mut file = File::create(folder.join("raw"))?;
    let page = [7; 4096];
    let mut raw = Vec::new();
    let (began, cpu) = (Instant::now(), cpu()?);
    while began.elapsed() < LONG {
        let one = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        raw.push(one.elapsed());
    }
    say("raw: 4 KiB appended and flushed", began.elapsed(), cpu, raw)?;

    let db = Db::open(&DbConfig::default(), folder).await?;
    migrate(&db, &[ROWS], &Clock::system(), false).await?;
    for writers in [1, 8, 64] {
        let each = |db: Db| async move { db.write(async |tx| insert(tx).await).await };
        concurrent(&format!("certain writes, {writers} at once"), writers, &db, each).await?;
    }
    for writers in [1, 64] {
        let each = |db: Db| async move { db.write_uncertain(Uncertain, async |tx| insert(tx).await).await };
        concurrent(&format!("uncertain writes, {writers} at once"), writers, &db, each).await?;
    }
    let failing = |db: Db| async move {
        let failed = db
            .write(async |tx| {
                insert(tx).await?;
                Err::<(), _>(Error::conflict("no"))
            })
            .await;
        failed.err().map(drop).ok_or_else(|| Error::internal("it was meant to fail"))
    };
    concurrent("certain writes that fail, 64 at once", 64, &db, failing).await?;
    db.close().await
}

async fn concurrent<F: Future<Output = Result<()>>>(
    what: &str,
    writers: usize,
    db: &Db,
    each: impl Fn(Db) -> F,
) -> Result<()> {
    let (began, cpu) = (Instant::now(), cpu()?);
    let all = try_join_all((0..writers).map(async |_| {
        let mut times = Vec::new();
        while began.elapsed() < LONG {
            let one = Instant::now();
            each(db.clone()).await?;
            times.push(one.elapsed());
        }
        Ok::<_, Error>(times)
    }))
    .await?;
    say(what, began.elapsed(), cpu, all.concat())
}

async fn insert(tx: &mut Tx) -> Result<()> {
    let sql = "INSERT INTO bench_row (text) VALUES ($1)";
    let text =
        "one row of a hundred bytes or so, as a list of tasks or a session has them, to be written down";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [text.into()])).await?;
    Ok(())
}

fn say(what: &str, took: Duration, cpu_before: f64, mut times: Vec<Duration>) -> Result<()> {
    times.sort_unstable();
    let at =
        |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let per_second = times.len() as f64 / took.as_secs_f64();
    let each = (cpu()? - cpu_before) * 1e6 / times.len() as f64;
    println!(
        "{what:<38}{per_second:>8.0}/s   p50 {:>6.2} ms   p99 {:>6.2} ms   {each:>4.0} µs of CPU each",
        at(50),
        at(99)
    );
    Ok(())
}

/// Seconds of processor time this process has used: on a busy machine the figure to trust.
fn cpu() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // User and system time, in hundredths.
    Ok(fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0)
}
