//! PostgreSQL: one pool. Off loopback the connection is encrypted and the server's certificate and name are
//! verified; anything weaker is refused.

use std::{str::FromStr, sync::Arc, time::Instant};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqlxPostgresConnector, TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use stoa_core::{Error, Result, Secret};

use super::{Db, DbConfig, Durability, Inside, Tx, Writer, tx::After};

pub(super) async fn open(config: &DbConfig, url: &Secret) -> Result<Inside> {
    let options = options(config, url)?;
    let pool = PgPoolOptions::new()
        .max_connections(config.connections.max(2))
        .acquire_timeout(config.acquire_seconds)
        // A connection that died while idle is noticed before it is used, not by the one who asked.
        .test_before_acquire(true)
        .connect_lazy_with(options);
    let reached = tokio::time::timeout(config.acquire_seconds, pool.acquire()).await;
    match reached {
        Ok(Ok(_)) => {}
        Ok(Err(cause)) => return Err(Error::unavailable("the database does not answer").because(cause)),
        Err(cause) => return Err(Error::unavailable("the database does not answer in time").because(cause)),
    }
    Ok(Inside {
        reads: SqlxPostgresConnector::from_sqlx_postgres_pool(pool),
        writer: Writer::Postgres,
        seen: None,
    })
}

/// One transaction for one closure. Only the closure can be dropped half-way, which leaves a rollback queued on the
/// connection; a `BEGIN` that is dropped before its answer would go back to the pool with the transaction open.
pub(super) async fn write<T>(
    durability: Durability,
    db: &Db,
    work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
) -> Result<T> {
    let asked = Instant::now();
    let transaction = Arc::new(to_the_end(begin(db.inside.reads.clone(), durability)).await?);
    db.cost.waited(asked);
    let mut tx = db.tx(transaction.clone());
    let (done, after) = match work(&mut tx).await {
        Ok(done) => match tx.into_after() {
            Ok(after) => (Ok(done), after),
            Err(why) => (Err(why), Vec::new()),
        },
        Err(why) => {
            drop(tx);
            (Err(why), Vec::new())
        }
    };
    let transaction =
        Arc::into_inner(transaction).ok_or_else(|| Error::internal("a transaction was kept"))?;
    let finished = Instant::now();
    to_the_end(end(transaction, done.is_ok(), after)).await?;
    db.cost.waited(finished);
    done
}

async fn begin(reads: DatabaseConnection, durability: Durability) -> Result<DatabaseTransaction> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that begins")]
    let transaction = reads.begin().await.map_err(|cause| {
        Error::unavailable("the database cannot be reached now; try again in a moment").because(cause)
    })?;
    if durability == Durability::Relaxed {
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    Ok(transaction)
}

async fn end(transaction: DatabaseTransaction, commit: bool, after: Vec<After>) -> Result<()> {
    if commit {
        transaction.commit().await?;
        after.into_iter().for_each(|act| act());
    } else if let Err(cause) = transaction.rollback().await {
        // Where the line is broken, the server undoes it by itself; the closure's own error says more.
        tracing::debug!(%cause, "a transaction could not be undone");
    }
    Ok(())
}

/// Runs this to its end even if whoever waits for it goes away.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    #[expect(clippy::disallowed_methods, reason = "it ends by itself, within a statement's time")]
    tokio::spawn(work).await?
}

fn options(config: &DbConfig, url: &Secret) -> Result<PgConnectOptions> {
    let asked = url.expose();
    let limit = config.statement_seconds.as_secs().max(1);
    let mut options = PgConnectOptions::from_str(asked)
        .map_err(|cause| Error::invalid("`database.url` is not a postgres:// address").because(cause))?
        .application_name("stoa")
        .statement_cache_capacity(512)
        .options([
            // Done means done, whatever the server's default is.
            ("synchronous_commit", "on".to_owned()),
            ("statement_timeout", format!("{limit}s")),
            // A process that hangs in the middle must not hold its locks for ever.
            ("idle_in_transaction_session_timeout", format!("{limit}s")),
        ]);
    if !is_local(options.get_host()) && options.get_socket().is_none() {
        let chosen = asked.contains("sslmode=") || asked.contains("ssl-mode=");
        if chosen && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
            return Err(Error::invalid(
                "`database.url` asks for a connection that does not verify the server; use sslmode=verify-full, \
                 and sslrootcert=FILE for a certificate authority of your own",
            ));
        }
        options = options.ssl_mode(PgSslMode::VerifyFull);
    }
    Ok(options)
}

fn is_local(host: &str) -> bool {
    host == "localhost"
        || host.starts_with('/')
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<PgSslMode> {
        options(&DbConfig::default(), &Secret::new(url)).map(|options| options.get_ssl_mode())
    }

    #[test]
    fn mv_h5_a_remote_server_is_verified_and_nothing_weaker_is_taken() {
        for remote in ["postgres://u@db.example/x", "postgres://u@10.0.0.5/x?sslmode=verify-full"] {
            assert!(matches!(mode(remote), Ok(PgSslMode::VerifyFull)), "{remote}");
        }
        for weak in ["disable", "allow", "prefer", "require", "verify-ca"] {
            let refused = mode(&format!("postgres://u@db.example/x?sslmode={weak}")).unwrap_err();
            assert!(refused.said().contains("verify-full"), "{weak}: {refused:?}");
        }
        assert!(matches!(mode("postgres://u@127.0.0.1/x?sslmode=disable"), Ok(PgSslMode::Disable)));
    }
}
