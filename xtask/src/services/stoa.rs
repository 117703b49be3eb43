//! The server itself, fresh from the build, with an empty data folder: what the browser test talks to.

use std::env;
use std::fs;
use std::path::Path;

use crate::keeper::Keeper;
use crate::trouble::Result;
use crate::{process, say};

/// A server that nobody owns yet.
pub(crate) struct Stoa {
    /// `http://127.0.0.1:…` or `http://localhost:…`, without a slash at the end.
    pub(crate) url: String,
    /// The one-time link that makes its visitor the owner.
    pub(crate) setup: String,
}

/// Starts it for one story, and waits for the set-up link on its standard output. `host` is what browsers call this
/// machine: its address, or `localhost`, which passkeys need.
pub(crate) fn stoa(keeper: &Keeper, program: &Path, story: &str, host: &str) -> Result<Stoa> {
    let folder = keeper.folder(&format!("server-{story}"))?;
    let (port, log) = (super::free_port()?, folder.join("log"));
    let mut server = process::command(program);
    server.arg("serve").arg("--data").arg(folder.join("data"));
    server
        .args(["--listen", &format!("127.0.0.1:{port}"), "--admin-listen", "127.0.0.1:0"])
        .current_dir(&folder);
    // Settings of whoever runs the tests are not ours.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STOA_")) {
        server.env_remove(name);
    }
    let url = format!("http://{host}:{port}");
    server.env("STOA_EDGE__PUBLIC_URL", &url);
    // The stories sign in more often within a minute than anybody does.
    server.env("STOA_EDGE__RATES__AUTH__LIMIT", "60").env("STOA_EDGE__RATES__AUTH__SECONDS", "60");
    server.env("STOA_EDGE__RATES__MFA__LIMIT", "60").env("STOA_EDGE__RATES__MFA__SECONDS", "60");
    let mut child = super::start_logging(keeper, &mut server, &log)?;
    let mut setup = None;
    super::until("stoa serve", &mut child, &log, || {
        setup = fs::read_to_string(&log).ok().as_deref().and_then(setup_link);
        setup.is_some()
    })?;
    say::line(&format!("Stoa on {url}"));
    Ok(Stoa { url, setup: setup.unwrap_or_default() })
}

/// The link on the line `setup: http://…`, once the line is complete.
fn setup_link(log: &str) -> Option<String> {
    let complete = &log[..=log.rfind('\n')?];
    complete.lines().find_map(|line| Some(line.split_once("setup: ")?.1.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setup_link_is_taken_from_a_complete_line() {
        assert_eq!(setup_link("starting\nsetup: http://127.0.0.1:1/setup#cl"), None);
        let link = setup_link("starting\nsetup: http://127.0.0.1:1/setup#claim=a\n");
        assert_eq!(link.as_deref(), Some("http://127.0.0.1:1/setup#claim=a"));
    }
}
