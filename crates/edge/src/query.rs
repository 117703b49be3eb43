//! What a URL says: parameters in the path and in the query.

use axum::extract::{FromRequestParts, Path as AxumPath};
use http::request::Parts;
use serde::{Deserialize, de::DeserializeOwned};
use stoa_core::{Error, Result};
use stoa_store::Page;
use utoipa::IntoParams;

use crate::Problem;

/// Parameters in the path. One that cannot be read names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(cause) => Err(Error::not_found("there is nothing here").because(cause.to_string()).into()),
        }
    }
}

/// Parameters in the query.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())?))
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T> {
    let from = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(from).map_err(|error| {
        let name = error.path().to_string();
        let text = error.into_inner().to_string();
        match text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(missing) => Error::field(missing.to_owned(), "is missing"),
            None => Error::field(name, text),
        }
    })
}

/// What a list can be asked.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many rows at most: 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// `next` of the page before.
    #[param(example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    pub after: Option<String>,
}

/// Which page of a list is wanted, from `?limit=` and `?after=`.
#[derive(Debug)]
pub struct Paged<T>(pub Page<T>);

impl<S: Sync, T> FromRequestParts<S> for Paged<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(PageQuery { limit, after }) = Query::from_request_parts(parts, state).await?;
        Ok(Self(Page::asked(limit, after.as_deref())?))
    }
}
