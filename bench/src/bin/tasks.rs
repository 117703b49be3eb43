//! What to do next, asked by programs: processor time and waiting of `GET /tasks/best` with 200 open tasks, with a
//! bearer token, over 64 connections, beside the same question to the database alone.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};
use stoa_bench::{House, Load, Place, Spread, line, places, program, url};
use stoa_core::{Clock, Error, JobId, Result, Rng, UserId};
use stoa_store::Engine;

const TASKS: usize = 200;
const REQUESTS: u32 = 20_000;
const CONNECTIONS: u32 = 64;
const ROUNDS: usize = 3;
/// Rows alone: one after the other over one connection.
const ALONE: u32 = 2_000;

/// What is asked of the rows, as `apps/mindflow/src/tasks/store.rs` does.
const SELECT: &str = "SELECT t.id, t.title, t.description, t.priority, t.due_at, t.effort_minutes, t.preferred_time, \
     t.tags, t.project, t.started_at, t.snoozed_until, t.completed_at, t.deleted_at, t.created_at, t.updated_at, \
     t.recurrence, t.recurrence_from, t.recurrence_clock, t.next_id, d.needs_id, s.time_zone, s.urgency_weight, \
     s.priority_weight, s.effort_weight FROM mindflow_task t \
     LEFT JOIN mindflow_dependency d ON d.task_id = t.id AND d.owner = $1 \
     LEFT JOIN mindflow_settings s ON s.user_id = t.owner \
     WHERE t.owner = $1 AND t.completed_at IS NULL AND t.deleted_at IS NULL ORDER BY t.id";

fn main() -> Result<()> {
    let program = program()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for engine in places() {
        line(&format!("{engine:?}"), "");
        let place = runtime.block_on(Place::new(engine, stoa_store::MIGRATIONS))?;
        let house = House { program: &program, place: &place, url: url(&place, engine)? };
        measure(&runtime, &house, engine)?;
        runtime.block_on(place.remove())?;
    }
    Ok(())
}

fn measure(runtime: &tokio::runtime::Runtime, house: &House<'_>, engine: Engine) -> Result<()> {
    let owner = house.found()?.id;
    runtime.block_on(add_tasks(house.place, owner))?;
    let bearer = format!("Authorization: Bearer {}\r\n", house.token("tasks:read")?);
    let load =
        Load { path: "/tasks/best", who: &bearer, connections: CONNECTIONS, requests: REQUESTS, least: 300 };
    let (mut each, mut slow) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = house.start(Stdio::null())?;
        let cost = server.under(&load)?;
        each.push(cost.each);
        slow.push(Spread::of(cost.took).at(0.99));
    }
    let each = Spread::of(each).at(0.5);
    slow.sort_by(f64::total_cmp);
    let alone = runtime.block_on(rows_alone(house.place, owner))?;
    let kind = if engine == Engine::Sqlite { "SQLite" } else { "PostgreSQL, waiting for it included" };
    line(
        &format!("the rows alone, in this process, µs ({kind})"),
        &format!("{:.0}", alone.as_secs_f64() * 1e6),
    );
    line("the house: processor time of one answer, median, µs", &format!("{:.0}", each * 1000.0));
    line("p99 with 64 asking at once, median of rounds, ms", &format!("{:.1}", slow[slow.len() / 2]));
    Ok(())
}

async fn rows_alone(place: &Place, owner: UserId) -> Result<Duration> {
    let reads = place.store.db.reads();
    let began = Instant::now();
    for _ in 0..ALONE {
        let asked = Statement::from_sql_and_values(reads.get_database_backend(), SELECT, [owner.into()]);
        let rows = reads.query_all_raw(asked).await?;
        if rows.len() < TASKS {
            return Err(Error::internal("tasks are missing"));
        }
    }
    Ok(began.elapsed() / ALONE)
}

/// Open tasks of all kinds.
async fn add_tasks(place: &Place, owner: UserId) -> Result<()> {
    let (clock, rng) = (Clock::system(), Rng::system());
    place
        .store
        .db
        .write(async |tx| {
            for number in 0..i64::try_from(TASKS)? {
                let now = clock.now();
                let due = now + Duration::from_secs(3600 * u64::try_from(number)?);
                let values = [
                    JobId::new(&clock, &rng).into(),
                    owner.into(),
                    format!("Task {number}: call somebody about something").into(),
                    (1 + number % 5).into(),
                    due.into(),
                    (1 + number % 90).into(),
                    now.into(),
                ];
                let sql = "INSERT INTO mindflow_task (id, owner, title, description, search, priority, due_at, \
                     effort_minutes, tags, created_at, updated_at) \
                     VALUES ($1, $2, $3, '', '', $4, $5, $6, ' phone  home ', $7, $7)";
                tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
            }
            Ok(())
        })
        .await
}
