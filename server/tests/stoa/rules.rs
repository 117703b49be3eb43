//! Rules about the code itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found
}

/// The environment is read in one place, so that every setting has one name and one origin.
#[test]
fn lm_27_only_the_configuration_reads_the_environment() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readers: Vec<PathBuf> = files(&here.join("src"), ".rs")
        .into_iter()
        .filter(|path| fs::read_to_string(path).unwrap().contains("env::var"))
        .collect();
    assert_eq!(readers, [here.join("src/config/mod.rs")]);
}

/// Printing is a lint's business; this sees to it that the lint looks at every crate.
#[test]
fn lm_17_no_library_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let house = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(house.contains("print_stdout = \"warn\"") && house.contains("print_stderr = \"warn\""));
    for folder in ["apps", "crates", "server"] {
        let manifests = files(&root.join(folder), "Cargo.toml");
        assert!(!manifests.is_empty());
        for manifest in manifests {
            let text = fs::read_to_string(&manifest).unwrap();
            assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
        }
    }
}

/// Names of XML, of JSON Schema and of events in tokens, which nobody ever connects to.
const NAMESPACES: [&str; 6] = [
    "schemas.openxmlformats.org",
    "schemas.microsoft.com",
    "schemas.openid.net",
    "purl.oclc.org",
    "www.w3.org",
    "json-schema.org",
];

/// Providers of identities that an operator names by their kind, where they are described and nowhere else.
const PROVIDERS: (&str, [&str; 3]) =
    ("crates/identity/src/upstream/", ["accounts.google.com", "github.com", "api.github.com"]);

/// The web app speaks to where it came from, the server to what it was told.
#[test]
fn mv_l5_no_host_name_is_compiled_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = vec![root.join("web/index.html")];
    for (folder, end) in
        [("web/src", ".ts"), ("web/src", ".tsx"), ("server/src", ""), ("crates", ".rs"), ("apps", ".rs")]
    {
        sources.extend(files(&root.join(folder), end));
    }
    sources.retain(|source| !source.components().any(|part| part.as_os_str() == "tests"));
    assert!(sources.len() > 100, "{sources:?}");
    for source in sources {
        let text = fs::read_to_string(&source).unwrap();
        for rest in text.split("http://").skip(1).chain(text.split("https://").skip(1)) {
            let host: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
            let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
            let is_address = labels.iter().all(|label| label.parse::<u8>().is_ok());
            let is_example = labels.contains(&"example") || labels.ends_with(&["example", "org"]);
            let known = labels.len() < 2 || is_address || is_example || NAMESPACES.contains(&&*host);
            let chosen = source.to_string_lossy().contains(PROVIDERS.0) && PROVIDERS.1.contains(&&*host);
            assert!(known || chosen || host == "localhost", "{host} in {}", source.display());
        }
    }
}
