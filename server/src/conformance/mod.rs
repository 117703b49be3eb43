//! What the public conformance suite of MCP wants to find: tools, resources and prompts that say one of each thing.
//!
//! Offered by `stoa serve --mcp-conformance` alone, on this machine's own address alone, and then nothing else is
//! offered at `/mcp`: the suite brings no credential. Owns nothing. Not here: how the protocol is spoken, which is the
//! same code for everybody.

mod content;
mod input;
mod legacy;
mod prompts;

use std::{net::SocketAddr, sync::Arc};

use stoa_core::{Error, Result};
use stoa_edge::{Part, Toolbox};
use url::Url;

/// The fixtures, as a part of the house.
///
/// # Errors
/// When others than this machine could reach them: they open without sign-in.
pub(crate) fn part(listens: Option<SocketAddr>, public_url: Option<&Url>) -> Result<Part> {
    let here = listens.is_some_and(|address| address.ip().is_loopback());
    let said =
        public_url.and_then(Url::host_str).is_some_and(|host| ["127.0.0.1", "localhost"].contains(&host));
    if !here || !said {
        return Err(Error::invalid(
            "`--mcp-conformance` opens a door without sign-in: use it with `--listen 127.0.0.1:PORT` and no other public \
             address",
        ));
    }
    let asking = Arc::new(legacy::Asking::default());
    let mut tools = content::tools();
    tools.extend(legacy::tools(&asking));
    tools.extend(input::tools());
    let tools = Toolbox {
        instructions: "Fixtures of the conformance suite.",
        tools,
        resources: content::resources(),
        templates: content::templates(),
        prompts: prompts::prompts(),
        legacy: Some(asking),
        open: true,
        ..Toolbox::default()
    };
    Ok(Part { tools, ..Part::new("conformance") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixtures_open_on_this_machines_own_address_alone() {
        let tried = |listens: Option<&str>, public: &str| {
            part(listens.map(|address| address.parse().unwrap()), Some(&public.parse().unwrap())).is_ok()
        };
        let (here, local) = (Some("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert!(tried(here, local) && tried(Some("[::1]:8080"), "http://localhost:8080"));
        assert!(!tried(Some("0.0.0.0:8080"), local) && !tried(Some("192.0.2.1:8080"), local));
        assert!(!tried(here, "https://stoa.example") && !tried(None, local));
    }
}
