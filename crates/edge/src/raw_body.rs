//! A body that is no form and no JSON: bytes as they come.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use stoa_core::Result;

use crate::{Problem, json::body_failed};

/// The body as it comes, within the size that the door's [`Rule`](crate::Rule) allows.
#[derive(Debug)]
pub struct RawBody(Body);

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Ok(Self(request.into_body()))
    }
}

impl RawBody {
    /// The bytes as they come.
    pub fn bytes(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        self.0.into_data_stream().map_err(|error| body_failed(&error))
    }
}
