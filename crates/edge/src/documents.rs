//! The OpenAPI document and the page that reads it.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use stoa_core::{Error, Result, digest};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Answer, ETag, House, Part, pipeline::Nonce};

/// The finished document: known only when all parts are together, one of which serves it.
#[derive(Clone, Default)]
pub(crate) struct Documents(Arc<OnceLock<Document>>);

struct Document {
    json: Bytes,
    tag: ETag,
}

impl Documents {
    pub(crate) fn set(&self, document: &OpenApi) -> Result<()> {
        let json = Bytes::from(serde_json::to_vec(document)?);
        let tag = ETag::of_digest(digest(&json))?;
        // A second document cannot come: parts are put together once.
        let _first = self.0.set(Document { json, tag });
        Ok(())
    }
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "documents",
    responses((status = 200, description = "OpenAPI 3.1", body = Object), (status = 304, description = "Known already"))
)]
async fn openapi_json(State(documents): State<Documents>, headers: HeaderMap) -> Answer<Response> {
    let document = documents.0.get().ok_or_else(|| Error::unavailable("the document is not ready yet"))?;
    let common = [document.tag.header(), (header::CACHE_CONTROL, http::HeaderValue::from_static("no-cache"))];
    if document.tag.is_known_to(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let json = [(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"))];
    Ok((common, json, document.json.clone()).into_response())
}

/// This API as a page for people.
#[utoipa::path(get, path = "/docs", tag = "documents", responses((status = 200, description = "A page", content_type = "text/html")))]
async fn docs(State(house): State<House>) -> Response {
    let nonce = Nonce::new(&house.store().rng);
    let mut page = Html(PAGE.replace("%NONCE%", nonce.text())).into_response();
    page.extensions_mut().insert(nonce);
    page
}

/// The page's program.
#[utoipa::path(get, path = "/docs/docs.js", tag = "documents", responses((status = 200, description = "A script", content_type = "text/javascript")))]
async fn docs_script() -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, SCRIPT)
}

const PAGE: &str = include_str!("../pages/docs.html");
const SCRIPT: &str = include_str!("../pages/docs.js");

/// Document and page as a part of their own.
pub(crate) fn part(documents: &Documents) -> Part {
    Part {
        routes: OpenApiRouter::new().routes(routes!(openapi_json)).with_state(documents.clone()),
        root: OpenApiRouter::new().routes(routes!(docs)).routes(routes!(docs_script)),
        public: &["GET /openapi.json", "GET /docs", "GET /docs/docs.js"],
        ..Part::new("documents")
    }
}
