//! Devices: kinds of browsers that somebody signs in with, and a word when there is a new one.
//!
//! Owns the table `identity_browser`. A kind is a browser and a system, as `Firefox on Linux`: versions change by
//! themselves, and network addresses with every train. Not here: sessions, and which of them are still good.

pub(crate) mod letters;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
