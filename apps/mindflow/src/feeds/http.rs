//! The doors to feeds.
#![expect(unused_qualifications, reason = "the macro for parameters writes whole paths")]

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use stoa_core::{Timestamp, TokenId, digest};
use stoa_edge::{Answer, Caller, Created, ETag, Json, List, Path, Query};
use stoa_identity::tokens::model::Token;
use utoipa::{IntoParams, ToSchema};

use super::ops;
use crate::export::calendar::Shape;

/// Where the calendar is.
const PATH: &str = "/api/v1/tasks/feed.ics";

/// What a new feed is for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskFeedNew)]
pub(crate) struct NewFeed {
    /// Which program subscribes: 1 to 100 characters on one line.
    #[schema(min_length = 1, max_length = 100, example = "Calendar on my phone")]
    name: String,
}

/// A subscription to one's tasks, without what opens it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskFeed)]
pub(crate) struct Feed {
    /// Its id.
    id: TokenId,
    /// Which program subscribes.
    #[schema(example = "Calendar on my phone")]
    name: String,
    /// Where the calendar is.
    #[schema(example = "/api/v1/tasks/feed.ics")]
    path: &'static str,
    /// Since when.
    created_at: Timestamp,
    /// When it was last fetched, give or take a minute.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
}

/// A new subscription. The token is shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskFeedMade)]
pub(crate) struct MadeFeed {
    /// What opens it, and nothing else: the password to enter in the calendar, with any name.
    #[schema(example = "stoa_pat_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    token: String,
    /// Its id.
    id: TokenId,
    /// Which program subscribes.
    #[schema(example = "Calendar on my phone")]
    name: String,
    /// Where the calendar is.
    #[schema(example = "/api/v1/tasks/feed.ics")]
    path: &'static str,
    /// Since when.
    created_at: Timestamp,
}

impl From<Token> for Feed {
    fn from(token: Token) -> Self {
        let Token { id, name, created_at, last_used_at, .. } = token;
        Self { id, name, path: PATH, created_at, last_used_at }
    }
}

/// What a calendar holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskFeedShows)]
pub(crate) enum Shows {
    /// What is due, as events: for calendars that only show days.
    #[default]
    Events,
    /// All that is open and what was done within 30 days, as to-dos: for programs that keep tasks.
    Todos,
}

/// What can be asked of a calendar.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// As what tasks are written.
    #[param(inline)]
    show: Option<Shows>,
}

/// Your feeds
///
/// Newest first, without what opens them. They are tokens of the scope `tasks:feed`.
#[utoipa::path(get, operation_id = "list_task_feeds", path = "/tasks/feeds", tag = "tasks",
    responses((status = 200, description = "Newest first", body = List<Feed>)))]
pub(crate) async fn list(Caller(ctx): Caller) -> Answer<Json<List<Feed>>> {
    let items = ops::list(&ctx).await?.into_iter().map(Feed::from).collect();
    Ok(Json(List { items, next: None }))
}

/// Make a feed
///
/// For a calendar to subscribe to, with a token that opens nothing else.
#[utoipa::path(post, operation_id = "add_task_feed", path = "/tasks/feeds", tag = "tasks", request_body = NewFeed,
    responses((status = 201, description = "The feed, its token shown this once", body = MadeFeed, headers(("location" = String, description = "the feed"))),
        (status = 409, description = "`too_many_tokens`")))]
pub(crate) async fn create(Caller(ctx): Caller, Json(new): Json<NewFeed>) -> Answer<impl IntoResponse> {
    let (token, text) = ops::add(&ctx, new.name).await?;
    let Token { id, name, created_at, .. } = token;
    let body = MadeFeed { token: text.expose().to_owned(), id, name, path: PATH, created_at };
    let made = Created { at: format!("/tasks/feeds/{id}"), body };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], made))
}

/// Revoke a feed
#[utoipa::path(delete, operation_id = "revoke_task_feed", path = "/tasks/feeds/{id}", tag = "tasks", params(("id" = TokenId, Path, description = "The feed")),
    responses((status = 204, description = "Revoked, at once on all nodes")))]
pub(crate) async fn revoke(Caller(ctx): Caller, Path(id): Path<TokenId>) -> Answer<StatusCode> {
    ops::revoke(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Your tasks as a calendar
///
/// To subscribe to. Programs that know only a name and a password send the token as the password
/// (`Authorization: Basic`, RFC 7617) with any name; it never stands in the URL.
#[utoipa::path(get, operation_id = "task_feed", path = "/tasks/feed.ics", tag = "tasks", params(FeedQuery),
    responses((status = 200, description = "The calendar (RFC 5545)", body = String, content_type = "text/calendar", headers(("etag" = String, description = "The version, for `If-None-Match`"))),
        (status = 304, description = "It is as it was")))]
pub(crate) async fn feed(
    Caller(ctx): Caller,
    Query(asked): Query<FeedQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let shape = match asked.show.unwrap_or_default() {
        Shows::Events => Shape::Event,
        Shows::Todos => Shape::Todo,
    };
    let text = ops::calendar(&ctx, shape).await?;
    let tag = ETag::of_digest(digest(&text))?;
    if tag.is_known_to(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, [tag.header()]).into_response());
    }
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    Ok(([tag.header(), kind], text).into_response())
}
