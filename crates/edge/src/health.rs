//! Health: whether this process serves, and whether what it depends on does.
//!
//! Strangers learn one word. Who looks after the house sees each dependency, how fast it answered and since
//! when it is so. Checks run at most once a second, whoever asks.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{extract::State, response::IntoResponse};
use futures::future::join_all;
use http::StatusCode;
use serde::Serialize;
use stoa_core::{Error, Result, Timestamp};
use stoa_store::Store;
use tokio::sync::Mutex;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Answer, Caller, House, Json, Part, Rule};

/// A check that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what was found is good for.
const FRESH: Duration = Duration::from_secs(1);

type Looking = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One thing the house depends on.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    /// What is shown when it fails.
    failed: CheckState,
    look: Arc<dyn Fn() -> Looking + Send + Sync>,
}

impl Check {
    /// A check: a name, and how to look. The sentence of its failure is shown to admins.
    pub fn new<F: Future<Output = Result<()>> + Send + 'static>(
        name: &'static str,
        look: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self { name, failed: CheckState::Failing, look: Arc::new(move || Box::pin(look())) }
    }

    /// A check that leaves the process in service when it fails: admins see that something is slow or late.
    pub fn advice<F: Future<Output = Result<()>> + Send + 'static>(
        name: &'static str,
        look: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self { failed: CheckState::Degraded, ..Self::new(name, look) }
    }

    /// The checks of memory itself: rows and files.
    pub fn of_store(store: &Arc<Store>) -> Vec<Self> {
        let (rows, files) = (store.db.clone(), store.blobs.clone());
        vec![
            Self::new("database", move || {
                let rows = rows.clone();
                async move { rows.ping().await }
            }),
            Self::new("files", move || {
                let files = files.clone();
                async move { files.ping().await }
            }),
        ]
    }
}

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It does.
    Ok,
    /// It does, but not as it should; the process stays in service.
    Degraded,
    /// It does not, and without it the process cannot serve.
    Failing,
}

/// What a check found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckReport {
    /// What was looked at.
    #[schema(example = "files")]
    pub name: &'static str,
    /// Whether it works.
    pub status: CheckState,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "no answer within 2 s")]
    pub detail: Option<String>,
    /// How long it took to answer, in milliseconds.
    #[schema(example = 3)]
    pub latency_ms: u64,
    /// Since when it is so.
    pub since: Timestamp,
}

/// What all checks found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HealthReport {
    /// The worst of all.
    pub status: CheckState,
    /// Each dependency.
    pub checks: Vec<CheckReport>,
}

/// The checks and what they found last.
#[derive(Clone)]
pub(crate) struct Health(Arc<Inside>);

struct Inside {
    store: Arc<Store>,
    checks: Vec<Check>,
    last: Mutex<Option<(Instant, HealthReport)>>,
}

impl Health {
    pub(crate) fn new(store: Arc<Store>, checks: Vec<Check>) -> Self {
        Self(Arc::new(Inside { store, checks, last: Mutex::default() }))
    }

    async fn report(&self) -> HealthReport {
        let mut last = self.0.last.lock().await;
        if let Some((at, report)) = &*last
            && at.elapsed() < FRESH
        {
            return report.clone();
        }
        let before = last.take().map(|(_, report)| report.checks).unwrap_or_default();
        let now = self.0.store.clock.now();
        let mut checks = join_all(self.0.checks.iter().map(|check| look(check, now))).await;
        for check in &mut checks {
            if let Some(same) = before.iter().find(|old| old.name == check.name && old.status == check.status)
            {
                check.since = same.since;
            } else if check.status > CheckState::Ok {
                let detail = check.detail.as_deref().unwrap_or_default();
                tracing::warn!(check = check.name, detail, "something the house depends on fails");
            } else if !before.is_empty() {
                tracing::info!(check = check.name, "something the house depends on works again");
            }
        }
        let status = checks.iter().map(|check| check.status).max().unwrap_or(CheckState::Ok);
        let report = HealthReport { status, checks };
        *last = Some((Instant::now(), report.clone()));
        report
    }

    async fn is_ready(&self) -> bool {
        !self.0.store.tasks.stopping().is_cancelled() && self.report().await.status < CheckState::Failing
    }
}

async fn look(check: &Check, now: Timestamp) -> CheckReport {
    let began = Instant::now();
    let found = match tokio::time::timeout(PATIENCE, (check.look)()).await {
        Ok(found) => found,
        Err(_) => Err(Error::timeout(format!("no answer within {} s", PATIENCE.as_secs()))),
    };
    let latency_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, detail) = match found {
        Ok(()) => (CheckState::Ok, None),
        Err(error) => {
            tracing::debug!(check = check.name, ?error, "a check failed");
            (check.failed, Some(error.said().to_owned()))
        }
    };
    CheckReport { name: check.name, status, detail, latency_ms, since: now }
}

/// One word about the process.
#[derive(Serialize, ToSchema)]
pub(crate) struct Word {
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process serves.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "It serves", body = Word)))]
pub(crate) async fn healthz() -> Json<Word> {
    Json(Word { status: "ok" })
}

/// Whether the process and all it depends on can do their work.
#[utoipa::path(
    get, path = "/readyz", tag = "health",
    responses(
        (status = 200, description = "They can", body = Word),
        (status = 503, description = "They cannot, or the process is ending", body = Word)
    )
)]
async fn readyz(State(health): State<Health>) -> impl IntoResponse {
    ready(&health).await
}

pub(crate) async fn ready(health: &Health) -> impl IntoResponse + use<> {
    if health.is_ready().await {
        (StatusCode::OK, crate::ForeignFormat::mark(), Json(Word { status: "ok" }))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, crate::ForeignFormat::mark(), Json(Word { status: "unavailable" }))
    }
}

/// Each dependency with its state. For admins.
#[utoipa::path(get, path = "/admin/health", tag = "admin", responses((status = 200, description = "What was found, at most a second ago", body = HealthReport)))]
async fn admin_health(Caller(ctx): Caller, State(health): State<Health>) -> Answer<Json<HealthReport>> {
    ctx.actor.admin()?;
    Ok(Json(health.report().await))
}

/// The health doors as a part of their own.
pub(crate) fn part(health: &Health) -> Part {
    let state: OpenApiRouter<House> =
        OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).with_state(health.clone());
    Part {
        routes: OpenApiRouter::new().routes(routes!(admin_health)).with_state(health.clone()),
        root: state,
        public: &["GET /healthz", "GET /readyz"],
        rules: vec![Rule::new("GET /healthz").probe(), Rule::new("GET /readyz").probe()],
        ..Part::new("health")
    }
}
