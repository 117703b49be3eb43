//! Erasure: a person goes, with everything that is kept of them (GDPR article 17).
//!
//! Owns the column `erase_at` of accounts, and what happens when it has come. A person asks at the browser and has some
//! days to think better of it; then a job removes them: first nobody can act as them any more, then their jobs go and
//! what the parts keep, a little in each transaction, and last the account with whatever refers to it. A process that is
//! killed anywhere leaves an account that is due, and the next run goes on. What stays is the record that something was
//! done: it names the account by an id that is nobody's any more, and holds neither words nor addresses.
//! Not here: what a part keeps (each brings a `Personal`), and handing it over (`export`).

pub(crate) mod http;
pub(crate) mod jobs;
mod letters;
pub(crate) mod ops;
