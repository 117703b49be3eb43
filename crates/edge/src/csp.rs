//! Where browsers report violations of the content policy: counted, logged shortly, never kept.

use axum::extract::Request;
use http::StatusCode;
use serde::Deserialize;
use stoa_core::Error;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Answer, Part, REPORT, Rule, json};

/// Bytes of a report; browsers send one or two kilobytes.
const MOST: u64 = 64 << 10;
/// Reports of one request that are looked at.
const REPORTS: usize = 20;

/// A violation as `report-uri` sends it (CSP level 3 §5.3).
#[derive(Deserialize)]
struct OldReport {
    #[serde(rename = "csp-report")]
    report: OldBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct OldBody {
    #[serde(default)]
    effective_directive: String,
    #[serde(default)]
    violated_directive: String,
    #[serde(default)]
    blocked_uri: String,
}

/// A violation as the Reporting API sends it.
#[derive(Deserialize)]
struct NewReport {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    body: NewBody,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewBody {
    #[serde(default)]
    effective_directive: String,
    #[serde(default, rename = "blockedURL")]
    blocked_url: String,
}

/// Takes reports of violations of the content policy from browsers.
#[utoipa::path(
    post, path = "/csp-report", tag = "health",
    request_body(content = String, content_type = "application/csp-report"),
    responses((status = 204, description = "Taken"))
)]
async fn csp_report(request: Request) -> Answer<StatusCode> {
    let reports = read(request).await?;
    for (directive, blocked) in reports.into_iter().take(REPORTS) {
        let directive = known(&directive);
        metrics::counter!("stoa_csp_violations_total", "directive" => directive).increment(1);
        let blocked = shown(&blocked);
        tracing::warn!(directive, blocked, "a browser reports a violation of the content policy");
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn read(request: Request) -> Answer<Vec<(String, String)>> {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let limits = request.extensions().get().copied().unwrap_or_else(json::JsonLimits::usual);
    let bytes = json::whole(request.into_body()).await?;
    match kind.as_str() {
        "application/csp-report" | "application/json" => {
            let OldReport { report } = json::read(&bytes, limits)?;
            let directive = if report.effective_directive.is_empty() {
                report.violated_directive
            } else {
                report.effective_directive
            };
            Ok(vec![(directive, report.blocked_uri)])
        }
        "application/reports+json" => {
            let reports: Vec<NewReport> = json::read(&bytes, limits)?;
            let violations = reports.into_iter().filter(|report| report.r#type == "csp-violation");
            Ok(violations.map(|report| (report.body.effective_directive, report.body.blocked_url)).collect())
        }
        _ => Err(Error::unsupported("send a report as browsers do").into()),
    }
}

/// Only directives that exist become labels: a stranger must not fill the metrics.
fn known(directive: &str) -> &'static str {
    const ALL: [&str; 17] = [
        "default-src",
        "script-src",
        "script-src-elem",
        "script-src-attr",
        "style-src",
        "style-src-elem",
        "style-src-attr",
        "img-src",
        "font-src",
        "connect-src",
        "media-src",
        "object-src",
        "frame-src",
        "worker-src",
        "manifest-src",
        "base-uri",
        "form-action",
    ];
    let name = directive.split_ascii_whitespace().next().unwrap_or_default();
    ALL.into_iter().find(|known| *known == name).unwrap_or("other")
}

/// The blocked address without query and fragment, which may hold secrets, short and printable.
fn shown(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    address.chars().filter(char::is_ascii_graphic).take(120).collect()
}

/// The door for reports as a part of its own.
pub(crate) fn part() -> Part {
    Part {
        root: OpenApiRouter::new().routes(routes!(csp_report)),
        public: &["POST /csp-report"],
        rules: vec![Rule::new("POST /csp-report").rate(REPORT).body(MOST)],
        ..Part::new("csp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mv_h3_what_strangers_report_cannot_fill_the_log_or_the_metrics() {
        assert_eq!(known("script-src-elem 'self'"), "script-src-elem");
        assert_eq!(known("made-up"), "other");
        assert_eq!(shown("https://x.example/a?token=secret#y"), "https://x.example/a");
        assert_eq!(shown("a\nb\u{202e}c"), "abc");
        assert_eq!(shown(&"x".repeat(10_000)).len(), 120);
    }
}
