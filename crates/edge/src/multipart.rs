//! Uploads: `multipart/form-data` read field by field as it comes, never held whole.

use axum::{
    extract::{
        FromRequest, Multipart as AxumMultipart, Request,
        multipart::{Field as AxumField, MultipartError},
    },
    http::StatusCode,
};
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use stoa_core::{Error, Result};

use crate::{Problem, body::BodyFault};

/// A form with files. The door's [`Rule`](crate::Rule) says how large the whole may be.
#[derive(Debug)]
pub struct Multipart(AxumMultipart);

/// One field of a form.
#[derive(Debug)]
pub struct FormField<'a>(AxumField<'a>);

impl<S: Send + Sync> FromRequest<S> for Multipart {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match AxumMultipart::from_request(request, state).await {
            Ok(form) => Ok(Self(form)),
            Err(_) => Err(Error::unsupported("send a form, with `Content-Type: multipart/form-data`").into()),
        }
    }
}

impl Multipart {
    /// The next field. The one before must have been read or dropped.
    ///
    /// # Errors
    /// When the form is broken, too large or stops coming.
    pub async fn next(&mut self) -> Result<Option<FormField<'_>>> {
        Ok(self.0.next_field().await.map_err(failed)?.map(FormField))
    }
}

impl<'a> FormField<'a> {
    /// The field's name.
    pub fn name(&self) -> &str {
        self.0.name().unwrap_or_default()
    }

    /// The name of a file as its sender calls it: to show, never to use as a path.
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The type that the sender says it is. Look at the bytes instead.
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type()
    }

    /// The whole field as text of at most `limit` bytes.
    ///
    /// # Errors
    /// `invalid` when it is longer or not UTF-8; otherwise as [`Multipart::next`].
    pub async fn text(mut self, limit: usize) -> Result<String> {
        let name = self.name().to_owned();
        let mut whole = Vec::new();
        while let Some(chunk) = self.0.chunk().await.map_err(failed)? {
            whole.extend_from_slice(&chunk);
            if whole.len() > limit {
                return Err(Error::field(name, format!("is longer than {limit} bytes")));
            }
        }
        String::from_utf8(whole).map_err(|_| Error::field(name, "is not UTF-8"))
    }

    /// The bytes as they come.
    pub fn bytes(self) -> impl Stream<Item = Result<Bytes>> + Send + 'a {
        self.0.map_err(failed)
    }
}

#[track_caller]
fn failed(error: MultipartError) -> Error {
    let fault = BodyFault::behind(&error).or_else(|| {
        // A library's own limit; ours stands before it, so this is rare.
        (error.status() == StatusCode::PAYLOAD_TOO_LARGE).then_some(BodyFault::Broken)
    });
    match fault {
        Some(fault) => fault.error(),
        None => Error::malformed("the form is broken").code("broken_form").because(error),
    }
}
