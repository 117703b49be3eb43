//! Pages that the server draws itself, for a person whose browser a program has sent here. They load nothing, and work
//! without a script.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use stoa_core::{Error, Result};
use url::Url;

use crate::{ForeignFormat, House, pipeline::Nonce};

const PLAIN: &str = include_str!("../pages/plain.html");
const POSTING: &str = include_str!("../pages/posting.html");

impl House {
    /// A page of a few words. It links nowhere.
    ///
    /// # Errors
    /// Never in practice: its headers are fixed.
    pub fn plain_page(&self, status: StatusCode, title: &str, text: &str) -> Result<Response> {
        let nonce = Nonce::new(&self.store().rng);
        let page =
            filled(PLAIN, &[("NONCE", nonce.text()), ("TITLE", &escaped(title)), ("TEXT", &escaped(text))]);
        Ok(page_of(status, page, nonce))
    }

    /// A page that carries an answer to another site: a form with these fields that sends itself, or is sent with its
    /// button (OAuth 2.0 Form Post Response Mode §2). Its policy lets it post to that one origin and nowhere else.
    ///
    /// # Errors
    /// `internal` where the address is not one of the web.
    pub fn posting_page(&self, to: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let url = Url::parse(to)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Error::internal("a page posts to addresses of the web only"));
        }
        let nonce = Nonce::new(&self.store().rng).posting_to(url.origin().ascii_serialization());
        let inputs = fields.iter().map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\" />", escaped(name), escaped(value))
        });
        let page = filled(
            POSTING,
            &[
                ("NONCE", nonce.text()),
                ("HOST", &escaped(url.host_str().unwrap_or_default())),
                ("ACTION", &escaped(to)),
                ("FIELDS", &inputs.collect::<String>()),
            ],
        );
        Ok(page_of(StatusCode::OK, page, nonce))
    }
}

fn page_of(status: StatusCode, page: String, nonce: Nonce) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    let mut response = (status, ForeignFormat::mark(), kind, Body::from(page)).into_response();
    response.extensions_mut().insert(nonce);
    response
}

/// A page with its `%MARKS%` replaced. What takes their place is not looked through again; a page has no other `%`.
fn filled(page: &str, marks: &[(&str, &str)]) -> String {
    page.split('%')
        .map(|piece| marks.iter().find(|(mark, _)| *mark == piece).map_or(piece, |(_, text)| text))
        .collect()
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut page, c| {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            c => page.push(c),
        }
        page
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_say_stays_text() {
        assert_eq!(escaped("\"><script>&"), "&quot;&gt;&lt;script&gt;&amp;");
        assert_eq!(filled("<a %X%>%Y%</a>", &[("X", "%Y%"), ("Y", "y")]), "<a %Y%>y</a>");
        for page in [PLAIN, POSTING] {
            let marks = page.split('%').skip(1).step_by(2);
            assert!(
                marks.clone().count() >= 3
                    && marks.clone().all(|mark| mark.chars().all(|c| c.is_ascii_uppercase()))
            );
        }
    }
}
