//! Which marked lines begin a task.
//!
//! A list is judged as a whole: if its items read like tasks, all of them are tasks; if not, none is. Lists inside
//! a task belong to it. A label (`Question 3`) needs no proof, but where questions have labels, plain numbers
//! between them are parts.

use super::{
    line::{Kind, Line},
    marks::{self, Label},
    sections::{self, Section},
};

/// Where a marked line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    /// Sections and headings so far: lists do not reach over them.
    part: usize,
    depth: usize,
    label: Label,
}

/// For each line, whether it begins a task.
pub(super) fn decide(lines: &[Line]) -> Vec<bool> {
    let mut starts = vec![false; lines.len()];
    let mut part = Part::default();
    // The last line that begins a task.
    let mut last = None;
    // Items of the list being read: same part, same depth, same kind of number.
    let mut open: Vec<(Spot, Vec<usize>)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.kind != Kind::Prose {
            continue;
        }
        let section = sections::section(line);
        match &line.mark {
            Some(mark) if matches!(mark.label, Label::Question | Label::Experiment) => {
                judge_all(lines, &mut open, &part, &mut starts, &mut last);
                if part.takes_labels(mark.label) {
                    starts[at] = true;
                    last = Some(at);
                    part.labelled(mark.label);
                }
            }
            Some(mark) if section.is_none() || mark.label != Label::Bullet => match section {
                // "3. Theory": a numbered title.
                Some((section, rest))
                    if rest.is_empty()
                        || line.heading.is_some()
                        || !matches!(section, Section::Detail | Section::Form) =>
                {
                    judge_all(lines, &mut open, &part, &mut starts, &mut last);
                    part.section(section);
                }
                _ => part.item(&mut open, at, line, mark.label, mark.level),
            },
            _ => match section {
                Some((Section::Detail | Section::Form, _)) => {}
                // A list goes on behind the code and the output of its items.
                Some((Section::Code | Section::Output, _)) if !part.is_ignored() => {}
                Some((section, _)) => {
                    judge_all(lines, &mut open, &part, &mut starts, &mut last);
                    part.section(section);
                }
                None if line.is_title() => {
                    judge_all(lines, &mut open, &part, &mut starts, &mut last);
                    part.heading();
                }
                None => {}
            },
        }
    }
    judge_all(lines, &mut open, &part, &mut starts, &mut last);
    starts
}

/// The part of the document that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    count: usize,
    section: Option<Section>,
    /// A task with a label is open: plain numbers belong to it.
    in_question: bool,
    viva: bool,
}

impl Part {
    fn is_ignored(&self) -> bool {
        self.section == Some(Section::Ignored)
    }
    fn takes_labels(&self, label: Label) -> bool {
        // "Viva questions: Q1. What is …": labels, and still nothing to run.
        !(self.is_ignored() && self.viva) || label == Label::Experiment
    }
    fn labelled(&mut self, label: Label) {
        *self = Self { count: self.count + 1, in_question: label == Label::Question, ..Self::default() };
    }
    fn section(&mut self, section: Section) {
        let in_question = match section {
            Section::Tasks | Section::Aim | Section::Ignored => false,
            Section::Code | Section::Output | Section::Detail | Section::Form => self.in_question,
        };
        let section = match section {
            // The code of a task does not end a section of tasks.
            Section::Code | Section::Output | Section::Detail if !self.is_ignored() => self.section,
            other => Some(other),
        };
        let viva = section == Some(Section::Ignored);
        *self = Self { count: self.count + 1, section, in_question, viva };
    }
    fn heading(&mut self) {
        *self = Self { count: self.count + 1, ..Self::default() };
    }

    /// Puts an item into the list it belongs to.
    fn item(
        &self,
        open: &mut Vec<(Spot, Vec<usize>)>,
        at: usize,
        line: &Line,
        label: Label,
        level: Option<u8>,
    ) {
        if self.in_question && line.heading.is_none() {
            return;
        }
        // A list already open with this kind of number goes on; another kind is a list inside it.
        let same =
            |spot: &Spot| spot.label == label && level.is_none_or(|level| usize::from(level) == spot.depth);
        if let Some(place) = open.iter().position(|(spot, _)| same(spot)) {
            if let Some((_, items)) = open.get_mut(place) {
                items.push(at);
            }
            return;
        }
        let depth = level.map_or(open.len(), usize::from);
        open.push((Spot { part: self.count, depth, label }, vec![at]));
    }
}

