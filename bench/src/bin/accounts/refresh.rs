//! A refresh token for new tokens: rotated, safe on the disk before it is answered, signed with Ed25519.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sea_orm::ConnectionTrait;
use serde_json::json;
use stoa_bench::{Ask, House, Server, Spread, Wire, line, own_processor_time, request};
use stoa_core::{Error, Result, Rng, digest};
use tokio::runtime::Runtime;

pub(super) const CONNECTIONS: usize = 16;
const REQUESTS: u32 = 8_000;
pub(super) const ROUNDS: usize = 3;
/// Signatures and writes alone, one after the other.
const ALONE: u32 = 10_000;
const BACK: &str = "http://127.0.0.1:9/back";

/// A key for nothing but this: RFC 8410's example, in base64.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

pub(super) fn measure(runtime: &Runtime, house: &House<'_>, cookie: &str) -> Result<()> {
    let signature = signature_alone()?;
    let write = write_alone(runtime, house)?;
    for (what, scope) in
        [("", "tasks:read offline_access"), (", with an ID token", "openid tasks:read offline_access")]
    {
        let mut each = Vec::new();
        let mut slow = Vec::new();
        for _ in 0..ROUNDS {
            let server = house.start(Stdio::null())?;
            let client = register(&server)?;
            let tokens = (0..CONNECTIONS)
                .map(|_| connect(&server, &client, scope, cookie))
                .collect::<Result<Vec<_>>>()?;
            let mut asks: Vec<Ask<'_>> = tokens
                .into_iter()
                .map(|mut token| -> Ask<'_> {
                    let (address, client) = (server.address, &*client);
                    Box::new(move |wire| {
                        let form =
                            format!("grant_type=refresh_token&client_id={client}&refresh_token={token}");
                        token = refreshed(wire, &request("POST", "/oauth/token", address, "", &form))?;
                        Ok(())
                    })
                })
                .collect();
            let cost = server.cost(&mut asks, REQUESTS)?;
            each.push(cost.each);
            slow.push(Spread::of(cost.took).at(0.99));
        }
        slow.sort_by(f64::total_cmp);
        let each = Spread::of(each).at(0.5) * 1000.0;
        line(&format!("refresh{what}: processor time, median, µs"), &format!("{each:.0}"));
        line(&format!("refresh{what}: p99 over 16 connections, ms"), &format!("{:.1}", slow[slow.len() / 2]));
    }
    let micros = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e6);
    line("a signature alone, processor time, µs", &micros(signature));
    line("a committed write alone, processor time, µs", &micros(write));
    Ok(())
}

/// The refresh token of an answer.
pub(super) fn refreshed(wire: &mut Wire, asked: &str) -> Result<String> {
    let answer = wire.ask(asked.as_bytes())?;
    answer.is(200, 300)?;
    let token = answer.json()?["refresh_token"].as_str().map(str::to_owned);
    token.ok_or_else(|| Error::internal("no refresh token comes"))
}

/// A client that registers itself; gives back its id.
fn register(server: &Server) -> Result<String> {
    let client = json!({
        "client_name": "bench", "redirect_uris": [BACK], "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"], "id_token_signed_response_alg": "EdDSA",
    });
    let asked = request("POST", "/oauth/register", server.address, "", &client.to_string());
    let answer = Wire::open(server.address)?.ask(asked.as_bytes())?;
    answer.is(201, 0)?;
    let id = answer.json()?["client_id"].as_str().map(str::to_owned);
    id.ok_or_else(|| Error::internal("the client has no id"))
}

/// What a person and a client do until the client has its first refresh token.
fn connect(server: &Server, client: &str, scope: &str, cookie: &str) -> Result<String> {
    let mut wire = Wire::open(server.address)?;
    let verifier = Rng::system().token::<32>();
    let challenge = URL_SAFE_NO_PAD.encode(digest(&verifier).as_bytes());
    let who = format!("Cookie: {cookie}\r\n");
    let path = format!(
        "/oauth/authorize?response_type=code&client_id={client}&redirect_uri={BACK}&scope={}&prompt=consent&\
         code_challenge={challenge}&code_challenge_method=S256",
        scope.replace(' ', "%20")
    );
    let answer = wire.ask(request("GET", &path, server.address, &who, "").as_bytes())?;
    answer.is(303, 0)?;
    let to = answer.header("location").unwrap_or_default();
    let handle = to.rsplit('/').next().unwrap_or_default();
    let path = format!("/api/v1/oauth/requests/{handle}/allow");
    let answer = wire.ask(request("POST", &path, server.address, &who, "").as_bytes())?;
    answer.is(200, 0)?;
    let said = answer.json()?;
    let back = said["location"].as_str().unwrap_or_default();
    let code = back.split(['?', '&']).find_map(|part| part.strip_prefix("code="));
    let code = code.ok_or_else(|| Error::internal(format!("no code comes: {said}")))?;
    let form = format!(
        "grant_type=authorization_code&client_id={client}&code={code}&redirect_uri={BACK}&code_verifier={verifier}"
    );
    refreshed(&mut wire, &request("POST", "/oauth/token", server.address, "", &form))
}

/// What a token costs that nothing else is done for.
fn signature_alone() -> Result<Duration> {
    let key = EncodingKey::from_ed_der(&STANDARD.decode(KEY)?);
    let claims = json!({
        "iss": "http://127.0.0.1:8080", "sub": "01991f5e-7a3c-7c3e-9b1a-2f6f3f0a9c11", "aud": ["http://127.0.0.1:8080/api"],
        "client_id": "stoa_client_0123456789abcdefghijAB", "scope": "tasks:read offline_access", "iat": 1, "exp": 601,
        "jti": "0123456789abcdefghijAB", "grant": "01991f5e-7a3c-7c3e-9b1a-2f6f3f0a9c11", "auth_time": 1,
    });
    let before = own_processor_time()?;
    for _ in 0..ALONE {
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key)?;
    }
    Ok((own_processor_time()? - before) / ALONE)
}

/// What it costs to change one row so that it is safe, in this process.
fn write_alone(runtime: &Runtime, house: &House<'_>) -> Result<Duration> {
    let db = &house.place.store.db;
    runtime.block_on(async {
        db.write(async |tx| {
            tx.execute_unprepared("CREATE TABLE bench_row (id BIGINT PRIMARY KEY, state TEXT NOT NULL)")
                .await?;
            tx.execute_unprepared("INSERT INTO bench_row (id, state) VALUES (1, 'new')").await?;
            Ok(())
        })
        .await?;
        let (before, began) = (own_processor_time()?, Instant::now());
        for _ in 0..ALONE {
            db.write(async |tx| {
                let sql = "UPDATE bench_row SET state = 'as long as the digest of a token' WHERE id = 1";
                tx.execute_unprepared(sql).await?;
                Ok(())
            })
            .await?;
        }
        let (cost, took) = ((own_processor_time()? - before) / ALONE, began.elapsed() / ALONE);
        line("a committed write alone, from start to end, µs", &format!("{:.0}", took.as_secs_f64() * 1e6));
        Ok(cost)
    })
}
