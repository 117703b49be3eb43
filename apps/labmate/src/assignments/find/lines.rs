//! A document as a list of lines: what the finder reads.

use stoa_documents::{Block, Cell, Content, Document, Table};

use super::{
    Draft, code,
    line::{Kind, Line},
    marks::{self, Label, Mark},
    sections::{self, Section},
};

/// All lines, with their marks.
pub(super) fn flatten(document: &Document) -> Vec<Line> {
    let mut lines = Vec::new();
    for block in &document.blocks {
        self::block(block, &mut lines);
    }
    lines
}

fn block(block: &Block, lines: &mut Vec<Line>) {
    match &block.content {
        Content::Code(code) => lines.push(if code::is_shown_text(code.language.as_deref()) {
            Line { kind: Kind::Data, ..Line::prose(block.last, &code.text) }
        } else {
            Line::code(block.last, code.text.clone(), code.language.clone())
        }),
        Content::Table(table) => self::table(table, block.last, lines),
        Content::Paragraph(paragraph) => {
            // A table of contents repeats every title.
            if paragraph.style.as_deref().is_some_and(|style| style.to_lowercase().starts_with("toc ")) {
                return;
            }
            for (at, text) in paragraph.text.split('\n').enumerate() {
                let mut line = Line::prose(block.last, text);
                line.bold = paragraph.bold;
                line.heading = paragraph.heading.filter(|_| at == 0);
                match &paragraph.number {
                    Some(number) if at == 0 => {
                        line.mark = Some(marks::computed(&number.text, number.level, number.bullet));
                        line.kind = Kind::Prose;
                        // "Q1." typed behind a computed bullet or number says more than that.
                        if let Some((mark, rest)) = marks::typed(&line.text)
                            && matches!(mark.label, Label::Question | Label::Experiment)
                        {
                            (line.text, line.mark) = (rest.to_owned(), Some(mark));
                        }
                    }
                    _ => take_typed_mark(&mut line),
                }
                lines.push(line);
            }
        }
    }
}

fn take_typed_mark(line: &mut Line) {
    if let Some((mark, rest)) = marks::typed(&line.text)
        && !code::is_code(&line.text)
    {
        (line.text, line.mark) = (rest.to_owned(), Some(mark));
    }
}

/// A table is a frame around text, a list of numbered questions, labels with their text, or data.
fn table(table: &Table, place: usize, lines: &mut Vec<Line>) {
    if table.rows.iter().all(|row| row.len() <= 1) {
        return table
            .rows
            .iter()
            .flatten()
            .flat_map(|cell| &cell.blocks)
            .for_each(|inner| block(inner, lines));
    }
    if let Some(columns) = Columns::of(table) {
        return columns.rows(table, place, lines);
    }
    let labelled =
        |row: &Vec<Cell>| row.len() == 2 && sections::section(&label_line(row[0].text().trim())).is_some();
    for row in &table.rows {
        match row.as_slice() {
            [label, text] if labelled(row) => {
                let label = label.text().trim().trim_end_matches(':').to_owned();
                let mut inner = Vec::new();
                text.blocks.iter().for_each(|b| block(b, &mut inner));
                // "Aim | Write a program": one line; the code of "Code | …" keeps its lines.
                let holds_code = matches!(sections::section(&label_line(&label)), Some((Section::Code, _)));
                let first = inner.first().filter(|line| line.kind == Kind::Prose && !holds_code);
                let said = first.map(Line::with_mark).unwrap_or_default();
                if !said.is_empty() {
                    inner.remove(0);
                }
                lines.push(Line { bold: true, ..Line::prose(place, &format!("{label}: {said}")) });
                lines.extend(inner);
            }
            _ => {
                let cells: Vec<String> =
                    row.iter().map(|cell| cell.text().replace('\n', " ").trim().to_owned()).collect();
                let mut line = Line::prose(place, cells.join(" | ").trim_matches([' ', '|']));
                if line.kind == Kind::Prose {
                    line.kind = Kind::Data;
                }
                lines.push(line);
            }
        }
    }
}

/// The left cell of a row, read as a label.
fn label_line(text: &str) -> Line {
    Line { bold: true, ..Line::prose(0, text) }
}

/// Which columns of a table hold the numbers, the questions, the code.
struct Columns {
    number: Option<usize>,
    question: usize,
    code: Option<usize>,
    first_row: usize,
    ignored: bool,
}

