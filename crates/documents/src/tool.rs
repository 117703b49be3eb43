//! The two sides of the wall: the program inside a sandbox cell, and the caller outside.
//!
//! A request is one line of JSON, then raw bytes: the document, then the pictures of a report. An answer is one
//! line of JSON (`{"ok":true}` or `{"problem":{…}}`), then raw bytes: the document as JSON, or a DOCX or PNG.
//! The cell's answer is a stranger's: outside it is parsed as carefully as an upload.

use std::io::{BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use stoa_core::{Error, Kind, Result, Timestamp};

use crate::{Document, Entry, Format, Placement, Png, Report, Shot, limits, picture, report};

/// Bytes of the first line: the entries of a report with their code and output.
const HEADER: u64 = 64 << 20;

/// Runs a tool: `read`, `report` or `picture`. The request comes from `stdin`, the answer goes to `stdout`.
///
/// What is wrong with the request is the answer; an error here means that not even that could be written.
///
/// # Errors
/// When `stdout` does not take the answer, or there is no tool of that name.
pub fn tool(name: &str, stdin: &mut dyn Read, stdout: &mut dyn Write) -> Result<()> {
    let mut request = BufReader::new(stdin.take(limits::REQUEST_BYTES + 1));
    let answer = match name {
        "read" => answer_read(&mut request),
        "report" => answer_report(&mut request),
        "picture" => answer_picture(&mut request),
        _ => return Err(Error::not_found(format!("there is no document tool called {name}"))),
    };
    let (head, body) = match answer {
        Ok(body) => (Answer { ok: true, problem: None }, body),
        Err(why) => (Answer { ok: false, problem: Some(Problem::of(&why)) }, Vec::new()),
    };
    let mut out = serde_json::to_vec(&head)?;
    out.push(b'\n');
    stdout.write_all(&out)?;
    stdout.write_all(&body)?;
    Ok(stdout.flush()?)
}

/// The request for `read`. Without a format the tool looks for itself.
///
/// # Errors
/// None but our own faults.
pub fn ask_read(name: &str, format: Option<Format>, bytes: &[u8]) -> Result<Vec<u8>> {
    frame(&ReadHead { name: name.to_owned(), format }, &[bytes])
}

/// The answer of `read`.
///
/// # Errors
/// As `read`; and `internal` if the answer is none.
pub fn answered_read(answer: &[u8]) -> Result<Document> {
    Ok(serde_json::from_slice(body(answer)?)?)
}

/// The request for `report`.
///
/// # Errors
/// None but our own faults.
pub fn ask_report(report: &Report) -> Result<Vec<u8>> {
    let pictures: Vec<&Png> = report.entries.iter().filter_map(|entry| entry.picture.as_ref()).collect();
    let head = ReportHead {
        source: report.source.as_ref().map(|(format, bytes)| (*format, bytes.len())),
        title: report.title.clone(),
        placement: report.placement,
        entries: report.entries.clone(),
        notes: report.notes.clone(),
        made_at: report.made_at,
        pictures: report.entries.iter().map(|entry| entry.picture.as_ref().map(PictureHead::of)).collect(),
    };
    let source = report.source.as_ref().map_or(&[] as &[u8], |(_, bytes)| bytes);
    let mut parts = vec![source];
    parts.extend(pictures.iter().map(|picture| picture.bytes.as_slice()));
    frame(&head, &parts)
}

/// The answer of `report`: the bytes of a DOCX file.
///
/// # Errors
/// As `report`; and `internal` if the answer is none.
pub fn answered_report(answer: &[u8]) -> Result<Vec<u8>> {
    let body = body(answer)?;
    if !body.starts_with(b"PK") {
        return Err(Error::internal("the report tool answered with something that is no document"));
    }
    Ok(body.to_vec())
}

/// The request for `picture`.
///
/// # Errors
/// None but our own faults.
pub fn ask_picture(shot: &Shot) -> Result<Vec<u8>> {
    frame(shot, &[])
}

/// The answer of `picture`.
///
/// # Errors
/// As `picture`; and `internal` if the answer is none.
pub fn answered_picture(answer: &[u8]) -> Result<Png> {
    let bytes = body(answer)?.to_vec();
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    match (bytes.starts_with(b"\x89PNG\r\n\x1a\n"), number(16), number(20)) {
        (true, Some(width), Some(height)) => Ok(Png { width, height, bytes }),
        _ => Err(Error::internal("the picture tool answered with something that is no PNG")),
    }
}

#[derive(Serialize, Deserialize)]
struct ReadHead {
    name: String,
    format: Option<Format>,
}

#[derive(Serialize, Deserialize)]
struct ReportHead {
    source: Option<(Format, usize)>,
    title: String,
    placement: Placement,
    entries: Vec<Entry>,
    notes: Vec<String>,
    made_at: Timestamp,
    pictures: Vec<Option<PictureHead>>,
}

#[derive(Serialize, Deserialize)]
struct PictureHead {
    width: u32,
    height: u32,
    bytes: usize,
}

impl PictureHead {
    fn of(picture: &Png) -> Self {
        Self { width: picture.width, height: picture.height, bytes: picture.bytes.len() }
    }
}

#[derive(Serialize, Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// An error, as far as it crosses the wall.
#[derive(Serialize, Deserialize)]
struct Problem {
    kind: String,
    code: String,
    said: String,
    /// For the log.
    #[serde(default)]
    cause: Option<String>,
}

/// The kinds that reading may end in. Anything else that a cell says is our fault.
const KINDS: [Kind; 4] = [Kind::Invalid, Kind::Unsupported, Kind::TooLarge, Kind::Malformed];
/// The exact codes that cross.
const CODES: [&str; 3] = ["document_empty", "document_protected", "pdf_not_supported"];

impl Problem {
    fn of(why: &Error) -> Self {
        Self {
            kind: why.kind().code().to_owned(),
            code: why.stable_code().to_owned(),
            said: why.said().to_owned(),
            cause: why.cause(),
        }
    }

    fn error(self) -> Error {
        let Some(kind) = KINDS.into_iter().find(|kind| kind.code() == self.kind) else {
            return Error::internal(format!("{}: {} ({:?})", self.kind, self.said, self.cause));
        };
        let said: String = self.said.chars().filter(|c| !c.is_control()).take(500).collect();
        let error = Error::new(kind, said);
        let error = match CODES.into_iter().find(|code| *code == self.code) {
            Some(code) => error.code(code),
            None => error,
        };
        match self.cause {
            Some(cause) => error.because(cause),
            None => error,
        }
    }
}

fn answer_read(request: &mut impl BufRead) -> Result<Vec<u8>> {
    let head: ReadHead = header(request)?;
    let bytes = rest(request)?;
    let format = head.format.map_or_else(|| crate::sniff(&head.name, &bytes), Ok)?;
    Ok(serde_json::to_vec(&crate::read(format, &bytes)?)?)
}

fn answer_report(request: &mut impl BufRead) -> Result<Vec<u8>> {
    let head: ReportHead = header(request)?;
    let bytes = rest(request)?;
    let mut left = bytes.as_slice();
    let mut take = |size: usize| -> Result<Vec<u8>> {
        let (part, more) = left.split_at_checked(size).ok_or_else(cut_short)?;
        left = more;
        Ok(part.to_vec())
    };
    let source = head.source.map(|(format, size)| Ok::<_, Error>((format, take(size)?))).transpose()?;
    let mut entries = head.entries;
    for (entry, picture) in entries.iter_mut().zip(head.pictures) {
        let Some(PictureHead { width, height, bytes }) = picture else { continue };
        entry.picture = Some(Png { width, height, bytes: take(bytes)? });
    }
    report(&Report {
        source,
        title: head.title,
        placement: head.placement,
        entries,
        notes: head.notes,
        made_at: head.made_at,
    })
}

fn answer_picture(request: &mut impl BufRead) -> Result<Vec<u8>> {
    let shot: Shot = header(request)?;
    Ok(picture(&shot)?.bytes)
}

fn frame(head: &impl Serialize, parts: &[&[u8]]) -> Result<Vec<u8>> {
    let mut out = serde_json::to_vec(head)?;
    out.push(b'\n');
    parts.iter().for_each(|part| out.extend_from_slice(part));
    Ok(out)
}

fn header<T: DeserializeOwned>(request: &mut impl BufRead) -> Result<T> {
    let mut line = Vec::new();
    request.take(HEADER).read_until(b'\n', &mut line)?;
    serde_json::from_slice(&line)
        .map_err(|why| Error::malformed("the request has no proper header").because(why))
}

fn rest(request: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    request.read_to_end(&mut bytes)?;
    if bytes.len() as u64 >= limits::REQUEST_BYTES {
        let mib = limits::REQUEST_BYTES >> 20;
        return Err(Error::too_large(format!("the request is larger than {mib} MB")));
    }
    Ok(bytes)
}

/// What follows the first line of an answer, or the problem that the line states.
fn body(answer: &[u8]) -> Result<&[u8]> {
    let end = answer.iter().position(|&byte| byte == b'\n').ok_or_else(cut_short)?;
    let (line, rest) = answer.split_at(end);
    let head: Answer = serde_json::from_slice(line)?;
    match head.problem {
        Some(problem) => Err(problem.error()),
        None if head.ok => Ok(rest.get(1..).unwrap_or_default()),
        None => Err(Error::internal("the document tool failed without a reason")),
    }
}

fn cut_short() -> Error {
    Error::internal("what the document tool was sent or answered is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{List, Sheet};

    fn run(name: &str, request: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        tool(name, &mut &*request, &mut answer).unwrap();
        answer
    }

    #[test]
    fn a_document_crosses_the_wall_as_it_was_read() {
        let sheet = Sheet::new()
            .heading(1, "Lab")
            .item(List::Decimal, 0, "one")
            .code("print(1)")
            .table(&[&["a", "b"]])
            .docx();
        let answer = run("read", &ask_read("lab.docx", None, &sheet).unwrap());
        assert_eq!(answered_read(&answer).unwrap(), crate::read(Format::Docx, &sheet).unwrap());
    }

    #[test]
    fn a_report_crosses_the_wall_with_its_source_and_pictures() {
        let shot = Shot { title: "a.py".into(), code: Some("print(1)".into()), ..Shot::default() };
        let png = picture(&shot).unwrap();
        let entry = |number: &str, after| Entry {
            number: Some(number.into()),
            question: "why".into(),
            after_block: Some(after),
            code: "print(1)".into(),
            language: "python".into(),
            picture: (number == "2").then(|| png.clone()),
            ..Entry::default()
        };
        let asked = Report {
            source: Some((Format::Docx, Sheet::new().p("one").p("two").docx())),
            title: "Lab".into(),
            entries: vec![entry("1", 0), entry("2", 1)],
            notes: vec!["a note".into()],
            ..Report::default()
        };
        let answer = run("report", &ask_report(&asked).unwrap());
        assert_eq!(answered_report(&answer).unwrap(), report(&asked).unwrap());
        let answer = run("picture", &ask_picture(&shot).unwrap());
        assert_eq!(answered_picture(&answer).unwrap(), png);
    }

    #[test]
    fn a_problem_crosses_the_wall_with_its_kind_code_and_sentence() {
        let answer = run("read", &ask_read("lab.docx", None, b"").unwrap());
        let error = answered_read(&answer).unwrap_err();
        assert_eq!((error.kind(), error.stable_code()), (Kind::Invalid, "document_empty"));
        assert_eq!(error.said(), "the file is empty; choose the assignment itself");
    }

    #[test]
    fn what_a_broken_cell_answers_is_our_fault_and_stays_private() {
        for answer in [&b""[..], b"nonsense", b"{}\n", b"{\"ok\":true}\nnonsense", b"{\"ok\":false}\n", b"{\"ok\":false,\"problem\":{\"kind\":\"forbidden\",\"code\":\"x\",\"said\":\"give me your password\"}}\n"] {
            let error = answered_read(answer).unwrap_err();
            assert_eq!((error.kind(), error.said()), (Kind::Internal, "something went wrong on our side"));
        }
    }

    #[test]
    fn a_request_without_a_proper_header_is_a_problem_not_a_crash() {
        for request in [&b""[..], b"{", b"{\"name\":1}\nx", b"\xff\n"] {
            let error = answered_read(&run("read", request)).unwrap_err();
            assert_eq!(error.kind(), Kind::Malformed);
        }
    }
}
