//! People who sign in with their passwords, all at once: how near that is to what the hash alone allows, and how long
//! somebody waits who only asks for a list meanwhile.

use std::{
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use argon2::{Argon2, PasswordVerifier, password_hash::phc::PasswordHash};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use stoa_bench::{Ask, House, Owner, Server, Spread, Wire, line, own_processor_time, per_second, request};
use stoa_core::{Clock, Error, JobId, Result, Rng};
use tokio::runtime::Runtime;

const PEOPLE: u32 = 64;
/// How often each signs in.
const TIMES: u32 = 6;
/// Hashes alone and sign-ins, by turns.
const ROUNDS: usize = 5;
/// Hashes alone, on each core.
const HASHES: u32 = 150;
/// Between two looks at the list, and how many of them when nobody signs in.
const PAUSE: Duration = Duration::from_millis(10);
const LOOKS: u32 = 500;

pub(super) fn measure(runtime: &Runtime, house: &House<'_>, owner: &Owner) -> Result<()> {
    runtime.block_on(add_people(house, owner))?;
    let bearer = format!("Authorization: Bearer {}\r\n", house.token("tasks:read")?);
    let kept = runtime.block_on(kept(house, owner))?;
    let server = house.start(Stdio::null())?;
    let quiet = Spread::of(ask_until(&server, &bearer, &AtomicBool::new(false), LOOKS)?);
    // By turns: what the machine is given to do beside this changes from minute to minute.
    let (mut alone, mut rates, mut client) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(hashes_alone(&kept, &owner.password)?);
        let (began, before) = (Instant::now(), own_processor_time()?);
        server.in_turn(&mut people(&server, owner), TIMES)?;
        let took = began.elapsed();
        rates.push(per_second(PEOPLE * TIMES, took));
        let all = took.as_secs_f64() * f64::from(u32::try_from(thread::available_parallelism()?.get())?);
        client.push((own_processor_time()? - before).as_secs_f64() / all);
    }
    for rates in [&mut alone, &mut rates, &mut client] {
        rates.sort_by(f64::total_cmp);
    }
    let [alone, rate, client] = [alone, rates, client].map(|rounds| rounds[ROUNDS / 2]);
    let over = AtomicBool::new(false);
    let busy = thread::scope(|scope| {
        let reader = scope.spawn(|| ask_until(&server, &bearer, &over, u32::MAX));
        let done = server.in_turn(&mut people(&server, owner), TIMES);
        over.store(true, Ordering::Relaxed);
        done?;
        Ok::<_, Error>(Spread::of(reader.join().map_err(|_panic| Error::internal("the reader broke"))??))
    })?;
    line("password hashes alone, on all cores, a second", &format!("{alone:.1}"));
    line("sign-ins over 64 connections, a second", &format!("{rate:.1}"));
    line("ratio", &format!("{:.3}", rate / alone));
    line("ratio, of what the client leaves of the machine", &format!("{:.3}", rate / alone / (1.0 - client)));
    line("a list, when nobody signs in: p99, ms", &format!("{:.2}", quiet.at(0.99)));
    line("a list, while 64 sign in: p50, ms", &format!("{:.2}", busy.at(0.5)));
    line("a list, while 64 sign in: p99, ms", &format!("{:.2}", busy.at(0.99)));
    Ok(())
}

fn people<'a>(server: &Server, owner: &'a Owner) -> Vec<Ask<'a>> {
    let address = server.address;
    (0..PEOPLE)
        .map(|number| -> Ask<'a> {
            let person = json!({ "email": email(number), "password": owner.password });
            let asked = request("POST", "/api/v1/auth/login", address, "", &person.to_string());
            Box::new(move |wire| wire.ask(asked.as_bytes())?.is(200, 0))
        })
        .collect()
}

/// Asks for a list now and then, as a person does, until it is over or was asked `most` times.
fn ask_until(server: &Server, bearer: &str, over: &AtomicBool, most: u32) -> Result<Vec<Duration>> {
    let asked = request("GET", "/api/v1/tasks", server.address, bearer, "");
    let mut wire = Wire::open(server.address)?;
    let mut took = Vec::new();
    while took.is_empty() || !over.load(Ordering::Relaxed) && took.len() < most as usize {
        let began = Instant::now();
        wire.ask(asked.as_bytes())?.is(200, 0)?;
        took.push(began.elapsed());
        thread::sleep(PAUSE);
    }
    Ok(took)
}

/// Passwords checked in a second against a hash as the server keeps it, with as many threads as there are cores.
fn hashes_alone(kept: &str, password: &str) -> Result<f64> {
    let hash = PasswordHash::new(kept)?;
    let cores = u32::try_from(thread::available_parallelism()?.get())?;
    let began = Instant::now();
    thread::scope(|scope| {
        let check =
            || (0..HASHES).try_for_each(|_| Argon2::default().verify_password(password.as_bytes(), &hash));
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(check)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| Ok(thread.join().map_err(|_panic| Error::internal("a hash broke"))??))
    })
    .map(|()| per_second(cores * HASHES, began.elapsed()))
}

/// What is kept of the owner's password.
async fn kept(house: &House<'_>, owner: &Owner) -> Result<String> {
    let reads = house.place.store.db.reads();
    let sql = "SELECT password FROM identity_user WHERE id = $1";
    let asked = Statement::from_sql_and_values(reads.get_database_backend(), sql, [owner.id.into()]);
    let row = reads.query_one_raw(asked).await?.ok_or_else(|| Error::internal("the owner is gone"))?;
    Ok(row.try_get_by_index(0)?)
}

fn email(number: u32) -> String {
    format!("person{number}@example.org")
}

/// People with the owner's password.
async fn add_people(house: &House<'_>, owner: &Owner) -> Result<()> {
    let (clock, rng) = (Clock::system(), Rng::system());
    house
        .place
        .store
        .db
        .write(async |tx| {
            for number in 0..PEOPLE {
                let values =
                    [JobId::new(&clock, &rng).into(), email(number).into(), clock.now().into(), owner.id.into()];
                let sql = "INSERT INTO identity_user (id, email, email_key, display_name, role, password, created_at) \
                     SELECT $1, $2, $2, 'Person', 'member', password, $3 FROM identity_user WHERE id = $4";
                tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
            }
            Ok(())
        })
        .await
}
