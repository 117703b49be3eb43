//! `cargo x fix`: what the tools can repair by themselves.

use crate::trouble::Result;
use crate::{cargo, steps};

pub(super) fn run(words: &[String]) -> Result {
    super::no_words(words)?;
    let clone = cargo::claim_target()?;
    steps::all(|steps| {
        steps.step("clippy --fix", |keeper| {
            cargo::run(
                keeper,
                &clone,
                &["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--allow-staged"],
            )
        })?;
        steps.step("format", |keeper| cargo::run(keeper, &clone, &["fmt", "--all"]))
    })
}
