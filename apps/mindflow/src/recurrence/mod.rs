//! Recurrence: when a task that comes again comes next.
//!
//! Owns no rows. Pure rules: what a recurrence rule says (RFC 5545 §3.3.10), on which days that falls, and how people
//! say it. Dates are civil; a time zone turns them into points in time only at the end, so that nine o'clock stays nine
//! o'clock over a change of the clocks. Not here: making the next task (`tasks`).
//!
//! Evaluated here rather than by a library: days are all that a task needs, and the library that there is brings a
//! second database of time zones.

mod days;
pub(crate) mod next;
mod parse;
pub(crate) mod rule;
mod words;
