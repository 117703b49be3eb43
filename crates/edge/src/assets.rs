//! The web app, embedded: compressed once when it was built, kept for ever under hashed names, checked by tag
//! under the others.
//!
//! In a debug build files are read from `web/dist` as they are; a release build has them inside. Without a built
//! web app there is a page that says how to build it.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use rust_embed::RustEmbed;
use stoa_core::{Error, Result, digest};

use crate::{Answer, ETag, House, Problem, pipeline::Nonce};

#[derive(RustEmbed)]
#[cfg_attr(not(test), folder = "$CARGO_MANIFEST_DIR/../../web/dist")]
#[cfg_attr(test, folder = "$CARGO_MANIFEST_DIR/tests/dist")]
#[allow_missing = true]
struct Built;

/// Names below this folder contain a hash of their content.
const HASHED: &str = "assets/";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const INDEX: &str = "index.html";
const NOT_BUILT: &str = include_str!("../pages/not-built.html");

/// What is behind no door: a file of the web app, the app itself for the paths it draws, or nothing.
pub(crate) async fn web_app(State(house): State<House>, request: Request) -> Response {
    match find(&house, &request) {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    }
}

fn find(house: &House, request: &Request) -> Answer<Response> {
    let nothing = || Problem::from(Error::not_found("there is nothing here"));
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(nothing());
    }
    let path = request.uri().path().trim_start_matches('/');
    if !path.is_empty()
        && path != INDEX
        && is_plain(path)
        && let Some(answer) = file(path, request.headers())?
    {
        return Ok(answer);
    }
    if draws(request.uri(), request.headers()) { Ok(index(house)?) } else { Err(nothing()) }
}

/// No way up, no hidden file, no compressed twin by its own name.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
        && !path.contains(['\\', '%', '\0'])
        && !path.ends_with(".br")
        && !path.ends_with(".gz")
}

/// Whether the app itself answers: a person's browser asks for a page, not for a file or for data.
fn draws(uri: &Uri, headers: &HeaderMap) -> bool {
    let path = uri.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    let reserved = ["/api", "/v1", "/oauth", "/mcp", "/.well-known"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    !reserved && wants_page && (path == "/" || path == "/index.html" || !last.contains('.'))
}

/// The app's own page: never kept, since each carries its own nonce.
fn index(house: &House) -> Result<Response> {
    let nonce = Nonce::new(&house.store().rng);
    let page = Built::get(INDEX);
    let page = match &page {
        Some(page) => std::str::from_utf8(&page.data)?,
        None => NOT_BUILT,
    };
    let mut response = Response::new(Body::from(page.replace("%NONCE%", nonce.text())));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response.extensions_mut().insert(nonce);
    Ok(response)
}

fn file(path: &str, headers: &HeaderMap) -> Result<Option<Response>> {
    let (name, coding) = best(path, headers);
    let Some(found) = Built::get(&name) else { return Ok(None) };
    let tag = ETag::of_digest(digest(found.metadata.sha256_hash()))?;
    let kept = if path.starts_with(HASHED) { FOR_EVER } else { ASK_AGAIN };
    let known = tag.is_known_to(headers);
    let body = match found.data {
        _ if known => Bytes::new(),
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let mut response = Response::new(Body::from(body));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let all = response.headers_mut();
    let (etag, value) = tag.header();
    all.insert(etag, value);
    all.insert(header::CACHE_CONTROL, kept);
    all.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        all.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    all.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    Ok(Some(response))
}

/// The smallest form of a file that the browser takes.
fn best<'a>(path: &'a str, headers: &HeaderMap) -> (Cow<'a, str>, Option<&'static str>) {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
        if accepts(accepted, coding) {
            let name = format!("{path}.{ending}");
            if Built::get(&name).is_some() {
                return (Cow::Owned(name), Some(coding));
            }
        }
    }
    (Cow::Borrowed(path), None)
}

fn accepts(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some(coding)
            && parts.all(|weight| !matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The types that a web build makes; anything else is a download.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_app_answers_for_pages_only() {
        let page = browser("text/html,application/xhtml+xml,*/*;q=0.8");
        for drawn in ["/", "/setup", "/labs/0198c3c2-0000-7000-8000-000000000000", "/apiary", "/index.html"] {
            assert!(draws(&Uri::try_from(drawn).unwrap(), &page), "{drawn}");
        }
        for not in ["/api", "/api/v1/x", "/mcp", "/.well-known/x", "/oauth/x", "/app.js", "/x/y.png"] {
            assert!(!draws(&Uri::try_from(not).unwrap(), &page), "{not}");
        }
        assert!(!draws(&Uri::from_static("/labs"), &browser("application/json")));
        assert!(!draws(&Uri::from_static("/labs"), &HeaderMap::new()));
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for bad in ["../Cargo.toml", "a/../../b", ".env", "a//b", "%2e%2e/x", "a\\b", "x.js.br"] {
            assert!(!is_plain(bad), "{bad}");
        }
        assert!(is_plain("assets/index-1a2b3c.js"));
    }

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn lm_30_hashed_files_are_kept_for_ever_and_others_are_asked_for_again() {
        let hashed = file("assets/app-1a2b3c.js", &HeaderMap::new()).unwrap().unwrap();
        assert_eq!(hashed.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(hashed.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let other = file("robots.txt", &HeaderMap::new()).unwrap().unwrap();
        assert_eq!(other.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = other.headers()[header::ETAG].to_str().unwrap();
        let known = file("robots.txt", &asking(header::IF_NONE_MATCH, tag)).unwrap().unwrap();
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert!(file("nothing.js", &HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn a_browser_gets_the_smallest_form_that_it_takes() {
        let get = |accepted| {
            file("assets/app-1a2b3c.js", &asking(header::ACCEPT_ENCODING, accepted)).unwrap().unwrap()
        };
        let brotli = get("gzip, br");
        assert_eq!(brotli.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(brotli.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(brotli.headers()[header::VARY], "accept-encoding");
        let plain = get("identity");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_ne!(plain.headers()[header::ETAG], brotli.headers()[header::ETAG]);
    }

    #[test]
    fn a_coding_that_is_refused_is_not_used() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.9", "br"));
        assert!(!accepts("br;q=0", "br"));
        assert!(!accepts("brotli", "br"));
    }
}
