//! `cargo x …`: the one entry for people and for CI. It installs what is missing, builds, runs and proves the house.
//!
//! Only the standard library, so that the first `cargo x` on a new machine answers after seconds.
//! Not here: anything the product needs while it runs.

mod cargo;
mod commands;
mod deny;
mod javascript;
mod keeper;
mod machine;
mod paths;
mod process;
mod python;
mod say;
mod services;
mod steps;
mod trouble;
mod web;

#[cfg(test)]
mod house;

use std::env;
use std::process::ExitCode;

use crate::trouble::Result;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            say::failed(&trouble.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result {
    if paths::built_elsewhere() {
        return cargo::rebuild_ourselves(words);
    }
    let Some((name, rest)) = words.split_first() else {
        say::line(&commands::help());
        return Ok(());
    };
    if name == keeper::COMMAND {
        return keeper::keep();
    }
    if ["help", "-h", "--help"].contains(&name.as_str()) {
        say::line(&commands::help());
        return Ok(());
    }
    match commands::ALL.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
        None => Err(format!("there is no command `{name}`\n\n{}", commands::help()).into()),
    }
}
