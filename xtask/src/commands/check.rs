//! `cargo x check`: what one runs before every commit. No services, no browser, SQLite only.

use crate::trouble::Result;
use crate::{cargo, machine, steps, web};

pub(super) fn run(words: &[String]) -> Result {
    super::no_words(words)?;
    machine::ensure(machine::TO_BUILD)?;
    machine::node()?;
    let clone = cargo::claim_target()?;
    steps::all(|steps| {
        steps.step("format", |keeper| cargo::run(keeper, &clone, &["fmt", "--all", "--check"]))?;
        steps.step("clippy", |keeper| cargo::clippy(keeper, &clone))?;
        let server = steps.step("server", |keeper| cargo::server(keeper, &clone, cargo::Profile::Dev))?;
        steps.step("web packages", web::packages)?;
        steps.step("web types from the server", |keeper| web::types(keeper, &server))?;
        steps.step("web types and lints", web::check)?;
        steps.step("unit tests", |keeper| cargo::run(keeper, &clone, cargo::UNIT_TESTS))
    })
}
