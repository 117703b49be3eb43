//! The machine under the house: settings, folder, address, sandbox, clock.

use std::{fs, io, path::Path};

use nix::sys::statvfs::statvfs;
use stoa_core::{Clock, Kind, Timestamp};
use stoa_sandbox::{Layer, Sandbox, languages};
use stoa_store::{Db, FolderLock};
use tokio::net::TcpListener;

use super::Finding;
use crate::{commands::scratch::Scratch, config::Loaded, data_folder as folder, wiring::Wiring};

/// Less room than this will soon be none.
const LITTLE_ROOM: u64 = 1 << 30;
/// Before this program was written: 2026-11-01.
const LONG_AGO: Timestamp = Timestamp::from_micros(1_793_491_200_000_000);

pub(super) fn settings(loaded: &Loaded) -> Finding {
    let checked = loaded.config.check().and_then(|()| Wiring::new(&loaded.config));
    match checked {
        Ok(_) => {
            let chosen = loaded.settings.keys().filter(|key| loaded.chosen(key)).count();
            Finding::ok("settings", format!("{chosen} chosen, the others are defaults"))
        }
        Err(error) => Finding::failed("settings", &error),
    }
}

pub(super) fn public_url(loaded: &Loaded) -> Finding {
    const NAME: &str = "public url";
    match &loaded.config.edge.public_url {
        Some(url) if url.scheme() == "https" => Finding::ok(NAME, url.as_str()),
        Some(url) => Finding::note(
            NAME,
            format!("{url}, for this machine alone"),
            "for other people set `edge.public_url` to an https:// address, with a proxy in front",
        ),
        None => Finding::ok(NAME, "this machine alone; set `edge.public_url` when others shall come"),
    }
}

pub(super) fn data_folder(loaded: &Loaded) -> Vec<Finding> {
    const NAME: &str = "data folder";
    let data = &loaded.config.data;
    let shown = data.canonicalize().unwrap_or_else(|_| data.clone());
    let shown = shown.display();
    if !data.exists() {
        return vec![Finding::ok(NAME, format!("{shown} will be made at the first start"))];
    }
    if let Err(error) = folder::try_writing(data) {
        return vec![Finding::failed(NAME, &error)];
    }
    let mut findings = Vec::new();
    if folder::is_open_to_others(data) {
        let why = format!("other users of this machine can look into {shown}");
        findings.push(Finding::note(NAME, why, format!("chmod 700 {shown}")));
    } else {
        findings.push(Finding::ok(NAME, format!("{shown}, for this user alone")));
    }
    findings.extend(room(data));
    findings
}

fn room(data: &Path) -> Option<Finding> {
    let system = statvfs(data).ok()?;
    let free = system.blocks_available().saturating_mul(system.fragment_size());
    let said = format!("{} MiB free", free >> 20);
    Some(if free < LITTLE_ROOM {
        Finding::note("disk", said, "make room; when the disk is full nothing can be saved")
    } else {
        Finding::ok("disk", said)
    })
}

pub(super) async fn address(loaded: &Loaded) -> Finding {
    const NAME: &str = "address";
    let config = &loaded.config;
    let address = config.server.listen;
    if config.database.url.is_none() && Db::file_in(&config.data).exists() {
        match FolderLock::take(&config.data) {
            Ok(_free_again) => {}
            Err(error) if error.kind() == Kind::Conflict => {
                return Finding::ok(NAME, "a server runs here now");
            }
            Err(error) => return Finding::failed(NAME, &error),
        }
    }
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok(NAME, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Finding::note(
            NAME,
            format!("{address} is in use, perhaps by a server that runs now"),
            "if not, choose another one with `--listen`",
        ),
        Err(error) => Finding::problem(
            NAME,
            format!("{address} cannot be listened on ({error})"),
            "choose another one with `--listen` or `server.listen`",
        ),
    }
}

pub(super) async fn sandbox(loaded: &Loaded) -> Vec<Finding> {
    const NAME: &str = "sandbox";
    let opened = async {
        let notes = Scratch::new()?;
        let mut setup = loaded.config.sandbox.below(notes.path());
        setup.spare = 0;
        Ok((Sandbox::open(setup).await?, notes))
    };
    let (sandbox, _notes) = match opened.await {
        Ok(opened) => opened,
        Err(error) => return vec![Finding::failed(NAME, &error)],
    };
    let layers: Vec<String> = sandbox.layers().iter().map(Layer::name).collect();
    let mut findings = vec![Finding::ok(NAME, layers.join(", "))];
    if !sandbox.layers().has(Layer::CgroupV1) && !sandbox.layers().has(Layer::CgroupV2) {
        findings.push(Finding::note(
            NAME,
            "no control groups: memory and time are added up many times a second instead",
            "let this user make control groups, as systemd does with `Delegate=yes`",
        ));
    }
    if !sandbox.layers().has(Layer::Landlock) {
        let advice =
            "a kernel of 5.13 or later that starts with `landlock` in its list of security modules has it";
        findings.push(Finding::note(NAME, "no Landlock, the second rule for files", advice));
    }
    for entry in languages() {
        findings.push(match sandbox.available(entry.language).await {
            Some(version) => Finding::ok("language", version),
            None => Finding::problem(
                "language",
                format!("{} is not installed", entry.name),
                format!("install it; it is looked for at {}", entry.interpreters.join(" and ")),
            ),
        });
    }
    findings
}

pub(super) fn clock(loaded: &Loaded) -> Finding {
    const NAME: &str = "clock";
    let now = Clock::system().now();
    let written = fs::metadata(Db::file_in(&loaded.config.data)).and_then(|file| file.modified()).ok();
    let ahead = written.is_some_and(|written| written.elapsed().is_err());
    if now < LONG_AGO || ahead {
        return Finding::problem(
            NAME,
            format!("it stands at {now}, before what was written already"),
            "set it, and let it be kept right (chrony, systemd-timesyncd); sessions and tokens depend on it",
        );
    }
    Finding::ok(NAME, now.to_string())
}
