//! Finds the tasks of a lab assignment: which question, with which code, in which language, at which place.
//!
//! Pure rules over what `stoa_documents` read; no model, no chance. The document's own structure decides:
//! labels (`Aim`, `Question 3`, `Program 1`), numbering (typed, or computed by Word), headings, code blocks,
//! tables. A word such as "list" or "search" inside prose starts nothing.
//! What the sheet does not say stays empty: no question is reworded, no code invented or completed.
//!
//! In three steps: `lines` flattens the document, `code` tells program text from prose, `marks` and `sections`
//! know labels; `starts` decides which marked lines begin a task; the walk here gathers what belongs to each.

mod code;
mod language;
mod line;
mod lines;
mod marks;
mod sections;
mod starts;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use stoa_documents::Document;

use self::{
    line::{Kind, Line},
    marks::Label,
    sections::Section,
};

/// Characters of a question and of a program that are kept.
const QUESTION: usize = 10_000;
const PROGRAM: usize = 200_000;
/// Tasks of one document.
const MOST: usize = 500;

/// A task as the sheet has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its number as the sheet has it: `3`, `iv`, `2.1`. Not unique.
    pub number: Option<String>,
    /// The question, without its number.
    pub question: String,
    /// The program that stands with it; empty if there is none.
    pub code: String,
    /// `python`, `c`, `cpp`, `java`, `javascript`, `react`, `html`, or what the source calls it.
    pub language: String,
    /// The place in the document that an answer goes below.
    pub after_block: Option<usize>,
}

/// Finds the tasks, in the order of the document.
pub fn find(document: &Document) -> Vec<Found> {
    let lines = lines::flatten(document);
    if let Some(program) = lines::single_program(&lines) {
        return vec![finish(program, None)];
    }
    let lines = code::gather(&lines);
    let starts = starts::decide(&lines);
    let mut walk = Walk::default();
    for (at, line) in lines.iter().enumerate() {
        walk.line(line, starts.get(at).copied().unwrap_or(false));
    }
    walk.close();
    let drafts = keep(walk.done);
    let main = language::most(drafts.iter().filter_map(Draft::language));
    drafts.into_iter().map(|draft| finish(draft, main.as_deref())).collect()
}

/// A task while it is gathered.
#[derive(Clone, Debug, Default)]
struct Draft {
    label: Option<Label>,
    number: Option<String>,
    question: String,
    code: String,
    named: Option<String>,
    place: usize,
    /// It stands in a "list of experiments", which may be the index of what follows.
    listed: bool,
    /// Which experiment it belongs to: the count of experiments so far.
    experiment: usize,
}

impl Draft {
    fn language(&self) -> Option<String> {
        if self.code.trim().is_empty() {
            return None;
        }
        Some(self.named.clone().unwrap_or_else(|| language::of_code(&self.code).to_owned()))
    }
    fn add_code(&mut self, code: &str, named: Option<&str>) {
        if !self.code.is_empty() {
            self.code.push_str("\n\n");
        }
        self.code.push_str(code);
        self.named = self.named.take().or_else(|| named.and_then(language::known));
    }
    fn add_text(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || self.question.len() > QUESTION * 4 {
            return;
        }
        if !self.question.is_empty() {
            self.question.push_str(if lines::goes_on(&self.question, text) { " " } else { "\n" });
        }
        self.question.push_str(text);
    }
}

/// Where the walk stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// Outside of any task, or behind its code.
    #[default]
    Between,
    Question,
    /// Below a label such as `Program:`; prose there is no part of the question.
    Code,
    Output,
    /// In a section that is not about tasks.
    Ignored,
}

#[derive(Debug, Default)]
struct Walk {
    done: Vec<Draft>,
    draft: Option<Draft>,
    mode: Mode,
    /// In a section that holds nothing but tasks.
    in_tasks: bool,
    listed: bool,
    experiment: usize,
    /// The last heading or prose: what code without a question is called by.
    title: String,
}

