//! `cargo x bench SUBJECT`: how fast the house is, in a release build, beside services that sync like real ones.

use std::fs;

use crate::trouble::{Result, While};
use crate::{cargo, javascript, machine, paths, steps};

pub(super) fn run(words: &[String]) -> Result {
    let (subject, rest) = match words {
        [subject] => (subject, &[][..]),
        [subject, dashes, rest @ ..] if dashes == "--" => (subject, rest),
        _ => {
            let subjects = subjects()?.join(", ");
            return Err(format!("`cargo x bench SUBJECT [-- ARGS]`; subjects: {subjects}").into());
        }
    };
    let subjects = subjects()?;
    if !subjects.contains(subject) {
        return Err(format!("there is no subject `{subject}`; subjects: {}", subjects.join(", ")).into());
    }
    machine::ensure(machine::SERVICES)?;
    let clone = cargo::claim_target()?;
    steps::all(|steps| {
        let package = ["--release", "--package", "stoa-bench", "--bin", subject.as_str()];
        // Some measure the program itself, which lies beside them.
        let build: Vec<_> =
            ["build", "--package", "stoa-server", "--bin", "stoa"].into_iter().chain(package).collect();
        steps.step("build", |keeper| cargo::run(keeper, &clone, &build))?;
        let mut told = steps.step("PostgreSQL and Redis", crate::services::start_durable)?;
        if subject == "accounts" {
            told.push(steps.step("a server of others, in JavaScript", javascript::told)?);
        }
        let rest: Vec<_> = ["--"].into_iter().chain(rest.iter().map(String::as_str)).collect();
        let measure: Vec<_> = ["run", "--quiet"].into_iter().chain(package).chain(rest).collect();
        steps.step("measure", |keeper| cargo::run_with(keeper, &clone, &measure, &told))
    })
}

/// One program for each: a file, or a folder with a `main.rs`.
fn subjects() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(paths::at("bench/src/bin")).cannot("read bench/src/bin")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.push(name.strip_suffix(".rs").map_or(name.clone(), str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}
