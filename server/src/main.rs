//! `stoa`: the whole house in one program.
//!
//! Here the parts are put together (`wiring`), configuration is read (`config`), the log is set up (`telemetry`), and
//! people's commands are carried out (`commands`). Not here: any rule of any part.

mod commands;
mod config;
mod conformance;
mod data_folder;
mod readiness;
mod screen;
mod telemetry;
mod wiring;

use std::{env, ffi::OsStr, io, process::ExitCode};

/// Hardened: guard pages and encrypted free lists, since strangers' bytes pass through here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // First of all: a cell is this program once more, and must have one thread and nothing in memory.
    let mut words = env::args_os().skip(1);
    match words.next().as_deref().and_then(OsStr::to_str) {
        Some("sandbox-cell") => stoa_sandbox::cell_main(),
        Some("sandbox-tool") => tool(&words.next().unwrap_or_default().to_string_lossy()),
        _ => commands::run(),
    }
}

/// A document tool, inside a cell.
fn tool(name: &str) -> ExitCode {
    match stoa_documents::tool(name, &mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::failed(&error);
            ExitCode::FAILURE
        }
    }
}
