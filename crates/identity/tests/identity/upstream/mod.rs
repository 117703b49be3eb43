//! Signing in with other providers, against one that says whatever a test wants.

mod accounts;
mod attacks;
mod issuer;
mod linking;
mod outages;
mod sign_in;
