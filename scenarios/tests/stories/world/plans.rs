//! mv_s4, lm_13: what the servers of a story asked of the database, each statement finds its rows by an index.

use std::{collections::BTreeSet, iter, path::Path};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

use super::{World, place};

/// One row, one row for each process, or one for each kind of work: there is nothing to look up.
const SMALL: [&str; 4] = ["jobs_schedule", "store_epoch", "store_node", "store_migration"];

impl World {
    /// Asks the engine how it would find the rows of each statement, and accepts no look through a whole table.
    ///
    /// The tables of a story are short, where reading all of one is cheapest. So PostgreSQL must say whether it could
    /// do without, and SQLite is asked over empty tables, of which it knows nothing and supposes a million rows.
    pub(super) async fn looks_through_statements(&self, lines: impl Iterator<Item = String>) {
        let statements: BTreeSet<String> = lines.filter_map(|line| statement(&line)).collect();
        assert!(statements.len() > 10, "the log tells of too few statements: {statements:#?}");
        let mut engine = match &self.database {
            Some(database) => Engine::Postgres(place::postgres(&database.url).await),
            None => Engine::Sqlite(schema(&self.folder.0.join("data")).await),
        };
        let mut whole = Vec::new();
        for sql in &statements {
            let plan = engine.plan(sql).await;
            for step in plan.iter().filter(|step| reads_a_whole_table(step)) {
                if !SMALL.iter().any(|table| step.contains(table)) {
                    whole.push(format!("{sql}\n    {}", step.trim()));
                }
            }
        }
        assert!(whole.is_empty(), "statements without an index:\n{}", whole.join("\n"));
    }
}

/// The statement that a line of the log tells of.
fn statement(line: &str) -> Option<String> {
    if !line.contains("stoa_store::sql") {
        return None;
    }
    let line: Value = serde_json::from_str(line).ok()?;
    Some(line["sql"].as_str()?.to_owned())
}

/// Of SQLite's words and of PostgreSQL's. A partial index is a list of just the rows that are wanted; a table of
/// parameters is read from end to end.
fn reads_a_whole_table(step: &str) -> bool {
    let whole = step.contains("Seq Scan on") || (step.starts_with("SCAN ") && !step.contains(" USING "));
    whole && !["SCAN ends", "SCAN runs", "SCAN CONSTANT ROW"].contains(&step)
}

/// SQLite's tables of the house without any rows.
async fn schema(data: &Path) -> SqliteConnection {
    let tables =
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let tables: Vec<String> =
        sqlx::query_scalar(tables).fetch_all(&mut place::sqlite(data).await).await.unwrap();
    let mut empty = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for table in tables {
        empty.execute(sqlx::raw_sql(AssertSqlSafe(table))).await.unwrap();
    }
    empty
}

enum Engine {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Engine {
    /// How it would find the rows of a statement, whatever values come with it; one line for each step.
    async fn plan(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(line) => {
                let explain = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
                let rows = explain.fetch_all(line).await;
                rows.unwrap_or_else(|error| panic!("{error}: {sql}"))
                    .iter()
                    .map(|row| row.get("detail"))
                    .collect()
            }
            Self::Postgres(line) => {
                let places = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
                let values = vec!["NULL"; places].join(", ");
                let values = if places == 0 { values } else { format!("({values})") };
                let all = format!(
                    "DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
                     PREPARE asked{} AS {sql}; EXPLAIN EXECUTE asked{values}",
                    types(sql, places)
                );
                let rows = line.fetch_all(sqlx::raw_sql(AssertSqlSafe(all))).await;
                rows.unwrap_or_else(|error| panic!("{error}: {sql}")).iter().map(|row| row.get(0)).collect()
            }
        }
    }
}

/// The types of the parameters, where they stand in a table and PostgreSQL cannot guess them.
fn types(sql: &str, places: usize) -> String {
    let row: &[&str] = if sql.contains(") AS ends") {
        &["uuid", "bigint", "text", "bigint", "integer", "jsonb", "jsonb"]
    } else if sql.contains(") AS runs") {
        &["uuid", "bigint"]
    } else {
        return String::new();
    };
    let all: Vec<_> = iter::once(&"bigint").chain(row.iter().cycle()).copied().take(places).collect();
    format!("({})", all.join(", "))
}
