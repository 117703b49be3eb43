//! PostgreSQL: a cluster of its own in a temporary folder, with a random password, not for keeping.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use crate::keeper::{Keeper, random_hex};
use crate::trouble::{Result, While};
use crate::{machine, process, say};

/// Many tests hold pools at once.
const SETTINGS: &[&str] = &["max_wal_size=4GB", "max_connections=400", "listen_addresses=127.0.0.1"];

/// What nobody would write into a database that matters.
pub(super) const FAST: &[&str] = &["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// The user that PostgreSQL runs as when we are root, whom it refuses.
const USER: &str = "postgres";

/// Starts it with these settings too; gives back the address for a user who may create databases.
pub(super) fn start(keeper: &Keeper, settings: &[&str]) -> Result<String> {
    let programs = machine::postgres_programs().ok_or("this machine lacks PostgreSQL")?;
    let folder = keeper.folder("postgres")?;
    let (data, secret, log) = (folder.join("data"), folder.join("password"), folder.join("log"));
    let password = random_hex(16)?;
    fs::write(&secret, &password)?;
    give_away(&[&folder, &secret])?;

    let mut initdb = as_user(&programs.join("initdb"));
    initdb.args([
        "--username=postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]);
    process::read(initdb.arg("--pgdata").arg(&data).arg("--pwfile").arg(&secret).current_dir(&folder))?;

    let port = super::free_port()?;
    let mut server = as_user(&programs.join("postgres"));
    server.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-p", &port.to_string()]).current_dir(&folder);
    for setting in SETTINGS.iter().chain(settings) {
        server.args(["-c", setting]);
    }
    let mut child = super::start_logging(keeper, &mut server, &log)?;
    let port = port.to_string();
    let ready = programs.join("pg_isready");
    super::until("PostgreSQL", &mut child, &log, || {
        process::succeeds(process::command(&ready).args(["--quiet", "-h", "127.0.0.1", "-p", &port]))
    })?;
    say::line(&format!("PostgreSQL on 127.0.0.1:{port}"));
    Ok(format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"))
}

/// A command that runs as someone PostgreSQL accepts.
fn as_user(program: &Path) -> Command {
    if !machine::is_root() {
        return process::command(program);
    }
    let mut command = process::command("setpriv");
    command
        .args([&format!("--reuid={USER}"), &format!("--regid={USER}"), "--init-groups", "--"])
        .arg(program);
    command
}

/// Lets that user write where we made the files.
fn give_away(places: &[&Path]) -> Result {
    if !machine::is_root() {
        return Ok(());
    }
    let number = |flag| -> Result<u32> {
        process::read(process::command("id").args([flag, USER]))?
            .trim()
            .parse()
            .cannot("read the output of id")
    };
    let (user, group) = (number("-u")?, number("-g")?);
    places.iter().try_for_each(|place| {
        chown(place, Some(user), Some(group)).cannot(&format!("give {} to {USER}", place.display()))
    })
}
