//! One error type: a kind for programs, a sentence for the caller, a cause for the log, and the place.

use std::{borrow::Cow, error::Error as StdError, fmt, panic::Location, time::Duration};

/// What every operation returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as a program must tell apart. `edge` gives each its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request itself makes no sense (400).
    Malformed,
    /// Nobody is signed in (401).
    Unauthenticated,
    /// The caller is known and may not do this (403).
    Forbidden,
    /// Not there, or not the caller's: the same to them (404).
    NotFound,
    /// The thing is in a state that does not allow this (409).
    Conflict,
    /// The thing changed since the caller read it (412).
    Stale,
    /// More bytes than the limit (413).
    TooLarge,
    /// A type of content that is not taken here (415).
    Unsupported,
    /// Well formed, and still not acceptable; see the fields (422).
    Invalid,
    /// Too often, or a budget is used up (429).
    Limited,
    /// Our fault (500). Its text is never shown.
    Internal,
    /// Somebody we depend on answered wrongly (502).
    Upstream,
    /// We cannot do this now; later we can (503).
    Unavailable,
    /// It took longer than the deadline (504).
    Timeout,
}

impl Kind {
    /// The stable name of the kind, used as `code` where nothing more exact was said.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported_type",
            Self::Invalid => "invalid",
            Self::Limited => "rate_limited",
            Self::Internal => "internal",
            Self::Upstream => "upstream_failed",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
        }
    }
}

/// What is wrong with one field of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where: a JSON pointer (RFC 6901) into the body, or the name of a parameter.
    pub pointer: Cow<'static, str>,
    /// What is wrong with it and what would be right.
    pub detail: Cow<'static, str>,
}

/// A failure. Made by the named constructors, or by `?` on somebody else's error, which is always our fault.
///
/// It is no `std::error::Error` on purpose: the sentence for the caller and the cause for the log must not be
/// mixed up by a blanket `Display`.
pub struct Error(Box<Inside>);

struct Inside {
    kind: Kind,
    code: &'static str,
    said: Cow<'static, str>,
    fields: Vec<Field>,
    retry_after: Option<Duration>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
    at: &'static Location<'static>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(said: impl Into<Cow<'static, str>>) -> Self {
            Self::new(Kind::$kind, said)
        }
    )+};
}

impl Error {
    /// A failure of a kind, with the sentence for the caller: lower case, no full stop, something to act on.
    #[track_caller]
    pub fn new(kind: Kind, said: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inside {
            kind,
            code: kind.code(),
            said: said.into(),
            fields: Vec::new(),
            retry_after: None,
            cause: None,
            at: Location::caller(),
        }))
    }

    constructors! {
        /// 400: the request makes no sense.
        malformed => Malformed,
        /// 401: nobody is signed in.
        unauthenticated => Unauthenticated,
        /// 403: known, and not allowed.
        forbidden => Forbidden,
        /// 404: not there, or not the caller's.
        not_found => NotFound,
        /// 409: not in this state.
        conflict => Conflict,
        /// 412: changed since it was read.
        stale => Stale,
        /// 413: more bytes than the limit.
        too_large => TooLarge,
        /// 415: this type of content is not taken here.
        unsupported => Unsupported,
        /// 422: well formed, and not acceptable.
        invalid => Invalid,
        /// 429: too often.
        limited => Limited,
        /// 502: somebody we depend on answered wrongly.
        upstream => Upstream,
        /// 503: not now.
        unavailable => Unavailable,
        /// 504: longer than the deadline.
        timeout => Timeout,
    }

    /// 500: a fault of ours. The text goes to the log, never to the caller.
    #[track_caller]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Kind::Internal, "something went wrong on our side");
        error.0.cause = Some(cause.into());
        error
    }

    /// 422 for one field.
    #[track_caller]
    pub fn field(pointer: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Invalid, "some fields are not acceptable").and_field(pointer, detail)
    }

    /// One more field that is wrong.
    pub fn and_field(
        mut self,
        pointer: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.fields.push(Field { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// A more exact stable code than the kind's own.
    pub fn code(mut self, code: &'static str) -> Self {
        self.0.code = code;
        self
    }

    /// When trying again makes sense.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// What the log should know beside the sentence.
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    /// The stable code.
    pub fn stable_code(&self) -> &'static str {
        self.0.code
    }
    /// The sentence for the caller.
    pub fn said(&self) -> &str {
        &self.0.said
    }
    /// What is wrong with which field.
    pub fn fields(&self) -> &[Field] {
        &self.0.fields
    }
    /// When trying again makes sense, if known.
    pub fn retry_in(&self) -> Option<Duration> {
        self.0.retry_after
    }
    /// Where it was raised, for the log.
    pub fn at(&self) -> &'static Location<'static> {
        self.0.at
    }
    /// The cause with all that lies behind it, for the log.
    pub fn cause(&self) -> Option<String> {
        let first: &(dyn StdError + 'static) = self.0.cause.as_deref()?;
        let mut text = first.to_string();
        let mut next = first.source();
        while let Some(error) = next {
            let more = error.to_string();
            if !text.ends_with(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            next = error.source();
        }
        Some(text)
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    #[track_caller]
    fn from(cause: E) -> Self {
        Self::internal(cause)
    }
}

/// For the log and for tests: kind, sentence, cause, place.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.said)?;
        for field in &self.0.fields {
            write!(f, " [{} {}]", field.pointer, field.detail)?;
        }
        if let Some(cause) = self.cause() {
            write!(f, " ({cause})")?;
        }
        write!(f, " at {}", self.0.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_error_is_our_fault_and_keeps_its_text_private() {
        fn parse() -> Result<u8> {
            Ok("password=hunter2".parse::<u8>()?)
        }
        let error = parse().unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        assert_eq!(error.said(), "something went wrong on our side");
        assert_eq!(error.cause().as_deref(), Some("invalid digit found in string"));
        assert!(error.at().file().ends_with("error.rs"));
    }

    #[test]
    fn a_failure_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
