//! Makes what a file says fit what a task may be: cut and cleaned where that loses nothing that matters, and told.

use super::model::{Draft, Found};
use crate::tasks::wish::{self, DESCRIPTION, PROJECT, TAGS, TITLE, WORD};

/// Puts a draft in order. `false` when there is nothing left to do.
pub(super) fn fit(draft: &mut Draft, found: &mut Found) -> bool {
    let line = draft.line;
    let mut title = one_line(&draft.task.title);
    if title.is_empty() {
        found.skip(line, "title", "is empty; the task is left out");
        return false;
    }
    if title.chars().count() > TITLE {
        let whole = std::mem::replace(&mut title, cut(&draft.task.title, TITLE));
        draft.task.description = format!("{whole}\n\n{}", draft.task.description).trim_end().to_owned();
        found.note(
            line,
            "title",
            format!("has more than {TITLE} characters; all of it stands in the description"),
        );
    }
    draft.task.title = title;
    if draft.task.description.chars().count() > DESCRIPTION {
        draft.task.description = draft.task.description.chars().take(DESCRIPTION).collect();
        found.note(line, "description", format!("was cut after {DESCRIPTION} characters"));
    }
    if let Some(project) = draft.task.project.take() {
        let name = one_line(&project);
        if name.chars().count() > PROJECT {
            found.note(line, "project", format!("was cut after {PROJECT} characters"));
        }
        draft.task.project = Some(cut(&name, PROJECT)).filter(|name| !name.is_empty());
    }
    draft.task.tags = tags(&draft.task.tags, line, found);
    true
}

/// Without control characters and doubled blanks.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn cut(text: &str, most: usize) -> String {
    let text = one_line(text);
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most - 1).collect::<String>().trim_end().to_owned() + "…"
}

fn tags(words: &[String], line: u64, found: &mut Found) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words {
        let plain: String = word
            .trim()
            .chars()
            .map(|c| if c.is_whitespace() { '-' } else { c })
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            .take(WORD)
            .collect();
        match wish::tag(&plain) {
            Some(tag) if !all.contains(&tag) => all.push(tag),
            Some(_) => {}
            None => found.note(line, "tags", "holds a word without letters or digits; it is left out"),
        }
    }
    if all.len() > TAGS {
        all.truncate(TAGS);
        found.note(line, "tags", format!("were cut after {TAGS}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_cut_and_told() {
        let mut found = Found::default();
        let mut draft = Draft::new(7, String::new(), format!(" a\tb\u{7}\n{}", "x ".repeat(150)));
        draft.task.description = "d".repeat(10_001);
        draft.task.project = Some("p".repeat(150));
        draft.task.tags = ["To Do", "to-do", "🎉", "ä/ö"].map(Into::into).to_vec();
        draft.task.tags.extend((0..30).map(|n| format!("tag{n}")));
        assert!(fit(&mut draft, &mut found));
        assert_eq!(draft.task.title.chars().count(), 200);
        assert!(
            draft.task.title.starts_with("a b x x") && draft.task.title.ends_with('…'),
            "{}",
            draft.task.title
        );
        assert_eq!((draft.task.description.chars().count(), draft.task.tags.len()), (10_000, 20));
        assert_eq!(&draft.task.tags[..2], ["to-do", "äö"]);
        let fields: Vec<_> =
            found.problems.iter().map(|problem| (problem.line, &*problem.field, problem.skipped)).collect();
        let expected = ["title", "description", "project", "tags", "tags"].map(|field| (7, field, false));
        assert_eq!(fields, expected);
        let mut nothing = Draft::new(8, String::new(), " \n ");
        assert!(!fit(&mut nothing, &mut found) && found.problems.last().unwrap().skipped);
    }
}
