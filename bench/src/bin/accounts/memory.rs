//! What the server holds when a hundred thousand people have signed in and their programs have tokens: each is used once.

use std::{
    iter::StepBy,
    process::Stdio,
    slice::Iter,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};
use stoa_bench::{Ask, House, Owner, line, per_second, request};
use stoa_core::{Clock, Error, JobId, Result, Rng, digest};
use tokio::runtime::Runtime;

const MANY: usize = 100_000;
const CONNECTIONS: usize = 16;

pub(super) fn measure(runtime: &Runtime, house: &House<'_>, owner: &Owner) -> Result<()> {
    let (cookies, tokens) = runtime.block_on(add(house, owner))?;
    let server = house.start(Stdio::null())?;
    let before = server.memory()?;
    let name = owner.cookie.split_once('=').map(|(name, _)| name).unwrap_or_default();
    let began = Instant::now();
    for (all, head) in
        [(&cookies, format!("Cookie: {name}=")), (&tokens, "Authorization: Bearer ".to_owned())]
    {
        let mut asks: Vec<Ask<'_>> = (0..CONNECTIONS)
            .map(|first| -> Ask<'_> {
                let mut own: StepBy<Iter<'_, String>> = all[first..].iter().step_by(CONNECTIONS);
                let (head, address) = (&*head, server.address);
                Box::new(move |wire| {
                    let one = own.next().ok_or_else(|| Error::internal("there are no more"))?;
                    let who = format!("{head}{one}\r\n");
                    wire.ask(request("GET", "/api/v1/tasks", address, &who, "").as_bytes())?.is(200, 0)
                })
            })
            .collect();
        server.in_turn(&mut asks, u32::try_from(MANY / CONNECTIONS)?)?;
    }
    let rate = per_second(u32::try_from(2 * MANY)?, began.elapsed());
    line("memory before, MB", &format!("{before:.0}"));
    line("memory after 100,000 sessions and as many tokens, MB", &format!("{:.0}", server.memory()?));
    line("first uses of them, a second", &format!("{rate:.0}"));
    Ok(())
}

/// Adds what so many sign-ins leave; gives back the cookies and the tokens.
async fn add(house: &House<'_>, owner: &Owner) -> Result<(Vec<String>, Vec<String>)> {
    const SESSION: &str = "INSERT INTO identity_session (id, user_id, digest, user_agent, ip, created_at, \
         last_seen_at, expires_at, authenticated_at, methods) VALUES ($1, $2, $3, 'bench', '127.0.0.1', $4, $4, $5, $4, 'pwd')";
    const TOKEN: &str = "INSERT INTO identity_token (id, user_id, digest, name, scopes, created_at, last_used_at, \
         expires_at) VALUES ($1, $2, $3, 'bench', 'tasks:read', $4, $4, $5)";
    let (clock, rng) = (Clock::system(), Rng::system());
    let cookies: Vec<String> = (0..MANY).map(|_| rng.token::<32>()).collect();
    let tokens: Vec<String> = (0..MANY).map(|_| format!("stoa_pat_{}", rng.token::<32>())).collect();
    let until = clock.now() + Duration::from_secs(24 * 60 * 60);
    house
        .place
        .store
        .db
        .write(async |tx| {
            for (all, sql) in [(&cookies, SESSION), (&tokens, TOKEN)] {
                for text in all {
                    let values = [
                        JobId::new(&clock, &rng).into(),
                        owner.id.into(),
                        digest(text).as_bytes().to_vec().into(),
                        clock.now().into(),
                        until.into(),
                    ];
                    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
                        .await?;
                }
            }
            Ok(())
        })
        .await?;
    Ok((cookies, tokens))
}