impl Walk {
    fn line(&mut self, line: &Line, starts: bool) {
        match &line.kind {
            Kind::Blank => {}
            Kind::Code { language } => self.code(line, language.as_deref()),
            Kind::Data => self.belongs(line),
            Kind::Prose if starts => self.start(line),
            Kind::Prose => match sections::section(line) {
                Some((section, rest)) => self.section(section, rest, line),
                None if line.mark.is_none() && self.begins_unmarked(line) => self.start(line),
                None if line.is_title() => self.heading(line),
                None => self.belongs(line),
            },
        }
    }

    fn start(&mut self, line: &Line) {
        self.close();
        let label = line.mark.as_ref().map(|mark| mark.label);
        if label == Some(Label::Experiment) {
            self.experiment += 1;
            (self.in_tasks, self.listed) = (false, false);
        }
        // "Question 1: Aim: …" and "Experiment 2 – Aim: …" say it twice.
        let text = match sections::section(line) {
            Some((Section::Aim, rest)) => rest,
            _ => line.text.as_str(),
        };
        let mut draft = Draft {
            label,
            number: line.mark.as_ref().map(|mark| mark.number.clone()).filter(|number| !number.is_empty()),
            place: line.place,
            listed: self.listed,
            experiment: self.experiment,
            ..Draft::default()
        };
        draft.add_text(text);
        self.draft = Some(draft);
        self.mode = Mode::Question;
        self.remember(line);
    }

    fn section(&mut self, section: Section, rest: &str, line: &Line) {
        match section {
            Section::Aim => self.aim(rest, line),
            Section::Code => {
                // A label of the task before it also ends a section such as theory.
                if self.draft.is_some() {
                    self.mode = Mode::Code;
                } else if self.mode == Mode::Ignored {
                    self.mode = Mode::Between;
                }
                self.touch(line.place);
            }
            Section::Output => {
                if self.mode == Mode::Ignored {
                    return;
                }
                self.mode = Mode::Output;
                self.touch(line.place);
                if !rest.is_empty() {
                    self.belongs_text(&line.text, line.place);
                }
            }
            Section::Detail => {
                if matches!(self.mode, Mode::Question | Mode::Code | Mode::Output) {
                    self.mode = Mode::Question;
                    self.belongs_text(&line.text, line.place);
                }
            }
            Section::Tasks => {
                self.close();
                self.in_tasks = true;
                self.listed = line.text.trim().to_lowercase().starts_with("list of");
                self.remember(line);
            }
            Section::Ignored => {
                self.in_tasks = false;
                self.mode = Mode::Ignored;
            }
            Section::Form => {}
        }
    }

    /// An aim is the question of the experiment it stands in, or a task of its own.
    fn aim(&mut self, rest: &str, line: &Line) {
        let of_experiment = self
            .draft
            .as_ref()
            .is_some_and(|draft| draft.label == Some(Label::Experiment) && draft.code.is_empty());
        if !of_experiment {
            self.close();
            self.experiment += 1;
            self.draft = Some(Draft {
                label: Some(Label::Aim),
                experiment: self.experiment,
                place: line.place,
                ..Draft::default()
            });
        }
        if let Some(draft) = &mut self.draft {
            draft.question.clear();
            draft.add_text(rest);
            draft.place = draft.place.max(line.place);
        }
        (self.in_tasks, self.listed) = (false, false);
        self.mode = Mode::Question;
    }

    fn heading(&mut self, line: &Line) {
        self.close();
        (self.in_tasks, self.listed) = (false, false);
        self.remember(line);
    }

    fn code(&mut self, line: &Line, named: Option<&str>) {
        match self.mode {
            Mode::Ignored => return,
            Mode::Output => {
                let text = line.text.clone();
                return self.belongs_text(&text, line.place);
            }
            Mode::Between | Mode::Question | Mode::Code => {}
        }
        if self.draft.is_none() {
            let question = std::mem::take(&mut self.title);
            let question = if question.is_empty() { code::first_comment(&line.text) } else { question };
            let experiment = self.experiment;
            self.draft = Some(Draft { question, experiment, place: line.place, ..Draft::default() });
        }
        if let Some(draft) = &mut self.draft {
            draft.add_code(&line.text, named);
            draft.place = draft.place.max(line.place);
        }
        self.mode = Mode::Between;
    }

