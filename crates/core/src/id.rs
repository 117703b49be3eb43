//! Typed ids: one type per noun, so that a project's id in a person's column does not compile.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{Builder, Uuid};

use crate::{Clock, Error, Rng};

/// The id of one `T`: a UUIDv7 (RFC 9562 §5.7), so ids made later sort later.
///
/// `T` is a tag type and never built; it only keeps the ids of different nouns apart. A job's id where a
/// person's belongs does not compile (fw_b5):
///
/// ```compile_fail,E0308
/// fn erase(_: stoa_core::UserId) {}
/// fn fw_b5(job: stoa_core::JobId) {
///     erase(job);
/// }
/// ```
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

macro_rules! tags {
    ($($(#[$doc:meta])* $tag:ident => $id:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $tag {}
        $(#[$doc])*
        pub type $id = Id<$tag>;
    )+};
}

tags! {
    /// A person with an account.
    UserTag => UserId,
    /// A signed-in browser.
    SessionTag => SessionId,
    /// A personal access token.
    TokenTag => TokenId,
    /// What a person granted to an OAuth client, and the tokens that came of it.
    GrantTag => GrantId,
    /// A piece of durable work.
    JobTag => JobId,
}

impl<T> Id<T> {
    /// A new id. Time gives the order, chance the rest.
    pub fn new(clock: &Clock, rng: &Rng) -> Self {
        let millis = u64::try_from(clock.now().micros() / 1000).unwrap_or_default();
        Self(Builder::from_unix_timestamp_millis(millis, &rng.bytes::<10>()).into_uuid(), PhantomData)
    }

    /// The id behind a UUID that came from a row.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The plain UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = Error;
    /// Only the hyphenated form: one id has one spelling.
    fn from_str(text: &str) -> Result<Self, Error> {
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == 36 => Ok(Self::from_uuid(uuid)),
            _ => Err(Error::not_found("no such thing")),
        }
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Uuid::deserialize(from).map(Self::from_uuid)
    }
}

/// Names one request from the first log line to the last, through jobs and calls to others.
///
/// 8 to 64 characters of `[A-Za-z0-9._-]`: safe in a header and in a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestId(Box<str>);

impl RequestId {
    /// A fresh request id.
    pub fn new(rng: &Rng) -> Self {
        Self(rng.token::<12>().into())
    }

    /// The caller's own id, if it is a sane token.
    pub fn sane(text: &str) -> Option<Self> {
        let sane = (8..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        sane.then(|| Self(text.into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "columns")]
mod columns {
    use sea_orm::{
        ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
        sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
    };

    use super::{Id, Uuid};

    impl<T> From<Id<T>> for Value {
        fn from(id: Id<T>) -> Self {
            id.0.into()
        }
    }
    impl<T> TryGetable for Id<T> {
        fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
            Uuid::try_get_by(row, index).map(Self::from_uuid)
        }
    }
    impl<T> ValueType for Id<T> {
        fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
            <Uuid as ValueType>::try_from(value).map(Self::from_uuid)
        }
        fn type_name() -> String {
            "Id".into()
        }
        fn array_type() -> ArrayType {
            Uuid::array_type()
        }
        fn column_type() -> ColumnType {
            Uuid::column_type()
        }
    }
    impl<T> Nullable for Id<T> {
        fn null() -> Value {
            Uuid::null()
        }
    }
    impl<T> TryFromU64 for Id<T> {
        fn try_from_u64(_: u64) -> Result<Self, DbErr> {
            Err(DbErr::ConvertFromU64("Id"))
        }
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
    };

    use super::Id;

    impl<T> PartialSchema for Id<T> {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                .description(Some("A UUIDv7: ids made later sort later."))
                .examples(["019cade2-11c0-7b41-9c55-3f0a6d2e8b17"])
                .into()
        }
    }
    impl<T> ToSchema for Id<T> {
        fn name() -> Cow<'static, str> {
            "Id".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TestClock, TestRng};

    #[test]
    fn ids_made_later_sort_later() {
        let (clock, time) = TestClock::new();
        let rng = TestRng::seeded(1);
        let first = UserId::new(&clock, &rng);
        time.advance(std::time::Duration::from_millis(1));
        assert!(first < UserId::new(&clock, &rng));
        assert_eq!(first.uuid().get_version_num(), 7);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = UserId::new(&TestClock::new().0, &TestRng::seeded(1));
        assert_eq!(id.to_string().parse::<UserId>().unwrap(), id);
        assert!(id.uuid().simple().to_string().parse::<UserId>().is_err());
        assert!("".parse::<UserId>().is_err());
    }

    #[test]
    fn only_sane_request_ids_are_taken_over() {
        assert!(RequestId::sane("req-7f3a.1_x").is_some());
        for bad in ["short", "has space in it", "line\nbreak12", &"x".repeat(65)] {
            assert!(RequestId::sane(bad).is_none(), "{bad:?}");
        }
    }
}
