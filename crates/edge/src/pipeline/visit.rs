//! One request from its first byte to the one line in the log that says what it was and what it cost.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{Extensions, HeaderMap, HeaderValue, Method};
use stoa_core::{Actor, Kind, RequestId, Rng};
use stoa_store::{Ctx, Db};

use super::{address, headers::REQUEST_ID};
use crate::{House, Problem, door::DoorPlan, rate::Counted};

/// What is known about a request while it is worked on. Dropped unfinished (the caller went away), it still
/// writes its line.
pub(super) struct Visit {
    pub(super) id: RequestId,
    pub(super) address: IpAddr,
    pub(super) door: Option<Arc<DoorPlan>>,
    pub(super) counted: Option<Counted>,
    /// The page of another address that may read the answer.
    pub(super) page: Option<HeaderValue>,
    method: Method,
    who: Actor,
    db: Option<Db>,
    code: Option<&'static str>,
    began: Instant,
    finished: bool,
}

/// The status of a request whose caller went away before the answer (as nginx writes it).
const GONE: u16 = 499;

impl Visit {
    pub(super) fn begin(
        house: &House,
        method: &Method,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Self {
        Self {
            id: request_id(headers, &house.store().rng),
            address: address::client(extensions.get(), headers, house.trusted_proxies()),
            door: None,
            counted: None,
            page: None,
            method: method.clone(),
            who: Actor::Nobody,
            db: None,
            code: None,
            began: Instant::now(),
            finished: false,
        }
    }

    /// The context for the handler; its account of cost is the one in the log line.
    pub(super) fn context(&mut self, house: &House) -> Ctx {
        let ctx = Ctx::new(house.store(), Actor::Nobody, self.id.clone());
        self.db = Some(ctx.db.clone());
        Ctx { address: Some(self.address), ..ctx }
    }

    pub(super) fn identified(&mut self, actor: &Actor) {
        self.who = actor.clone();
    }

    /// Writes down why it failed: our own faults with their cause, once, here.
    pub(super) fn failed(&mut self, problem: &Problem) {
        let error = problem.error();
        self.code = Some(error.stable_code());
        let (at, cause) = (error.at(), error.cause());
        let cause = cause.as_deref().unwrap_or("none");
        match error.kind() {
            Kind::Internal => tracing::error!(code = error.stable_code(), cause, %at, "a fault of ours"),
            Kind::Upstream | Kind::Unavailable | Kind::Timeout => {
                tracing::warn!(code = error.stable_code(), said = error.said(), cause, %at, "could not be done");
            }
            _ => tracing::debug!(code = error.stable_code(), said = error.said(), cause, %at, "refused"),
        }
    }

    pub(super) fn finished(mut self, status: u16) {
        self.write(status);
    }

    fn write(&mut self, status: u16) {
        self.finished = true;
        let took = self.began.elapsed();
        let cost = self.db.as_ref().map(Db::cost);
        let (statements, rows, waited) =
            cost.map_or((0, 0, Duration::ZERO), |cost| (cost.statements(), cost.rows(), cost.time()));
        match &self.door {
            Some(door) => {
                door.meters.count(&door.name, status, took);
                tracing::info!(
                    door = &*door.name,
                    who = %self.who,
                    status,
                    code = self.code,
                    statements,
                    rows,
                    db_ms = millis(waited),
                    total_ms = millis(took),
                    "request"
                );
            }
            None => {
                tracing::info!(
                    door = %format_args!("{} -", self.method),
                    who = %self.who,
                    status,
                    code = self.code,
                    total_ms = millis(took),
                    "request"
                );
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.finished {
            self.write(GONE);
        }
    }
}

/// The caller's own id if it is a sane token, else a new one.
fn request_id(headers: &HeaderMap, rng: &Rng) -> RequestId {
    headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .and_then(RequestId::sane)
        .unwrap_or_else(|| RequestId::new(rng))
}

/// Milliseconds with three digits: enough to see, short to read.
pub(crate) fn millis(time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a request fit a double exactly")]
    let micros = time.as_micros() as f64;
    micros / 1000.0
}
