//! A list of things done one after the other, each under a heading, with the time it took. The first failure ends it.

use std::time::{Duration, Instant};

use crate::keeper::Keeper;
use crate::say;
use crate::trouble::Result;

pub(crate) struct Steps {
    /// Ends and removes whatever the steps start and make.
    pub(crate) keeper: Keeper,
    began: Instant,
    taken: Vec<(&'static str, Duration, bool)>,
}

/// Runs a list of steps, then prints how long each took, also after a failure.
pub(crate) fn all(list: impl FnOnce(&mut Steps) -> Result) -> Result {
    let mut steps = Steps { keeper: Keeper::start()?, began: Instant::now(), taken: Vec::new() };
    let outcome = list(&mut steps);
    let table = steps.table();
    drop(steps);
    say::heading("times");
    say::line(&table);
    outcome
}

impl Steps {
    /// Does one thing under its heading.
    pub(crate) fn step<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&Keeper) -> Result<T>,
    ) -> Result<T> {
        say::heading(name);
        let began = Instant::now();
        let outcome = work(&self.keeper);
        self.taken.push((name, began.elapsed(), outcome.is_ok()));
        outcome.map_err(|trouble| format!("{name}: {trouble}").into())
    }

    fn table(&self) -> String {
        let row = |name: &str, spent, mark| format!("  {name:<42}{:>14}  {mark}\n", say::time(spent));
        let mut table: String = self
            .taken
            .iter()
            .map(|(name, spent, ok)| row(name, *spent, if *ok { "" } else { "failed" }))
            .collect();
        table += row("all", self.began.elapsed(), "").trim_end();
        table
    }
}
