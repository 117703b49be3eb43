//! The modules of the OpenID Foundation's conformance suite for providers (plans Basic, Config, Dynamic, Form Post,
//! RP-initiated and back-channel logout): one test for each, named after it, which asks what the module asks (G15 O1, O2).

mod basic;
mod core;
mod dynamic;
mod form_post;
mod hints;
mod logout;
mod suite;
mod told;