    /// Whether an unmarked paragraph says by itself that it is a task.
    fn begins_unmarked(&self, line: &Line) -> bool {
        let strong = marks::is_strong(&line.text);
        if self.mode == Mode::Ignored {
            // A heading ends what is ignored; a sentence of theory does not.
            return strong && line.is_set_apart();
        }
        let asks = strong || (self.in_tasks && marks::is_task(&line.text));
        if !asks {
            return false;
        }
        match &self.draft {
            None => true,
            // Behind the code of one task the next may begin; inside a question it belongs to that.
            Some(draft) if draft.label.is_some() => self.mode == Mode::Between && !draft.code.is_empty(),
            Some(draft) => !lines::goes_on(&draft.question, line.text.trim()),
        }
    }

    fn belongs(&mut self, line: &Line) {
        match self.mode {
            Mode::Question | Mode::Output => self.belongs_text(&line.with_mark(), line.place),
            // "Program:" over the task itself, not over its code.
            Mode::Code if marks::is_strong(&line.text) => self.belongs_text(&line.with_mark(), line.place),
            Mode::Between if self.draft.is_none() && line.mark.is_none() => self.remember(line),
            Mode::Code | Mode::Between | Mode::Ignored => {}
        }
    }

    /// What stands before the code belongs to the question; what a program printed does not, once there is code.
    fn belongs_text(&mut self, text: &str, place: usize) {
        let Some(draft) = &mut self.draft else { return };
        draft.place = draft.place.max(place);
        if draft.code.is_empty() {
            draft.add_text(text);
        }
    }

    fn touch(&mut self, place: usize) {
        if let Some(draft) = &mut self.draft {
            draft.place = draft.place.max(place);
        }
    }

    fn remember(&mut self, line: &Line) {
        self.title = line.text.trim().to_owned();
    }

    fn close(&mut self) {
        // More than a person would look at; comparing them with each other must stay cheap, too.
        if let Some(draft) = self.draft.take()
            && self.done.len() < MOST
        {
            self.done.push(draft);
        }
        self.mode = Mode::Between;
    }
}

/// Leaves out what turned out to be no task: aims to study something, titles over the real tasks, empty labels.
fn keep(drafts: Vec<Draft>) -> Vec<Draft> {
    let others = |at: usize| {
        drafts.iter().enumerate().any(|(other, draft)| {
            other != at
                && draft.experiment == drafts[at].experiment
                && !matches!(draft.label, Some(Label::Aim | Label::Experiment))
        })
    };
    let is_task = |at: usize, draft: &Draft| {
        let has_code = !draft.code.trim().is_empty();
        match draft.label {
            _ if draft.question.trim().is_empty() => has_code,
            Some(Label::Aim | Label::Experiment) => {
                let any = |test: fn(&str) -> bool| draft.question.lines().any(test);
                has_code || any(marks::is_strong) || (!others(at) && any(marks::is_task))
            }
            _ => true,
        }
    };
    // A list of programs at the start repeats what stands below.
    let last_real = drafts.iter().rposition(|draft| draft.label.is_some_and(Label::is_name) && !draft.listed);
    let words: Vec<Vec<String>> = drafts.iter().map(|draft| lines::words(&draft.question)).collect();
    let repeated = |at: usize, draft: &Draft| {
        let index = draft.listed && last_real.is_some_and(|last| last > at);
        draft.code.is_empty()
            && (index || words.iter().skip(at + 1).any(|later| lines::same(&words[at], later)))
    };
    let kept: Vec<bool> =
        drafts.iter().enumerate().map(|(at, draft)| is_task(at, draft) && !repeated(at, draft)).collect();
    drafts.into_iter().zip(kept).filter_map(|(draft, kept)| kept.then_some(draft)).collect()
}

fn finish(draft: Draft, main: Option<&str>) -> Found {
    let language = draft
        .language()
        .or_else(|| language::of_words(&draft.question).map(str::to_owned))
        .or_else(|| main.map(str::to_owned))
        .unwrap_or_else(|| "python".to_owned());
    let code = code::straighten(code::unprompt(draft.code.trim_matches('\n').trim_end()));
    let question = if draft.question.trim().is_empty() { code::first_comment(&code) } else { draft.question };
    Found {
        number: draft.number,
        question: lines::cut(question.trim(), QUESTION),
        code: lines::cut(&code, PROGRAM),
        language,
        after_block: Some(draft.place),
    }
}
