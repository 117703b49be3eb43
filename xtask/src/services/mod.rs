//! Throw-away servers for the tests: on free loopback ports, in temporary folders, gone when we are gone.

mod postgres;
mod redis;
mod stoa;

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::keeper::Keeper;
use crate::process;
use crate::trouble::{Result, While};

pub(crate) use stoa::stoa;

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts PostgreSQL and Redis; gives back the variables that tell the tests where they are.
pub(crate) fn start(keeper: &Keeper) -> Result<Vec<(&'static str, String)>> {
    start_with(keeper, postgres::FAST)
}

/// The same for measuring: PostgreSQL makes its commits safe, as it does where data matters.
pub(crate) fn start_durable(keeper: &Keeper) -> Result<Vec<(&'static str, String)>> {
    start_with(keeper, &[])
}

fn start_with(keeper: &Keeper, settings: &[&str]) -> Result<Vec<(&'static str, String)>> {
    let postgres = postgres::start(keeper, settings)?;
    Ok(vec![("STOA_TEST_POSTGRES", postgres), ("STOA_TEST_REDIS", redis::start(keeper)?)])
}

/// A port that nobody listens on now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).cannot("find a free port")?.local_addr()?.port())
}

/// Starts a server that writes into a log file.
fn start_logging(keeper: &Keeper, command: &mut Command, log: &Path) -> Result<Child> {
    let file = File::create(log).cannot(&format!("write {}", log.display()))?;
    command.stdout(file.try_clone()?).stderr(file);
    process::stay(keeper, command)
}

/// Waits until a server answers. If it ends instead, or is too slow, says what its log says.
fn until(name: &str, child: &mut Child, log: &Path, mut answers: impl FnMut() -> bool) -> Result {
    let began = Instant::now();
    while !answers() {
        let ended = child.try_wait()?;
        if ended.is_some() || began.elapsed() > PATIENCE {
            let why = process::last_lines(&fs::read_to_string(log).unwrap_or_default()).join("\n  ");
            let how = ended.map_or("does not answer".to_owned(), |status| format!("ended with {status}"));
            return Err(format!("{name} {how}; its log:\n  {why}").into());
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}
