//! `cargo x start`: from a fresh clone to a running server.
//!
//! The server is built like the tests build it (`dev`): ready in half the time on two cores, and nothing is compiled
//! twice by someone who also runs the tests. `--release` builds what one would install.

use crate::trouble::Result;
use crate::{cargo, machine, process, steps, web};

pub(super) fn run(words: &[String]) -> Result {
    let (ours, theirs) = match words.iter().position(|word| word == "--") {
        Some(place) => (&words[..place], &words[place + 1..]),
        None => (words, &[][..]),
    };
    let profile = match ours {
        [] => cargo::Profile::Dev,
        [flag] if flag == "--release" => cargo::Profile::Release,
        _ => return Err("`cargo x start [--release] [-- arguments of stoa serve]`".into()),
    };
    machine::ensure(machine::TO_SERVE)?;
    machine::node()?;
    let clone = cargo::claim_target()?;
    let mut program = None;
    steps::all(|steps| {
        steps.step("web packages", web::packages)?;
        steps.step("web types", web::types_as_committed)?;
        steps.step("web app", web::build)?;
        program =
            Some(steps.step("server with the web app", |keeper| cargo::server(keeper, &clone, profile))?);
        Ok(())
    })?;
    drop(clone);
    let program = program.ok_or("the server was not built")?;
    process::become_it(process::command(program).arg("serve").args(theirs))
}
