//! `Idempotency-Key`: the same key and body within a day give the same answer, and the work is done once.
//!
//! The first request claims a row before its handler runs; others with the same key wait for its answer. Only
//! successes are kept: whatever failed has changed nothing and may be tried again under the same key. A try that
//! was cut off (by its deadline or a crash) is never repeated by itself, because nobody knows how far it came.
//! Of a body that is streamed (an upload) only its type and length are compared: it is not held, and the
//! boundary of a form differs with each try.

mod rows;
mod sealed;

use std::{future::Future, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use stoa_core::{Actor, Digest, Error, Result, Timestamp, digest};
use stoa_store::Ctx;

use self::{rows::Found, sealed::Kept};
use crate::{House, Problem, authenticator::presented, door::DoorPlan, json};

pub(crate) use self::rows::sweep;

/// Wakes those who wait for another's answer.
const TOPIC: &str = "edge.idempotency";
/// How long a second request waits for the first.
const PATIENCE: Duration = Duration::from_secs(10);
/// A wake-up may be lost; then one looks again after this.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Longer than any handler runs past its deadline.
const MARGIN: Duration = Duration::from_secs(5);

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What is needed to answer a request once.
pub(crate) struct Once {
    ctx: Ctx,
    id: Digest,
    fingerprint: Digest,
    credential: String,
    running_until: Timestamp,
    expires_at: Timestamp,
}

/// Reads the key of a request, if it has one and it means something here. The body is read (and put back) to
/// tell it from another.
pub(crate) async fn asked(house: &House, door: &DoorPlan, request: &mut Request) -> Result<Option<Once>> {
    if request.method() != Method::POST {
        return Ok(None);
    }
    let Some(key) = request.headers().get(KEY) else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
    let key =
        key.ok_or_else(|| Error::malformed("`Idempotency-Key` is 1 to 255 printable characters"))?.to_owned();
    let Some(ctx) = request.extensions().get::<Ctx>().cloned() else { return Ok(None) };
    let Actor::User(user) = &ctx.actor else { return Ok(None) };
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    let Some(credential) = presented(method, path, headers, house.cookie_name())? else { return Ok(None) };
    let credential = credential.text().to_owned();
    let id = digest(format!("{}\n{}\n{key}", user.id, door.name));
    let fingerprint = fingerprint(door, request).await?;
    let now = ctx.now();
    Ok(Some(Once {
        id,
        fingerprint,
        credential,
        running_until: now + door.deadline + MARGIN,
        expires_at: now + house.requests().idempotency_seconds,
        ctx,
    }))
}

async fn fingerprint(door: &DoorPlan, request: &mut Request) -> Result<Digest> {
    let mut text = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default().into_bytes();
    let of_headers = |headers: &HeaderMap, name| {
        headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let kind = of_headers(request.headers(), header::CONTENT_TYPE);
    text.push(b'\n');
    text.extend_from_slice(kind.split(';').next().unwrap_or_default().trim().as_bytes());
    text.push(b'\n');
    if door.streams {
        text.extend_from_slice(of_headers(request.headers(), header::CONTENT_LENGTH).as_bytes());
    } else {
        let body = json::whole(std::mem::take(request.body_mut())).await?;
        text.extend_from_slice(&body);
        *request.body_mut() = Body::from(body);
    }
    Ok(digest(text))
}

impl Once {
    /// The answer: `work`'s, if this is the first; else the one it gave.
    pub(crate) async fn answer(self, work: impl Future<Output = Response>) -> Response {
        match self.claim().await {
            Ok(None) => self.keep(work.await).await,
            Ok(Some(kept)) => {
                let mut answer = kept.into_response();
                answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                answer
            }
            Err(error) => Problem::from(error).into_response(),
        }
    }

    /// Claims the row, or waits for whoever has it. `None` means: it is ours, do the work.
    async fn claim(&self) -> Result<Option<Kept>> {
        let mut woken = self.ctx.store.signals.listen(TOPIC);
        let give_up = tokio::time::Instant::now() + PATIENCE;
        loop {
            let now = self.ctx.now();
            match rows::claim(&self.ctx.db, &self.row(), now).await? {
                Found::Ours => return Ok(None),
                Found::Other => {
                    return Err(Error::invalid("this `Idempotency-Key` was used for another request")
                        .code("idempotency_key_reused"));
                }
                Found::Answered(bytes) => return sealed::open(&self.credential, self.id, &bytes).map(Some),
                Found::Unknown => {
                    return Err(Error::conflict(
                        "the first try was cut off; look whether it was done, then use a new key",
                    )
                    .code("outcome_unknown"));
                }
                Found::Running if tokio::time::Instant::now() >= give_up => {
                    return Err(Error::conflict("the first request with this key is still being worked on")
                        .code("in_progress")
                        .retry_after(Duration::from_secs(1)));
                }
                Found::Running => {}
            }
            tokio::select! {
                () = woken.heard() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    fn row(&self) -> rows::Row {
        rows::Row {
            id: self.id,
            fingerprint: self.fingerprint,
            running_until: self.running_until,
            expires_at: self.expires_at,
        }
    }

    /// Writes down what was answered, so that the next one gets it.
    async fn keep(&self, answer: Response) -> Response {
        let status = answer.status();
        let failed = status.is_client_error() || status.is_server_error();
        let (answer, kept) = if failed {
            (answer, None)
        } else {
            match sealed::gather(answer).await {
                Ok((answer, kept)) => (answer, Some(kept)),
                Err(error) => return Problem::from(error).into_response(),
            }
        };
        let done = match kept {
            None if status == StatusCode::GATEWAY_TIMEOUT => rows::cut_off(&self.ctx.db, self.id).await,
            None => rows::release(&self.ctx.db, self.id).await,
            Some(kept) => match sealed::seal(&self.credential, self.id, &kept, self.ctx.rng()) {
                Ok(bytes) => rows::answered(&self.ctx.db, self.id, bytes).await,
                Err(error) => Err(error),
            },
        };
        if let Err(error) = done {
            // The work is done; that its answer was not kept is no reason to say otherwise.
            tracing::error!(?error, "the answer to an idempotency key could not be kept");
        }
        self.ctx.store.signals.wake(TOPIC);
        answer
    }
}