impl Columns {
    fn of(table: &Table) -> Option<Self> {
        let head: Vec<String> =
            table.rows.first()?.iter().map(|cell| cell.text().trim().to_lowercase()).collect();
        let named = |names: &[&str]| {
            head.iter().position(|cell| {
                let words: Vec<&str> =
                    cell.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
                let cell = words.join(" ");
                names.contains(&cell.as_str())
            })
        };
        let number = named(&[
            "no", "s no", "sr no", "sl no", "sno", "q no", "qno", "sr", "", "ex no", "exp no", "number",
            "id", "task no",
        ]);
        let question = named(&[
            "question",
            "questions",
            "problem",
            "problem statement",
            "program",
            "programs",
            "task",
            "tasks",
            "aim",
            "statement",
            "experiment",
            "name of experiment",
            "name of the experiment",
            "title",
            "description",
            "exercise",
            "program statement",
            "list of experiments",
            "list of programs",
            "title of experiment",
            "name of program",
        ]);
        let ignored =
            named(&["page", "page no", "sign", "signature", "date", "teacher sign", "remarks"]).is_some();
        if let Some(question) = question.filter(|_| head.len() >= 2) {
            let number = number.filter(|&at| at != question);
            let code = named(&["code", "program code", "source code", "solution", "answer"])
                .filter(|&at| at != question);
            return Some(Self { number, question, code, first_row: 1, ignored });
        }
        // Without a head: numbers on the left, text on the right.
        let numbered = |row: &Vec<Cell>| {
            let first = row.first().map(Cell::text).unwrap_or_default();
            let first = first.trim();
            let is_number = first.trim_matches(['.', ')', '(']).parse::<u16>().is_ok()
                || marks::typed(&format!("{first} "))
                    .is_some_and(|(mark, rest)| mark.label != Label::Bullet && rest.trim().is_empty());
            is_number && row.get(1).is_some_and(|cell| cell.text().split_whitespace().count() >= 3)
        };
        let all = table.rows.iter().filter(|row| row.len() == 2 || row.len() == 3).all(numbered);
        let texts = table
            .rows
            .iter()
            .filter(|row| row.get(1).is_some_and(|cell| marks::is_task(cell.text().trim())))
            .count();
        (all && texts * 2 >= table.rows.len() && texts > 0).then_some(Self {
            number: Some(0),
            question: 1,
            code: Some(2),
            first_row: 0,
            ignored: false,
        })
    }

    fn rows(&self, table: &Table, place: usize, lines: &mut Vec<Line>) {
        if self.ignored {
            return;
        }
        for row in table.rows.iter().skip(self.first_row) {
            let Some(cell) = row.get(self.question) else { continue };
            let mut inner = Vec::new();
            cell.blocks.iter().for_each(|b| block(b, &mut inner));
            if code::is_program(&cell.text()) {
                lines.push(Line::code(place, cell.text(), None));
                continue;
            }
            let Some(first) = inner.iter().position(|line| line.kind == Kind::Prose) else { continue };
            let mut line = inner.remove(first);
            let shown = self.number.and_then(|at| row.get(at)).map(Cell::text).unwrap_or_default();
            let shown = shown.trim();
            let number = match marks::typed(&format!("{shown} ")) {
                Some((mark, _)) if mark.label != Label::Bullet => mark.number,
                _ => shown.trim_matches(|c: char| !c.is_alphanumeric()).to_owned(),
            };
            let own = line.mark.take().map(|mark| mark.number).unwrap_or_default();
            let number = if number.is_empty() { own } else { number };
            line.mark = Some(Mark { label: Label::Question, number, shown: shown.to_owned(), level: None });
            line.heading = None;
            lines.push(line);
            lines.extend(inner);
            if let Some(code) = self.code.and_then(|at| row.get(at)) {
                let text = code.text();
                if !text.trim().is_empty() {
                    lines.push(Line::code(place, text, None));
                }
            }
        }
        // What follows the table is not part of its last question.
        lines.push(Line { heading: Some(9), kind: Kind::Prose, ..Line::prose(place, "") });
    }
}

/// A document that is one program, as a draft of its only task.
pub(super) fn single_program(lines: &[Line]) -> Option<Draft> {
    let plain = |line: &Line| line.heading.is_none() && line.kind != Kind::Data;
    if !lines.iter().all(plain) {
        return None;
    }
    let text = lines.iter().map(|line| line.raw.as_str()).collect::<Vec<_>>().join("\n");
    let labelled = lines.iter().any(
        |line| matches!(&line.mark, Some(mark) if matches!(mark.label, Label::Question | Label::Experiment)),
    );
    if labelled || !code::is_program(&text) {
        return None;
    }
    let place = lines.iter().map(|line| line.place).max().unwrap_or(0);
    Some(Draft { code: text, place, ..Draft::default() })
}

/// Whether a line is the wrapped rest of the one before.
pub(super) fn goes_on(before: &str, next: &str) -> bool {
    let last = before.rsplit('\n').next().unwrap_or(before);
    last.chars().count() >= 45
        && !last.ends_with(['.', ':', ';', '?', '!'])
        && next.starts_with(char::is_lowercase)
}

/// The words of a question, for comparing.
pub(super) fn words(question: &str) -> Vec<String> {
    let words = question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(60).map(str::to_lowercase).collect()
}

/// Two questions that say the same.
pub(super) fn same(one: &[String], other: &[String]) -> bool {
    one.len() >= 4 && one == other
}

/// The first characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text.get(..at).unwrap_or(text).to_owned(),
        None => text.to_owned(),
    }
}
