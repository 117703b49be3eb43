//! The barest server there is for the same rows: axum, sqlx and serde.

use axum::{Json, Router, extract::State, routing::get};
use serde::Serialize;
use sqlx::{
    ColumnIndex, Decode, PgPool, Row, SqlitePool, Type, postgres::PgPoolOptions,
    sqlite::SqliteConnectOptions, sqlite::SqlitePoolOptions,
};
use stoa_bench::{Server, command, free_address};
use stoa_core::{Result, Timestamp, UserId};
use uuid::Uuid;

use crate::LABS;

/// As the server asks (`apps/labmate/src/assignments/store.rs`), with one row more than it shows.
const SELECT: &str = "SELECT id, title, state, source_name, source_format, source_size, source_sha256, source_blob, \
     job_id, problem, created_at, updated_at, (SELECT COUNT(*) FROM labmate_task WHERE lab_id = labmate_lab.id) AS tasks \
     FROM labmate_lab WHERE owner = $1 ORDER BY id DESC LIMIT $2";

pub(crate) fn start_bare(words: &[&str]) -> Result<Server> {
    let address = free_address()?;
    let mut command = command(&std::env::current_exe()?);
    command.arg("bare").args(words).env("BARE_LISTEN", address.to_string());
    Server::start(&mut command, address)
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
pub(crate) async fn serve_bare(engine: &str, place: &str, owner: UserId) -> Result<()> {
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
