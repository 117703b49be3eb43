//! Keys between rows are real: what hangs on a person goes with them, and nothing hangs on nobody.

use sea_orm::{ConnectionTrait, Statement, Value};
use stoa_core::{Clock, Id, Rng, UserId};
use stoa_store::{Migration, Store, StoreConfig, Tx};

async fn run(tx: &Tx, sql: &str, values: Vec<Value>) -> stoa_core::Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

fn id() -> Id<()> {
    Id::new(&Clock::system(), &Rng::system())
}

async fn add_lab(tx: &Tx, lab: Id<()>, owner: UserId) -> stoa_core::Result<()> {
    let sql = "INSERT INTO labmate_lab (id, owner, title, state, source_name, source_format, source_size, \
               source_sha256, job_id, created_at, updated_at) VALUES ($1, $2, 't', 'ready', 'a', 'text', 1, $3, $1, 1, 1)";
    run(tx, sql, vec![lab.into(), owner.into(), vec![0_u8; 32].into()]).await
}

#[tokio::test]
async fn mf_4_keys_are_one_type_and_cascade() {
    let folder = std::env::temp_dir().join(format!("stoa-keys-{}", id()));
    std::fs::create_dir_all(&folder).unwrap();
    let config = StoreConfig { folder: folder.clone(), ..StoreConfig::default() };
    let migrations: Vec<Migration> =
        [stoa_store::MIGRATIONS, stoa_jobs::MIGRATIONS, stoa_identity::MIGRATIONS, stoa_labmate::MIGRATIONS]
            .concat();
    let store = Store::open(&config, &migrations, Clock::system(), Rng::system()).await.unwrap();
    let (owner, lab) = (UserId::new(&store.clock, &store.rng), id());

    let orphan = store.db.write(async |tx| add_lab(tx, lab, owner).await).await;
    assert!(orphan.is_err(), "a lab of nobody is refused by the rows themselves");

    store
        .db
        .write(async |tx| {
            let sql = "INSERT INTO identity_user (id, email, email_key, display_name, role, password, created_at) \
                       VALUES ($1, 'a@b', 'a@b', 'A', 'member', 'x', 1)";
            run(tx, sql, vec![owner.into()]).await?;
            add_lab(tx, lab, owner).await?;
            let task = "INSERT INTO labmate_task (id, lab_id, position, question, code, language, stdin, included, \
                        origin, updated_at) VALUES ($1, $1, 0, 'q', '', 'python', '', TRUE, 'found', 1)";
            run(tx, task, vec![lab.into()]).await
        })
        .await
        .unwrap();
    store
        .db
        .write(async |tx| run(tx, "DELETE FROM identity_user WHERE id = $1", vec![owner.into()]).await)
        .await
        .unwrap();
    for table in ["labmate_lab", "labmate_task"] {
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let reads = store.db.reads();
        let row = reads
            .query_one_raw(Statement::from_string(reads.get_database_backend(), sql))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0, "{table} goes with the person");
    }
    store.db.close().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
