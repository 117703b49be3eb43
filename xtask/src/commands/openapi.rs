//! `cargo x openapi`: the contract of the HTTP door, as the server itself states it.

use crate::trouble::Result;
use crate::{cargo, machine, steps, web};

pub(super) fn run(words: &[String]) -> Result {
    super::no_words(words)?;
    machine::ensure(machine::TO_BUILD)?;
    machine::node()?;
    let clone = cargo::claim_target()?;
    steps::all(|steps| {
        let server = steps.step("server", |keeper| cargo::server(keeper, &clone, cargo::Profile::Dev))?;
        steps.step("web packages", web::packages)?;
        steps.step("web types", |keeper| web::types(keeper, &server)).map(drop)
    })
}
