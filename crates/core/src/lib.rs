//! The words everyone in the house uses: typed ids, errors, who acts and what they were
//! granted, time, chance, secrets.
//!
//! Owns no table, no socket, no file. Everyone may use it; it uses nothing of ours.
//! Not here: IO of any kind, HTTP status codes (those belong to `edge`), SQL (the `columns` feature only
//! says how an id is written in a row).

mod actor;
mod audience;
mod clock;
mod error;
mod granted;
mod id;
mod rng;
mod scope;
mod secret;
mod timestamp;

pub use actor::{Actor, Credential, Role, User};
pub use audience::Audience;
pub use clock::{Clock, TestClock};
pub use error::{Error, Field, Kind, Result};
pub use granted::{Edit, Granted, Read};
pub use id::{
    GrantId, GrantTag, Id, JobId, JobTag, RequestId, SessionId, SessionTag, TokenId, TokenTag, UserId,
    UserTag,
};
pub use rng::{Rng, TestRng};
pub use scope::Scopes;
pub use secret::{Digest, Secret, digest};
pub use timestamp::Timestamp;
