//! `cargo x services`: the throw-away PostgreSQL and Redis of the tests, for one command or until Ctrl-C.

use std::io::{Read, stdin};

use crate::keeper::Keeper;
use crate::trouble::Result;
use crate::{javascript, machine, paths, process, python, say, services};

pub(super) fn run(words: &[String]) -> Result {
    machine::ensure(machine::FOR_STORIES)?;
    machine::node()?;
    let keeper = Keeper::start()?;
    let mut told = services::start(&keeper)?;
    told.push(python::told(&keeper)?);
    told.push(javascript::told(&keeper)?);
    match words.split_first() {
        Some((dashes, words)) if dashes == "--" && !words.is_empty() => {
            let mut command = process::command(&words[0]);
            command.args(&words[1..]).envs(told).env("CARGO_TARGET_DIR", paths::target());
            process::run(&keeper, &mut command)
        }
        Some(_) => Err("`cargo x services [-- COMMAND …]`".into()),
        None => {
            told.iter().for_each(|(name, value)| say::line(&format!("export {name}={value}")));
            say::line("until Ctrl-C, or the end of the input");
            stdin().read_to_end(&mut Vec::new())?;
            Ok(())
        }
    }
}
