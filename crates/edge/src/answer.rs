//! Answers that many handlers give: a page of a list, something made, a version that is guarded.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use stoa_core::{Digest, Error, JobId, Result, Timestamp};
use stoa_store::PageOf;
use utoipa::ToSchema;

use crate::{Json, Problem, door::API};

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Hand this back as `after` for the next page; `null` on the last.
    #[schema(required, example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    pub next: Option<String>,
}

impl<T> From<PageOf<T>> for List<T> {
    fn from(page: PageOf<T>) -> Self {
        Self { items: page.items, next: page.next }
    }
}

/// 201, with where the new thing is.
#[derive(Clone, Debug)]
pub struct Created<T> {
    /// The path below `/api/v1`, as `/labs/ID`.
    pub at: String,
    /// The thing.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        with_location(StatusCode::CREATED, &self.at, Json(self.body).into_response())
    }
}

/// 202: a job does it; `Location` is the job.
#[derive(Clone, Debug)]
pub struct Accepted<T> {
    /// The job.
    pub job: JobId,
    /// What is known of it by now.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        with_location(StatusCode::ACCEPTED, &format!("/jobs/{}", self.job), Json(self.body).into_response())
    }
}

fn with_location(status: StatusCode, at: &str, mut response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    match HeaderValue::try_from(format!("{API}{at}")) {
        Ok(location) => {
            *response.status_mut() = status;
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(cause) => Problem::from(Error::internal(cause)).into_response(),
    }
}

/// The version of a thing that people edit (RFC 9110 §8.8.3), strong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(HeaderValue);

/// The condition of a change, as the contract tells of it; [`ETag::check`] holds it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what `ETag::check` reads")]
pub struct IfMatch {
    /// The version that the caller saw: the change is refused when there is another by now. A time of change
    /// in microseconds, hexadecimal, in quotes.
    #[param(rename = "If-Match", required = false, example = "\"64bd1c9f3e590\"")]
    if_match: String,
}

impl ETag {
    /// From the time of the last change.
    ///
    /// # Errors
    /// Never in practice: a number is a header value.
    pub fn of_time(changed_at: Timestamp) -> Result<Self> {
        Ok(Self(HeaderValue::try_from(format!("\"{:x}\"", changed_at.micros()))?))
    }

    /// From the content.
    ///
    /// # Errors
    /// Never in practice: a digest is a header value.
    pub fn of_digest(digest: Digest) -> Result<Self> {
        Ok(Self(HeaderValue::try_from(format!("\"{}\"", &digest.hex()[..32]))?))
    }

    /// The header, to put beside a body: `([etag.header()], Json(thing))`.
    pub fn header(&self) -> (header::HeaderName, HeaderValue) {
        (header::ETAG, self.0.clone())
    }

    /// Whether the caller has this version already: answer 304 then.
    pub fn is_known_to(&self, headers: &HeaderMap) -> bool {
        listed(headers, &header::IF_NONE_MATCH, &self.0, true).unwrap_or(false)
    }

    /// Refuses a change that was made on the sight of another version. Without `If-Match` all is well. Ask
    /// inside the transaction that changes the thing.
    ///
    /// # Errors
    /// `stale` when the thing has changed.
    pub fn check(&self, headers: &HeaderMap) -> Result<()> {
        match listed(headers, &header::IF_MATCH, &self.0, false) {
            Some(false) => Err(Error::stale("this was changed by someone else; load it again")),
            Some(true) | None => Ok(()),
        }
    }
}

/// Whether a list of tags names this one; `None` where there is no list.
fn listed(headers: &HeaderMap, name: &header::HeaderName, tag: &HeaderValue, weak: bool) -> Option<bool> {
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    Some(lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(|asked| {
        let asked = asked.trim();
        let asked = if weak { asked.strip_prefix("W/").unwrap_or(asked) } else { asked };
        asked == "*" || asked.as_bytes() == tag.as_bytes()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_change_on_an_old_sight_is_refused() {
        let tag = ETag::of_time(Timestamp::from_micros(255)).unwrap();
        assert_eq!(tag.header().1, "\"ff\"");
        assert!(tag.check(&HeaderMap::new()).is_ok());
        assert!(tag.check(&asking(header::IF_MATCH, "\"a\", \"ff\"")).is_ok());
        assert!(tag.check(&asking(header::IF_MATCH, "*")).is_ok());
        assert_eq!(tag.check(&asking(header::IF_MATCH, "\"fe\"")).unwrap_err().stable_code(), "stale");
        assert!(tag.check(&asking(header::IF_MATCH, "W/\"ff\"")).is_err());
    }

    #[test]
    fn lm_30_what_is_known_is_not_sent_again() {
        let tag = ETag::of_time(Timestamp::from_micros(255)).unwrap();
        assert!(tag.is_known_to(&asking(header::IF_NONE_MATCH, "W/\"ff\"")));
        assert!(!tag.is_known_to(&asking(header::IF_NONE_MATCH, "\"fe\"")));
        assert!(!tag.is_known_to(&HeaderMap::new()));
    }
}
