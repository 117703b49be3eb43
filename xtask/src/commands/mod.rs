//! The commands, one file each.

mod bench;
mod check;
mod fix;
mod openapi;
mod services;
mod start;
mod test;

use crate::trouble::Result;

pub(crate) struct Command {
    pub(crate) name: &'static str,
    usage: &'static str,
    about: &'static str,
    pub(crate) run: fn(&[String]) -> Result,
}

pub(crate) const ALL: &[Command] = &[
    Command {
        name: "start",
        usage: "start [--release] [-- ARGS]",
        about: "install what is missing, build, serve on 127.0.0.1:8080; ARGS go to `stoa serve`",
        run: start::run,
    },
    Command {
        name: "test",
        usage: "test",
        about: "everything: lints, tests on both databases, the browser; brings its own services",
        run: test::run,
    },
    Command {
        name: "check",
        usage: "check",
        about: "the quick part: lints, types, unit tests; no services, no browser",
        run: check::run,
    },
    Command { name: "fix", usage: "fix", about: "format, and repair what clippy can repair", run: fix::run },
    Command {
        name: "openapi",
        usage: "openapi",
        about: "write web/openapi.json from the server, and the web app's types from that",
        run: openapi::run,
    },
    Command {
        name: "services",
        usage: "services [-- COMMAND]",
        about: "the tests' PostgreSQL and Redis, for a command that needs them or until Ctrl-C",
        run: services::run,
    },
    Command {
        name: "bench",
        usage: "bench SUBJECT [-- ARGS]",
        about: "measure a release build, beside the raw limits of this machine; see bench/README.md",
        run: bench::run,
    },
];

/// What there is, one line each.
pub(crate) fn help() -> String {
    let mut text = String::from("cargo x COMMAND\n\n");
    for command in ALL {
        text += &format!("  {:<30}{}\n", command.usage, command.about);
    }
    text +=
        "\nBuild output goes to $CARGO_TARGET_DIR, else to the user's cache folder (~/.cache/stoa/target).";
    text
}

/// For commands that take no words of their own.
fn no_words(words: &[String]) -> Result {
    match words.first() {
        None => Ok(()),
        Some(word) => Err(format!("this command takes no `{word}`").into()),
    }
}
