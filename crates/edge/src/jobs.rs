//! The doors to jobs: look, stop, follow. What a job is and does belongs to `stoa_jobs`, which knows no HTTP.
//!
//! A stream of a job begins with where it stands (`state`), tells what the job tells, each under its own number,
//! and `state` again whenever that changes. A `state` carries the number of the last event before it; the
//! terminal one carries the next, and ends the stream. Who comes again after that has heard everything: 204.

use std::{collections::VecDeque, time::Duration};

use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use http::StatusCode;
use stoa_core::{JobId, JobTag, Result};
use stoa_jobs::{JobView, State, cancel, events, failed, find, watch};
use stoa_store::{Ctx, Listener};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Answer, Caller, Event, Json, LastEventId, List, PageQuery, Paged, Part, Path, Sse,
    sse::{EventDocument, Resumed},
};

/// A wake-up may be lost; then one looks again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// A job of mine.
#[utoipa::path(
    get, path = "/jobs/{id}", tag = "jobs", operation_id = "get_job",
    params(("id" = JobId, Path, description = "The job")),
    responses((status = 200, description = "The job", body = JobView))
)]
async fn get_job(Caller(ctx): Caller, Path(id): Path<JobId>) -> Answer<Json<JobView>> {
    Ok(Json(find(&ctx, id).await?))
}

/// Asks a job to stop. One that has ended stays as it is.
#[utoipa::path(
    post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job",
    params(("id" = JobId, Path, description = "The job")),
    responses((status = 202, description = "Asked; see its state", body = JobView))
)]
async fn cancel_job(Caller(ctx): Caller, Path(id): Path<JobId>) -> Answer<(StatusCode, Json<JobView>)> {
    Ok((StatusCode::ACCEPTED, Json(cancel(&ctx, id).await?)))
}

/// Follows a job until it ends. `Last-Event-ID` resumes.
#[utoipa::path(
    get, path = "/jobs/{id}/events", tag = "jobs", operation_id = "follow_job",
    params(
        ("id" = JobId, Path, description = "The job"),
        Resumed
    ),
    responses(
        (status = 200, description = "Server-sent events: `progress`, `state`, and the job's own", content_type = "text/event-stream", body = EventDocument),
        (status = 204, description = "The job has ended and everything was heard")
    )
)]
async fn follow_job(
    Caller(ctx): Caller,
    Path(id): Path<JobId>,
    LastEventId(heard): LastEventId,
) -> Answer<Response> {
    let after = heard.unwrap_or(0);
    let job = find(&ctx, id).await?;
    if job.state.is_terminal() && after > job.events {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    // A number that was never given out comes from elsewhere: begin at the last that was.
    let after = after.min(job.events);
    Ok(Sse::new(&ctx, Follower::new(&ctx, id, after).events()).into_response())
}

/// Jobs that failed for good, newest first. For admins.
#[utoipa::path(
    get, path = "/admin/jobs/failed", tag = "admin", operation_id = "list_failed_jobs",
    params(PageQuery), responses((status = 200, description = "Newest first", body = List<JobView>))
)]
async fn failed_jobs(Caller(ctx): Caller, Paged(page): Paged<JobTag>) -> Answer<Json<List<JobView>>> {
    Ok(Json(failed(&ctx, page).await?.into()))
}

/// Follows one job for one caller.
struct Follower {
    ctx: Ctx,
    id: JobId,
    woken: Listener,
    after: i64,
    told: Option<State>,
    ready: VecDeque<Event>,
    over: bool,
}

impl Follower {
    fn new(ctx: &Ctx, id: JobId, after: i64) -> Self {
        let woken = watch(ctx, id);
        Self { ctx: ctx.clone(), id, woken, after, told: None, ready: VecDeque::new(), over: false }
    }

    fn events(self) -> impl Stream<Item = Result<Event>> + Send {
        stream::try_unfold(self, async |mut follower| {
            let next = follower.next().await?;
            Ok(next.map(|event| (event, follower)))
        })
    }

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.over {
                return Ok(None);
            }
            self.look().await?;
            if self.ready.is_empty() && !self.over {
                tokio::select! {
                    () = self.woken.heard() => {}
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
            }
        }
    }

    /// The job first, then its events: when it has ended, no event can come after those that it counts.
    async fn look(&mut self) -> Result<()> {
        let job = find(&self.ctx, self.id).await?;
        if !job.state.is_terminal() && self.told != Some(job.state) {
            self.told = Some(job.state);
            self.ready.push_back(Event::new(self.after, "state", &job)?);
        }
        if self.after < job.events || !job.state.is_terminal() {
            for event in events(&self.ctx, self.id, self.after).await? {
                self.after = event.number;
                self.ready.push_back(Event::new(event.number, &event.kind, &event.data)?);
            }
        }
        if job.state.is_terminal() && self.after >= job.events {
            self.over = true;
            self.ready.push_back(Event::new(job.events + 1, "state", &job)?);
        }
        Ok(())
    }
}

/// The doors to jobs as a part of their own.
pub(crate) fn part() -> Part {
    Part {
        routes: OpenApiRouter::new()
            .routes(routes!(get_job))
            .routes(routes!(cancel_job))
            .routes(routes!(follow_job))
            .routes(routes!(failed_jobs)),
        ..Part::new("jobs")
    }
}
