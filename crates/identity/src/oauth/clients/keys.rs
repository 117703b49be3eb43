//! The public keys of a client: those it gave, or those at its address. What is read there is kept within our own bounds,
//! so that whoever names a client does not make us call it each time.
//!
//! Owns `identity_key_set`: one row for each client with an address, for all nodes.

use std::time::Duration;

use http::{Method, StatusCode};
use jsonwebtoken::jwk::Jwk;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::Value;
use stoa_core::{Error, Kind, Result, Timestamp};
use stoa_store::{Class, Ctx, Tx};
use url::Url;

use super::{authentication::Client, document::freshness};
use crate::{
    Identity,
    oauth::{
        error::{Outcome, Refusal},
        jose,
    },
};

/// Most bytes of a key set.
const SET_BYTES: usize = 64 << 10;
/// Time for the whole call.
const PATIENCE: Duration = Duration::from_secs(5);
/// A set that is fresh is read again after this long at the soonest, when none of its keys fits.
const AGAIN: Duration = Duration::from_secs(60);
/// Calls to one address while nothing is known of it: it may be down.
const CALLS: Class = Class { name: "client_keys", limit: 10, per: AGAIN, lasting: false };

/// The keys that are known: those the client gave, or its address said lately. Where nothing is known, it is asked.
pub(crate) async fn known(ctx: &Ctx, identity: &Identity, client: &Client) -> Outcome<Vec<Jwk>> {
    if let Some(set) = &client.said.jwks {
        return Ok(usable(&set.keys));
    }
    let Some(address) = &client.said.jwks_uri else { return Ok(Vec::new()) };
    let row = find(&ctx.db.reads(), client.id()).await?;
    if let Some(row) = row.filter(|row| row.address == *address && ctx.now() < row.fresh_until) {
        return Ok(usable(row.keys.as_array().map_or(&[], Vec::as_slice)));
    }
    let call = ctx.store.counters.take(&ctx.db, &CALLS, client.id(), ctx.now()).await?;
    if !call.allowed {
        return Err(unread("it was asked too often just now"));
    }
    read(ctx, identity, client, address).await
}

/// The keys at the client's address now, at most once a minute on all nodes; else none.
pub(crate) async fn anew(ctx: &Ctx, identity: &Identity, client: &Client) -> Outcome<Vec<Jwk>> {
    let Some(address) = client.said.jwks_uri.as_ref().filter(|_| client.said.jwks.is_none()) else {
        return Ok(Vec::new());
    };
    let now = ctx.now();
    if ctx.db.write(async |tx| claim(tx, client.id(), now).await).await? {
        read(ctx, identity, client, address).await
    } else {
        Ok(Vec::new())
    }
}

/// Calls the address, and keeps what it says.
async fn read(ctx: &Ctx, identity: &Identity, client: &Client, address: &str) -> Outcome<Vec<Jwk>> {
    let (set, fresh) = fetch(ctx, identity, address).await.map_err(|error| match error.kind() {
        Kind::Internal => Refusal::Fault(error),
        // Keys that cannot be had show nothing: that is the client's matter, and it is told so.
        _ => unread(error.said()),
    })?;
    let keys = set.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
    let (now, kept) = (ctx.now(), Value::Array(keys.clone()));
    ctx.db.write(async |tx| put(tx, client.id(), address, kept.clone(), now, now + fresh).await).await?;
    Ok(usable(&keys))
}

fn unread(why: &str) -> Refusal {
    Refusal::client(false, format!("the client's `jwks_uri` cannot be read: {why}"))
}

/// Only public ones. A key of a kind that is not known says nothing about the others.
fn usable(keys: &[Value]) -> Vec<Jwk> {
    let public = keys.iter().filter(|key| jose::is_public(key));
    public.filter_map(|key| serde_json::from_value(key.clone()).ok()).collect()
}

async fn fetch(ctx: &Ctx, identity: &Identity, address: &str) -> Result<(Value, Duration)> {
    let answer = identity
        .out()
        .call(&ctx.request, Method::GET, &Url::parse(address)?)?
        .within(PATIENCE)
        .at_most(SET_BYTES)
        .send()
        .await?;
    if answer.status() != StatusCode::OK {
        return Err(Error::upstream(format!("it answers {}; only 200 counts", answer.status())));
    }
    let fresh = freshness(answer.headers());
    Ok((answer.json().await?, fresh))
}

#[derive(FromQueryResult)]
struct Row {
    address: String,
    keys: Value,
    fresh_until: Timestamp,
}

async fn find(db: &impl ConnectionTrait, client: &str) -> Result<Option<Row>> {
    let row = Row::find_by_statement(Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT address, keys, fresh_until FROM identity_key_set WHERE client_id = $1",
        [client.into()],
    ));
    Ok(row.one(db).await?)
}

/// Takes the turn to call a client's address. Of many at once one gets it, and then nobody for a while.
async fn claim(tx: &Tx, client: &str, now: Timestamp) -> Result<bool> {
    let done = tx
        .execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "UPDATE identity_key_set SET tried_at = $2 WHERE client_id = $1 AND tried_at <= $3",
            [client.into(), now.into(), (now - AGAIN).into()],
        ))
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn put(
    tx: &Tx,
    client: &str,
    address: &str,
    keys: Value,
    now: Timestamp,
    fresh_until: Timestamp,
) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO identity_key_set (client_id, address, keys, tried_at, fresh_until) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (client_id) DO UPDATE SET address = excluded.address, keys = excluded.keys, \
         tried_at = excluded.tried_at, fresh_until = excluded.fresh_until",
        [client.into(), address.into(), keys.into(), now.into(), fresh_until.into()],
    ))
    .await?;
    Ok(())
}
