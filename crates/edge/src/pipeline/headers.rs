//! The headers that every answer carries.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use stoa_core::{Result, Rng};

/// Put into an answer's extensions by whoever makes a page: the content policy names it, inline styles carry it.
#[derive(Clone)]
pub(crate) struct Nonce {
    text: String,
    posts_to: Option<String>,
}

impl Nonce {
    /// 128 bits, new for every answer.
    pub(crate) fn new(rng: &Rng) -> Self {
        Self { text: rng.token::<16>(), posts_to: None }
    }

    /// For a page that is no more than a form, which goes to this origin and nowhere else.
    pub(crate) fn posting_to(self, origin: String) -> Self {
        Self { posts_to: Some(origin), ..self }
    }

    /// What elements of the page carry.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn policy(&self) -> Result<HeaderValue> {
        let nonce = &self.text;
        Ok(HeaderValue::try_from(match &self.posts_to {
            None => format!(
                "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob:; \
                 font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'none'; report-uri /csp-report"
            ),
            Some(origin) => format!(
                "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; \
                 form-action {origin}; frame-ancestors 'none'; report-uri /csp-report"
            ),
        })?)
    }
}

/// For everything that is not a page of ours: it may do nothing at all, even if a browser shows it.
const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), \
     geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";
/// Two years.
const HSTS: &str = "max-age=63072000";

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The fixed part of the headers, made once.
pub(crate) struct Fixed(Vec<(HeaderName, HeaderValue)>);

impl Fixed {
    pub(crate) fn new(https: bool) -> Self {
        let mut all = vec![
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
            (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if https {
            all.push((header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS)));
        }
        Self(all)
    }

    /// Writes them, and those that depend on the answer: `no-store` unless it says how it may be kept.
    pub(crate) fn write(&self, headers: &mut HeaderMap, nonce: Option<&Nonce>) -> Result<()> {
        headers.reserve(self.0.len() + 6);
        for (name, value) in &self.0 {
            headers.insert(name.clone(), value.clone());
        }
        let policy = nonce.map_or(Ok(HeaderValue::from_static(NOTHING)), Nonce::policy)?;
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Ok(())
    }
}