/// Judges the lists that end here, the outer before the inner.
fn judge_all(
    lines: &[Line],
    open: &mut Vec<(Spot, Vec<usize>)>,
    part: &Part,
    starts: &mut [bool],
    last: &mut Option<usize>,
) {
    let mut lists = std::mem::take(open);
    lists.sort_by_key(|(spot, items)| (spot.depth, items.first().copied()));
    let mut outer: Option<usize> = None;
    for (spot, items) in &lists {
        let inner = outer.is_some_and(|depth| spot.depth > depth);
        if inner || !(are_tasks(lines, items, spot.label, part) || goes_on(lines, items, *last)) {
            continue;
        }
        outer = Some(outer.map_or(spot.depth, |depth| depth.min(spot.depth)));
        items.iter().for_each(|&at| starts[at] = true);
        *last = (*last).max(items.last().copied());
    }
}

/// Whether a list takes up the numbers where the tasks before it left off. Steps and viva questions start anew.
fn goes_on(lines: &[Line], items: &[usize], before: Option<usize>) -> bool {
    let number = |at: usize| lines.get(at)?.mark.as_ref()?.number.parse::<u32>().ok();
    let Some(&first) = items.first() else { return false };
    let follows =
        before.and_then(number).is_some_and(|before| before >= 1 && number(first) == Some(before + 1));
    let kind = |at: usize| lines.get(at).and_then(|line| Some(line.mark.as_ref()?.label));
    let tasks = items.iter().filter(|&&at| marks::is_task(&lines[at].text)).count();
    follows && before.and_then(kind) == kind(first) && tasks * 2 >= items.len()
}

/// Whether the items of a list are tasks.
fn are_tasks(lines: &[Line], items: &[usize], label: Label, part: &Part) -> bool {
    let text = |at: usize| lines[at].text.trim();
    let has_code = |at: usize| {
        let next = lines.iter().skip(at + 1).find(|line| {
            line.kind != Kind::Blank && !matches!(sections::section(line), Some((Section::Code, "")))
        });
        next.is_some_and(|next| matches!(next.kind, Kind::Code { .. }))
    };
    let count = |test: &dyn Fn(usize) -> bool| items.iter().filter(|&&at| test(at)).count();
    let all = items.len();
    let tasks = count(&|at| marks::is_task(text(at)) || has_code(at));
    let strong = count(&|at| marks::is_strong(text(at)));
    match (label, part.section) {
        // In theory or procedure, only a plain call for programs counts, never a step.
        (_, Some(Section::Ignored)) => {
            label != Label::Bullet && strong == all && all > 0 && !part.viva_like(lines, items)
        }
        (Label::Bullet, Some(Section::Tasks)) => strong * 2 >= all,
        (Label::Bullet, _) => {
            strong == all && all > 1 && part.section.is_none() && !follows_question(lines, items)
        }
        (_, Some(Section::Tasks)) => tasks > 0 || all > 0,
        // Under an aim with its own words: the steps of it, unless they are programs themselves.
        (_, Some(Section::Aim)) => strong * 2 >= all,
        _ => {
            let programming = count(&|at| marks::is_programming(text(at)) || has_code(at));
            tasks * 2 >= all && programming * 2 >= all
        }
    }
}

/// Bullets behind a line that asks for them ("… which can:") are parts of that line.
fn follows_question(lines: &[Line], items: &[usize]) -> bool {
    let Some(&first) = items.first() else { return false };
    let before = lines.iter().take(first).rev().find(|line| line.kind != Kind::Blank);
    before.is_some_and(|line| marks::is_task(&line.text) || line.mark.is_some())
}

impl Part {
    /// Steps to follow ("1. Write the program in the editor") are not tasks.
    fn viva_like(self, lines: &[Line], items: &[usize]) -> bool {
        items.iter().any(|&at| {
            let text = lines[at].text.to_lowercase();
            !["write a", "write an", "write python", "implement", "develop a", "create a", "wap"]
                .iter()
                .any(|word| text.trim().starts_with(word))
        })
    }
}
