//! A refusal in the words of OAuth: `error` and `error_description` (RFC 6749 §5.2 and its kin).

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use stoa_core::Error;
use stoa_edge::{ForeignFormat, Problem};
use utoipa::ToSchema;

/// What an endpoint of OAuth answers, or why not.
pub(crate) type Outcome<T> = Result<T, Refusal>;

/// Why not.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The client asked for something it does not get.
    Said(Said),
    /// A fault of ours, or of the moment.
    Fault(Error),
}

/// A refusal that the client may read.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// The registered error code.
    pub(crate) code: &'static str,
    /// What is wrong, for the client's developer.
    pub(crate) text: Cow<'static, str>,
    status: StatusCode,
    challenge: Option<&'static str>,
}

impl Refusal {
    /// A refusal with a registered code: 401 for `invalid_client`, else 400.
    pub(crate) fn new(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        let status =
            if code == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        Self::Said(Said { code, text: text.into(), status, challenge: None })
    }

    /// `invalid_request`.
    pub(crate) fn request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", text)
    }

    /// `invalid_grant`.
    pub(crate) fn grant(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_grant", text)
    }

    /// `invalid_client`; with a challenge where the client used the `Authorization` header (RFC 6749 §5.2).
    pub(crate) fn client(by_header: bool, text: impl Into<Cow<'static, str>>) -> Self {
        match Self::new("invalid_client", text) {
            Self::Said(said) if by_header => {
                Self::Said(Said { challenge: Some("Basic realm=\"stoa\", charset=\"UTF-8\""), ..said })
            }
            other => other,
        }
    }

    /// A token that opens nothing here (RFC 6750 §3.1).
    pub(crate) fn token(status: StatusCode, challenge: &'static str, text: &'static str) -> Self {
        let code = if status == StatusCode::FORBIDDEN { "insufficient_scope" } else { "invalid_token" };
        Self::Said(Said { code, text: text.into(), status, challenge: Some(challenge) })
    }

    /// The code, for the audit trail; nothing for a fault.
    pub(crate) fn said(&self) -> Option<&Said> {
        match self {
            Self::Said(said) => Some(said),
            Self::Fault(_) => None,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// The body of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct Body {
    /// The registered error code.
    #[schema(example = "invalid_grant")]
    error: &'static str,
    /// What is wrong, for the client's developer.
    #[schema(example = "the code was used already, has expired, or is none")]
    error_description: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Fault(error) => Problem::from(error).into_response(),
            Self::Said(said) => {
                let body = Body { error: said.code, error_description: said.text.into_owned() };
                let mut answer = (said.status, ForeignFormat::mark(), Json(body)).into_response();
                let headers = answer.headers_mut();
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                if let Some(challenge) = said.challenge {
                    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
                }
                answer
            }
        }
    }
}
