//! The schema is brought up once, whoever comes first, and never by somebody who does not know it.

use sea_orm::ConnectionTrait;
use stoa_core::{Clock, Kind};
use stoa_store::{Engine, MIGRATIONS, Migration, migrate};

use crate::{
    child::Process,
    told_on,
    world::{World, count, migrations},
};

const TABLES_SQLITE: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
const TABLES_POSTGRES: &str = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";

fn step(number: u32, sql: &'static str) -> Migration {
    Migration { owner: "test", number, name: "step", sql }
}

told_on! { [sqlite, postgres]
async fn mv_s2_ten_processes_that_start_at_once_migrate_once(world: &World) {
    let mut processes: Vec<_> = (0..10).map(|_| Process::start(world, "migrate")).collect();
    processes.iter_mut().for_each(|process| assert_eq!(process.hears(), "ready"));
    processes.iter_mut().for_each(Process::go);
    let mut said: Vec<_> = processes.iter_mut().map(Process::hears).collect();
    said.sort();
    let steps = migrations().len();
    let mut expected = vec![format!("0 applied, {steps} present"); 9];
    expected.push(format!("{steps} applied, 0 present"));
    assert_eq!(said, expected);
    let db = world.db().await;
    assert_eq!(count(&db, "SELECT count(*) FROM store_migration").await, steps as i64);
    assert_eq!(count(&db, "SELECT count(*) FROM store_epoch").await, 1);
}
}

told_on! { [sqlite, postgres]
async fn lm_21_a_step_that_was_edited_after_it_ran_is_refused(world: &World) {
    let db = world.db().await;
    let clock = Clock::system();
    migrate(&db, &[step(1, "CREATE TABLE test_a (id TEXT);\n")], &clock, false).await.unwrap();
    let edited = [step(1, "CREATE TABLE test_a (id TEXT, more TEXT);\n"), step(2, "CREATE TABLE test_b (id TEXT);\n")];
    let refused = migrate(&db, &edited, &clock, false).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict);
    assert_eq!(refused.said(), "migration test/0001 was edited after it was applied; add a new one instead");
    assert_eq!(count(&db, "SELECT count(*) FROM store_migration").await, 1);
}
}

told_on! { [sqlite, postgres]
async fn lm_21_a_database_newer_than_the_program_is_refused_and_left_alone(world: &World) {
    let db = world.db().await;
    let clock = Clock::system();
    let (one, two) = (step(1, "CREATE TABLE test_a (id TEXT);\n"), step(2, "CREATE TABLE test_b (id TEXT);\n"));
    migrate(&db, &[one, two], &clock, false).await.unwrap();
    let other = Migration::new("other", 1, "step", "CREATE TABLE test_c (id TEXT);\n");
    let refused = migrate(&db, &[one, other], &clock, false).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict);
    assert_eq!(
        refused.said(),
        "the database has migration test/0002, which this version does not know; use a newer version"
    );
    assert_eq!(count(&db, "SELECT count(*) FROM store_migration").await, 2);
}
}

told_on! { [sqlite, postgres]
async fn lm_21_a_dry_run_says_what_it_would_do_and_changes_nothing(world: &World) {
    let db = world.db().await;
    let tables = if db.engine() == Engine::Sqlite { TABLES_SQLITE } else { TABLES_POSTGRES };
    let dry = migrate(&db, MIGRATIONS, &Clock::system(), true).await.unwrap();
    assert_eq!((dry.applied, dry.present), (["store/0001 memory", "store/0002 keys"].map(String::from).to_vec(), 0));
    assert_eq!(count(&db, tables).await, 0);
    migrate(&db, MIGRATIONS, &Clock::system(), false).await.unwrap();
    let dry = migrate(&db, MIGRATIONS, &Clock::system(), true).await.unwrap();
    assert_eq!((dry.applied, dry.present), (vec![], 2));
}
}

told_on! { [sqlite, postgres]
async fn lm_21_a_step_that_fails_leaves_the_schema_as_it_was(world: &World) {
    let db = world.db().await;
    let clock = Clock::system();
    let steps = [step(1, "CREATE TABLE test_a (id TEXT);\n"), step(2, "CREATE TABLE test_a (id TEXT);\n")];
    let failed = migrate(&db, &steps, &clock, false).await.unwrap_err();
    assert_eq!(failed.kind(), Kind::Internal);
    let tables = if db.engine() == Engine::Sqlite { TABLES_SQLITE } else { TABLES_POSTGRES };
    assert_eq!(count(&db, tables).await, 0);
    migrate(&db, &steps[..1], &clock, false).await.unwrap();
    assert!(db.reads().execute_unprepared("SELECT id FROM test_a").await.is_ok());
}
}
