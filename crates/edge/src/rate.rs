//! Rate classes: what is counted together, for whom, and what the answer says about it.

use std::{net::IpAddr, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use stoa_core::{Error, Result, UserId};
use stoa_store::{Class, Ctx, Decision};

use crate::config::RateConfig;

/// For whom a class counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountBy {
    /// The caller if there is one, else the address.
    Caller,
    /// The address alone: for guessing passwords and codes.
    Address,
}

/// Doors that share one budget per caller or address. Configuration may change the numbers by name.
#[derive(Clone, Copy, Debug)]
pub struct RateClass {
    /// Its name in configuration, headers and metrics.
    pub name: &'static str,
    /// How many at once, and how many per `per`.
    pub limit: u32,
    /// The window.
    pub per: Duration,
    /// For whom it counts.
    pub by: CountBy,
    /// Whether it outlives a restart.
    pub lasting: bool,
}

const MINUTE: Duration = Duration::from_secs(60);

/// Every door that names no other class.
pub const GENERAL: RateClass =
    RateClass { name: "general", limit: 600, per: MINUTE, by: CountBy::Caller, lasting: false };
/// Doors at which passwords and codes could be guessed.
pub const AUTH: RateClass =
    RateClass { name: "auth", limit: 5, per: MINUTE, by: CountBy::Address, lasting: true };
/// Doors at which the codes of a second factor could be guessed. Each account has a limit beside this one.
pub const MFA: RateClass =
    RateClass { name: "mfa", limit: 3, per: MINUTE, by: CountBy::Address, lasting: true };
/// Doors that hand a challenge to anybody: each leaves a row for some minutes.
pub const CHALLENGE: RateClass =
    RateClass { name: "challenge", limit: 30, per: MINUTE, by: CountBy::Address, lasting: false };
/// Doors at which accounts are asked for.
pub const SIGNUP: RateClass =
    RateClass { name: "signup", limit: 3, per: MINUTE, by: CountBy::Address, lasting: true };
/// Doors at which a way back into an account is asked for.
pub const RESET: RateClass =
    RateClass { name: "reset", limit: 3, per: MINUTE, by: CountBy::Address, lasting: true };
/// Doors that take files.
pub const UPLOAD: RateClass =
    RateClass { name: "upload", limit: 30, per: MINUTE, by: CountBy::Caller, lasting: false };
/// Doors at which browsers report.
pub const REPORT: RateClass =
    RateClass { name: "report", limit: 30, per: MINUTE, by: CountBy::Address, lasting: false };

/// A class with what configuration says about it, and its header made once.
pub(crate) struct Rate {
    class: Class,
    by: CountBy,
    policy: HeaderValue,
}

/// What counting said, for the headers.
pub(crate) struct Counted {
    policy: HeaderValue,
    name: &'static str,
    decision: Decision,
}

impl Rate {
    pub(crate) fn new(class: RateClass, config: Option<&RateConfig>) -> Result<Self> {
        let (limit, per) = config.map_or((class.limit, class.per), |config| (config.limit, config.seconds));
        if limit == 0 || per.is_zero() {
            return Err(Error::invalid(format!(
                "the rate `{}` must allow at least one in at least one second; it cannot be switched off",
                class.name
            )));
        }
        let policy = HeaderValue::try_from(format!("\"{}\";q={limit};w={}", class.name, per.as_secs()))?;
        let by = class.by;
        let class = Class { name: class.name, limit, per, lasting: class.lasting };
        Ok(Self { class, by, policy })
    }

    /// Counts one. Refuses when the limit is reached, and when it cannot be counted.
    pub(crate) async fn take(
        &self,
        ctx: &Ctx,
        user: Option<UserId>,
        address: IpAddr,
    ) -> (Option<Counted>, Result<()>) {
        let key = match user {
            Some(user) if self.by == CountBy::Caller => format!("u:{user}"),
            _ => address_key(address),
        };
        let decision = match ctx.store.counters.take(&ctx.db, &self.class, &key, ctx.now()).await {
            Ok(decision) => decision,
            Err(error) => {
                let cause = error.cause().unwrap_or_default();
                return (None, Err(Error::unavailable("requests cannot be counted now").because(cause)));
            }
        };
        let verdict = if decision.allowed {
            Ok(())
        } else {
            Err(Error::limited("too many requests; wait a little").retry_after(decision.retry_after))
        };
        (Some(Counted { policy: self.policy.clone(), name: self.class.name, decision }), verdict)
    }
}

/// Half of an IPv6 address belongs to one household; counting whole addresses would count nothing.
fn address_key(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => format!("a:{ip}"),
        IpAddr::V6(ip) => format!("a:{:x}", ip.to_bits() >> 64),
    }
}

const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

impl Counted {
    /// Writes `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let Self { policy, name, decision } = self;
        let wait = if decision.allowed { decision.reset } else { decision.retry_after };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let text = format!("\"{name}\";r={};t={seconds}", decision.remaining);
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(RATELIMIT, value);
            headers.insert(RATELIMIT_POLICY, policy);
        }
    }
}
