//! A DOCX package: the zip around the parts, opened with suspicion.
//!
//! Counts what it inflates while inflating; what the zip says about sizes is never believed.

use std::io::{Cursor, Read};

use stoa_core::{Error, Result};
use zip::ZipArchive;

use crate::{limits, xml, xml::Element};

/// What the main part of a Word document may call itself.
const MAIN: [&str; 2] = ["wordprocessingml.document.main+xml", "wordprocessingml.template.main+xml"];

pub(crate) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    inflated: u64,
    /// The name of the main part, `word/document.xml` nearly always.
    pub(crate) main: String,
}

impl<'a> Package<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        if zip.len() > limits::ENTRIES {
            let most = limits::ENTRIES;
            return Err(Error::too_large(format!("the document holds more than {most} parts; split it")));
        }
        // Overlapping entries are how a small file copies out to terabytes.
        if zip.has_overlapping_files().map_err(broken)? {
            return Err(hostile("its parts overlap"));
        }
        let mut package = Self { zip, inflated: 0, main: String::new() };
        package.main = package.find_main()?;
        Ok(package)
    }

    /// A part as text, `None` if the package has no such part.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        crate::text::xml(bytes).map(Some).ok_or_else(|| broken(format!("{name} is not text")))
    }

    /// A part as a tree, `None` if the package has no such part.
    pub(crate) fn tree(&mut self, name: &str) -> Result<Option<Element>> {
        self.text(name)?.map(|text| xml::parse(name, &text)).transpose()
    }

    /// Where the relationships of the main part stand.
    pub(crate) fn relationships(&self) -> String {
        let (folder, file) = self.main.rsplit_once('/').unwrap_or(("", &self.main));
        if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") }
    }

    /// The part that the main part calls its styles, numbering and so on, by the end of the relationship type.
    pub(crate) fn related(&mut self, kind: &str) -> Result<Option<Element>> {
        let rels = self.relationships();
        let Some(tree) = self.tree(&rels)? else { return Ok(None) };
        let target = tree.children().find_map(|rel| {
            let is = rel.attribute("Type")?.rsplit('/').next() == Some(kind);
            if is && rel.attribute("TargetMode") != Some("External") { rel.attribute("Target") } else { None }
        });
        let Some(target) = target else { return Ok(None) };
        let name = match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => {
                self.main.rsplit_once('/').map_or(target.to_owned(), |(dir, _)| format!("{dir}/{target}"))
            }
        };
        self.tree(&name)
    }

    /// All names, for whoever adds a part.
    pub(crate) fn names(&self) -> Vec<String> {
        (0..self.zip.len()).filter_map(|at| Some(self.zip.name_for_index(at)?.ok()?.into_owned())).collect()
    }

    /// The zip itself, for whoever copies the package.
    pub(crate) fn into_zip(self) -> ZipArchive<Cursor<&'a [u8]>> {
        self.zip
    }

    fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(at) = self.index(name) else { return Ok(None) };
        let raw = self.zip.by_index_raw(at).map_err(broken)?;
        if raw.encrypted() {
            return Err(protected());
        }
        let packed = raw.compressed_size().max(1);
        drop(raw);
        let room = limits::INFLATED_BYTES.saturating_sub(self.inflated).min(limits::PART_BYTES);
        let mut entry = self.zip.by_index(at).map_err(broken)?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 1 << 14];
        loop {
            let read = entry.read(&mut chunk).map_err(broken)?;
            if read == 0 {
                break;
            }
            bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
            let size = bytes.len() as u64;
            if size > room {
                let mib = room >> 20;
                return Err(Error::too_large(format!(
                    "{name} unpacks to more than {mib} MB; split the document"
                )));
            }
            if size > 1 << 20 && size / packed > limits::RATIO {
                return Err(hostile("it unpacks to hundreds of times its size"));
            }
        }
        self.inflated += bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// Part names are the same whatever their case.
    fn index(&self, name: &str) -> Option<usize> {
        self.zip.index_for_name(name).or_else(|| {
            (0..self.zip.len()).find(|&at| {
                matches!(self.zip.name_for_index(at), Some(Ok(other)) if other.eq_ignore_ascii_case(name))
            })
        })
    }

    fn find_main(&mut self) -> Result<String> {
        let Some(types) = self.tree("[Content_Types].xml")? else {
            return Err(self.other_kind());
        };
        let called = |element: &Element| {
            Some((element.attribute("ContentType")?.to_owned(), element.attribute("PartName")?.to_owned()))
        };
        let parts: Vec<_> = types.children().filter_map(called).collect();
        if let Some((_, name)) = parts.iter().find(|(kind, _)| MAIN.iter().any(|main| kind.ends_with(main))) {
            return Ok(name.trim_start_matches('/').to_owned());
        }
        let about = |words: &str| parts.iter().any(|(kind, _)| kind.contains(words));
        if about("ms-word") && about("macroEnabled") {
            return Err(unsupported("a Word document with macros (.docm); save it as a plain .docx"));
        }
        if about("spreadsheetml") {
            return Err(unsupported("an Excel workbook; put the assignment into a Word document (.docx)"));
        }
        if about("presentationml") {
            return Err(unsupported(
                "a PowerPoint presentation; put the assignment into a Word document (.docx)",
            ));
        }
        if self.index("word/document.xml").is_some() {
            return Ok("word/document.xml".to_owned());
        }
        Err(self.other_kind())
    }

    fn other_kind(&self) -> Error {
        if self.index("content.xml").is_some() && self.index("mimetype").is_some() {
            return unsupported("an OpenDocument file (.odt); save it as Word (.docx)");
        }
        if self.index("word/document.xml").is_some() {
            return broken("no [Content_Types].xml");
        }
        unsupported("a ZIP archive without a Word document in it; upload the .docx itself")
    }
}

pub(crate) fn unsupported(what: &str) -> Error {
    Error::unsupported(format!("this is {what}"))
}

pub(crate) fn protected() -> Error {
    Error::unsupported(
        "the document is protected by a password; open it, remove the password, save it and upload it again",
    )
    .code("document_protected")
}

fn hostile(why: &str) -> Error {
    Error::invalid(format!("this file is not a document that a word processor wrote: {why}"))
}

/// Whatever the zip library complains about.
fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid(
        "the document is damaged and cannot be unpacked; open it in Word or LibreOffice, save it again and \
         upload the new file",
    )
    .because(why)
}
