//! `cargo x test`: everything, in the order in which things tend to be wrong. The README and CI call this and no other.

use std::path::Path;

use crate::keeper::Keeper;
use crate::trouble::Result;
use crate::{cargo, deny, javascript, machine, paths, process, python, services, steps, web};

pub(super) fn run(words: &[String]) -> Result {
    super::no_words(words)?;
    machine::ensure(machine::TO_TEST)?;
    machine::node()?;
    let clone = cargo::claim_target()?;
    steps::all(|steps| {
        steps.step("format", |keeper| cargo::run(keeper, &clone, &["fmt", "--all", "--check"]))?;
        steps.step("crates of others", deny::check)?;
        steps.step("clippy", |keeper| cargo::clippy(keeper, &clone))?;
        let server = steps.step("server", |keeper| cargo::server(keeper, &clone, cargo::Profile::Dev))?;
        steps.step("web packages", web::packages)?;
        steps.step("web types from the server", |keeper| contract(keeper, &server))?;
        steps.step("web types and lints", web::check)?;
        steps.step("web unit tests", web::test)?;
        steps.step("web build", web::build)?;
        // Once more, with the web app inside.
        let server = steps
            .step("server with the web app", |keeper| cargo::server(keeper, &clone, cargo::Profile::Dev))?;
        let mut told = steps.step("PostgreSQL and Redis", services::start)?;
        told.push(steps.step("clients of others, in Python", python::told)?);
        told.push(steps.step("clients of others, in JavaScript", javascript::told)?);
        told.push(("STOA_TEST_SERVER", server.display().to_string()));
        steps.step("unit tests", |keeper| cargo::run_with(keeper, &clone, cargo::UNIT_TESTS, &told))?;
        steps.step("stories and integration tests", |keeper| {
            cargo::run_with(keeper, &clone, &["test", "--workspace", "--test", "*"], &told)
        })?;
        steps.step("examples in the documentation", |keeper| {
            cargo::run_with(keeper, &clone, &["test", "--workspace", "--doc"], &told)
        })?;
        steps.step("the browser's stories", |keeper| browser(keeper, &server))
    })
}

/// The document in the work tree must be what the server says.
fn contract(keeper: &Keeper, server: &Path) -> Result {
    let changed = web::types(keeper, server)?;
    if changed && paths::in_ci() {
        return Err(
            "web/openapi.json is not what the server says: run `cargo x openapi` and commit it".into()
        );
    }
    Ok(())
}

/// The stories in a browser, each with a server of its own, and the name by which browsers call it.
const STORIES: &[(&str, &str)] = &[("story", "127.0.0.1"), ("connect", "localhost")];

fn browser(keeper: &Keeper, server: &Path) -> Result {
    for (story, host) in STORIES {
        let stoa = services::stoa(keeper, server, story, host)?;
        let mut run = web::npm(&["run", "--silent", "e2e", "--", &format!("{story}.spec.ts")]);
        process::run(keeper, run.env("STOA_URL", stoa.url).env("STOA_SETUP", stoa.setup))?;
    }
    Ok(())
}
