//! What the house shows: small public surfaces, one way for errors to leave, no secret in a file, a contract that
//! is versioned and complete.

use super::{CODE, sources};

#[test]
fn mv_l2_each_crate_opens_few_rooms_and_none_for_its_rows() {
    // A crate's `lib.rs` re-exports by name. Whole modules are open only where callers speak in a slice's words.
    let open = [
        "crates/documents/src/lib.rs: document",
        "crates/documents/src/lib.rs: limits",
        "crates/documents/src/lib.rs: testing",
        "crates/identity/src/lib.rs: audit",
        "crates/identity/src/lib.rs: factors",
        "crates/identity/src/lib.rs: mail",
        "crates/identity/src/lib.rs: people",
        "crates/identity/src/lib.rs: recovery",
        "crates/identity/src/lib.rs: sessions",
        "crates/identity/src/lib.rs: tokens",
        "apps/labmate/src/lib.rs: alone",
        "apps/labmate/src/lib.rs: assignments",
        "apps/labmate/src/lib.rs: reports",
        "apps/labmate/src/lib.rs: runs",
    ];
    let mut wrong = Vec::new();
    for source in sources(CODE, &[".rs"]) {
        for line in source.text.lines() {
            let Some(module) = line.trim().strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'))
            else {
                continue;
            };
            let opened = format!("{}: {module}", source.place);
            if source.place.ends_with("/lib.rs") && !open.contains(&opened.as_str()) {
                wrong.push(format!("{opened} is a whole module in the open; re-export names instead"));
            }
            if module == "store" {
                wrong.push(format!("{opened}: rows are nobody else's"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lm_26_errors_leave_by_one_door() {
    let mut doors = Vec::new();
    for source in sources(&["crates", "apps", "server"], &[".rs"]) {
        let product = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        if product.contains("application/problem+json") && !source.place.contains("/tests/") {
            doors.push(source.place);
        }
    }
    let expected = ["crates/edge/src/openapi.rs", "crates/edge/src/problem.rs"];
    assert_eq!(
        doors, expected,
        "only the mapping writes problem documents, and only the document speaks of them"
    );
}

#[test]
fn lm_06_no_file_holds_a_secret() {
    let endings = [".rs", ".toml", ".yml", ".yaml", ".json", ".ts", ".tsx", ".sh", ".md", ".sql", ".env"];
    let folders = ["crates", "apps", "server", "xtask", "web/src", "web/e2e", "scenarios", "bench"];
    let mut wrong = Vec::new();
    for source in sources(&folders, &endings) {
        if source.place == "xtask/src/house/surface.rs" {
            continue;
        }
        for mark in ["-----BEGIN", "AKIA", "ghp_", "sk-ant-", "xoxb-"] {
            if source.text.contains(mark) {
                wrong.push(format!("{}: something like `{mark}…`", source.place));
            }
        }
        let product = !source.place.contains("/tests/") && !source.place.starts_with("web/e2e");
        let text = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in text.lines().filter(|_| product) {
            let bare = line.trim();
            let given = ["password = \"", "secret = \"", "secret_access_key = \"", "token = \""];
            if given.iter().any(|name| bare.starts_with(name) && !bare.ends_with("\"\"")) {
                wrong.push(format!("{}: {}", source.place, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lm_18_every_path_of_the_contract_has_its_version() {
    let contract = std::fs::read_to_string(crate::paths::at("web/openapi.json")).expect("the contract");
    // Paths stand as keys of the document's `paths`; everything that is not at the root by some standard is versioned.
    let at_the_root = [
        "/healthz",
        "/readyz",
        "/csp-report",
        "/docs",
        "/mcp",
        "/oauth/",
        "/auth/upstreams/",
        "/.well-known/",
    ];
    let mut paths = 0;
    for key in contract.split('"').filter(|text| text.starts_with('/') && !text.starts_with("/problems")) {
        let plain = !key.contains(' ') && !key.contains('#');
        if plain && key.len() > 1 && contract.contains(&format!("\"{key}\":")) {
            paths += 1;
            let known = key.starts_with("/api/v1/") || at_the_root.iter().any(|root| key.starts_with(root));
            assert!(known, "{key} is neither below /api/v1 nor known at the root");
        }
    }
    assert!(paths > 30, "the contract names its paths: {paths}");
}
