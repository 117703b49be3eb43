//! A small XML tree under hard limits.
//!
//! Names are local (`w:p` is `p`): Word's prefixes vary, its local names do not clash where we look.
//! A DTD is refused before anything in it is looked at, so there are no entities but the five of XML itself.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use stoa_core::{Error, Result};

use crate::limits;

/// An element with what is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>)>,
    pub(crate) nodes: Vec<Node>,
    /// Where the element starts in the source, in bytes, and where it ends: just behind its closing tag.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Debug)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }
    /// The elements directly inside.
    pub(crate) fn children(&self) -> impl DoubleEndedIterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children().find(|child| &*child.name == name)
    }
    /// The `val` of a child, as Word writes properties: `<w:ilvl w:val="2"/>`.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attribute("val")
    }
    /// A property that is on by its presence (`<w:b/>`) unless it says otherwise (`<w:b w:val="0"/>`).
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        let child = self.child(name)?;
        Some(!matches!(child.attribute("val"), Some("0" | "false" | "off" | "none")))
    }
    /// The text directly inside.
    pub(crate) fn text(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        })
    }
}

/// Reads a part of a package. `part` is its name, for the sentence.
pub(crate) fn parse(part: &str, source: &str) -> Result<Element> {
    Parser { part, reader: Reader::from_str(source), open: Vec::new(), elements: 0, start: 0 }.run()
}

struct Parser<'a> {
    part: &'a str,
    reader: Reader<&'a [u8]>,
    open: Vec<Element>,
    elements: usize,
    /// Where the event being looked at starts.
    start: usize,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Element> {
        loop {
            self.start = self.position();
            let event = self.reader.read_event().map_err(|why| self.broken(why.to_string()))?;
            match event {
                Event::Start(tag) => {
                    let element = self.element(&tag)?;
                    self.open.push(element);
                    if self.open.len() > limits::DEPTH {
                        return Err(Error::invalid(format!(
                            "{} nests deeper than {} elements; no word processor writes that",
                            self.part,
                            limits::DEPTH
                        )));
                    }
                }
                Event::Empty(tag) => {
                    let element = self.element(&tag)?;
                    if let Some(root) = self.close(element) {
                        return Ok(root);
                    }
                }
                Event::End(_) => {
                    let Some(element) = self.open.pop() else { return Err(self.broken("a stray end tag")) };
                    if let Some(root) = self.close(element) {
                        return Ok(root);
                    }
                }
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let known = match name.resolve_char_ref() {
                        Ok(Some(character)) => Some(character),
                        _ => predefined(name.into_inner().as_ref()),
                    };
                    match known {
                        Some(character) => self.text(character.encode_utf8(&mut [0; 4])),
                        None => return Err(self.entities()),
                    }
                }
                Event::DocType(_) => return Err(self.entities()),
                Event::Eof => return Err(self.broken("it ends too early")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn element(&mut self, tag: &BytesStart<'_>) -> Result<Element> {
        self.elements += 1;
        if self.elements > limits::ELEMENTS {
            let (part, most) = (self.part, limits::ELEMENTS);
            return Err(Error::too_large(format!(
                "{part} has more than {most} elements; split the document"
            )));
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|why| self.broken(why.to_string()))?;
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|why| self.broken(why.to_string()))?;
            let key: &str = attribute.key.local_name().into_inner();
            attributes.push((key.into(), value.as_ref().into()));
            if attributes.len() > limits::ATTRIBUTES {
                return Err(self.broken("an element with hundreds of attributes"));
            }
        }
        let name: &str = tag.local_name().into_inner();
        Ok(Element { name: name.into(), attributes, nodes: Vec::new(), start: self.start, end: 0 })
    }

    /// Hands a finished element to its parent, or back if it was the outermost.
    fn close(&mut self, mut element: Element) -> Option<Element> {
        element.end = self.position();
        match self.open.last_mut() {
            Some(parent) => {
                parent.nodes.push(Node::Element(element));
                None
            }
            None => Some(element),
        }
    }

    fn text(&mut self, text: &str) {
        let Some(parent) = self.open.last_mut() else { return };
        // White space between elements is layout; inside `w:t` it is what the person wrote.
        if &*parent.name != "t" && text.trim().is_empty() {
            return;
        }
        match parent.nodes.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => parent.nodes.push(Node::Text(text.to_owned())),
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn broken(&self, why: impl Into<String>) -> Error {
        Error::invalid(format!(
            "the document is damaged ({} is not well-formed XML); open it in Word or LibreOffice, save it again \
             and upload the new file",
            self.part
        ))
        .because(why.into())
    }

    fn entities(&self) -> Error {
        Error::invalid(format!(
            "{} declares or uses XML entities, which no word processor writes; save the document again in Word \
             or LibreOffice and upload the new file",
            self.part
        ))
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}
