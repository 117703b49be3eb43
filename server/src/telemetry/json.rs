//! Events as lines of JSON. The fields of the spans around an event stand in its line, at the top.
//!
//! Written by hand: a busy server writes a line for every request, and this costs one string and one write.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
};

use stoa_core::Clock;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::Stream;

/// Writes events as lines of JSON.
pub(super) struct Lines {
    stream: Stream,
    clock: Clock,
}

impl Lines {
    pub(super) fn new(stream: Stream, clock: Clock) -> Self {
        Self { stream, clock }
    }
}

/// A span's fields, already written.
struct Written(String);

/// The field under which a request's span carries its id, and the name it has in every line.
const REQUEST: (&str, &str, &str) = ("request", "id", "req");

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let mut fields = Fields { line: String::new(), request: span.name() == REQUEST.0 };
        attributes.record(&mut fields);
        span.extensions_mut().insert(Written(fields.line));
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let request = span.name() == REQUEST.0;
        if let Some(Written(line)) = span.extensions_mut().get_mut() {
            let mut fields = Fields { line: std::mem::take(line), request };
            record.record(&mut fields);
            *line = fields.line;
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let about = event.metadata();
        let mut line = String::with_capacity(384);
        let now = self.clock.now();
        let _a_string_takes_all = write!(line, r#"{{"time":"{now}","level":"{}""#, about.level());
        let mut fields = Fields { line, request: false };
        fields.text("target", about.target());
        event.record(&mut fields);
        let mut line = fields.line;
        for span in ctx.event_scope(event).into_iter().flatten() {
            if let Some(Written(fields)) = span.extensions().get() {
                line.push_str(fields);
            }
        }
        line.push_str("}\n");
        // A log that cannot be written cannot be complained about.
        let _lost = match self.stream {
            Stream::Stdout => io::stdout().lock().write_all(line.as_bytes()),
            Stream::Stderr => io::stderr().lock().write_all(line.as_bytes()),
        };
    }
}

/// Writes `,"name":value` for each field.
struct Fields {
    line: String,
    request: bool,
}

impl Fields {
    fn name(&mut self, name: &str) {
        let name = if self.request && name == REQUEST.1 { REQUEST.2 } else { name };
        self.line.push(',');
        quote(&mut self.line, name);
        self.line.push(':');
    }

    fn plain(&mut self, name: &str, value: impl fmt::Display) {
        self.name(name);
        let _a_string_takes_all = write!(self.line, "{value}");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quote(&mut self.line, value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), &format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field.name(), value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field.name(), value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field.name(), value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.plain(field.name(), value);
        } else {
            self.text(field.name(), &value.to_string());
        }
    }
}

/// Text as a JSON string (RFC 8259 §7).
fn quote(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            c if c.is_control() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _a_string_takes_all = write!(line, "\\u{unit:04x}");
                }
            }
            c => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_json_string_on_one_line() {
        for text in ["", "a\"b\\c", "zeile\nzwei\r\t", "\u{0}\u{1b}[31m\u{7f}\u{85}", "ж🦀\u{2028}"] {
            let mut line = String::new();
            quote(&mut line, text);
            assert!(!line.contains(['\n', '\r', '\u{1b}']), "{line:?}");
            assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        }
    }
}
