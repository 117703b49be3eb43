//! Metrics in Prometheus' text format. The recorder is the process's own (that is how the `metrics` facade
//! works): installed once, before the first request.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use stoa_core::Result;
use stoa_store::Tasks;

/// Reads what was measured.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// From half a millisecond to half a minute, in seconds.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// Histograms are folded this often, or they would grow until somebody looks.
const UPKEEP: Duration = Duration::from_secs(5);

static INSTALLED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

impl Metrics {
    /// Installs the recorder, or takes the one that this process has already.
    ///
    /// # Errors
    /// When another recorder stands in its place.
    pub fn install() -> Result<Self> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = &*installed {
            return Ok(Self(handle.clone()));
        }
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?
            .install_recorder()?;
        describe();
        Ok(Self(installed.insert(handle).clone()))
    }

    /// The text for Prometheus.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds histograms until the process stops.
    pub fn keep(&self, tasks: &Tasks) {
        let (handle, stop) = (self.0.clone(), tasks.stopping().clone());
        tasks.spawn("edge.metrics", async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(UPKEEP) => handle.run_upkeep(),
                }
            }
        });
    }
}

fn describe() {
    metrics::describe_counter!("stoa_http_requests_total", "Requests by door and class of status.");
    metrics::describe_histogram!(
        "stoa_http_request_seconds",
        "Time to the beginning of the answer, by door."
    );
    metrics::describe_gauge!("stoa_http_connections", "Open connections.");
    metrics::describe_counter!("stoa_csp_violations_total", "Reported violations of the content policy.");
    metrics::describe_counter!("stoa_out_requests_total", "Calls to others, by outcome.");
}
