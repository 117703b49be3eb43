//! The published contract, held by a client that nobody here wrote.

use std::{fmt::Write, fs};

use tokio::process::Command;

use crate::{
    things::{Things, doors},
    told,
    world::{World, needed},
};

/// What it may not ask: it would end its own session; or it cannot write the type of content that is sent there.
const NOT_ASKED: [&str; 4] = [
    "POST /api/v1/auth/logout",
    "POST /api/v1/oauth/logouts/{handle}",
    "DELETE /api/v1/me/sessions/{id}",
    "POST /csp-report",
];

told! {
/// lm_22: Schemathesis makes requests from the OpenAPI document, good and bad ones, and holds each answer against it:
/// no failure of ours, no status and no body that the document does not tell of, nothing bad that is taken.
async fn lm_22_fuzzing_the_contract_finds_nothing(world: &mut World) {
    let house = world.starts().await;
    let mut olga = house.nobody().takes_the_house(&house, "olga").await;
    let things = Things::of(&mut olga).await;
    // It may change whom it likes, but itself.
    let anna = olga.invites("anna", "member").await;
    let things = things.with_user(&anna);
    let mut config = String::from(
        "[generation]\nwith-security-parameters = false\n\n\
         [checks.positive_data_acceptance]\n\
         # Not every rule can be said in a schema: a password must be one's own, a file what its name says.\n\
         # 429: codes of a second factor are tried five times, whoever tries.\n\
         expected-statuses = [\"2xx\", \"3xx\", 401, 403, 404, 409, 412, 415, 422, 429]\n\n\
         [checks.negative_data_rejection]\n\
         # 412: the change is refused for another reason first.\n\
         expected-statuses = [\"4xx\"]\n\n\
         # OAuth says 400 to whatever it does not take (RFC 6749 section 5.2); an answer is carried once.\n\
         [[operations]]\ninclude-path-regex = \"^/oauth/\"\n\
         [operations.checks.positive_data_acceptance]\n\
         expected-statuses = [\"2xx\", \"3xx\", 400, 401, 403, 404, 413]\n",
    );
    for door in doors(&olga).await {
        if let Some(ids) = things.ids(&door) {
            writeln!(config, "\n[[operations]]\ninclude-name = \"{door}\"\n[operations.parameters]\n{ids}").unwrap();
        }
    }
    let file = world.folder.0.join("schemathesis.toml");
    fs::write(&file, config).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a client of others is a program of its own")]
    let mut client = Command::new(format!("{}/schemathesis", needed("STOA_TEST_PYTHON")));
    client.arg("--no-color").arg("--config-file").arg(&file).arg("run").arg(format!("{}/api/v1/openapi.json", house.url));
    client.args(["--seed", "1", "--max-examples", "25", "--phases", "examples,coverage,fuzzing", "--generation-database", "none"]);
    for door in NOT_ASKED {
        client.args(["--exclude-name", door]);
    }
    for (name, value) in olga.asks("GET", "/").0.build().unwrap().headers() {
        client.args(["--header", &format!("{name}: {}", value.to_str().unwrap())]);
    }
    client.current_dir(&world.folder.0).env("NO_COLOR", "1").kill_on_drop(true);
    let done = client.output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    // What it uploaded is read to the end.
    let mut after = String::new();
    loop {
        let page = olga.get(&format!("/labs?limit=200{after}")).await.done(200);
        for lab in page["items"].as_array().unwrap() {
            olga.waits_for(&serde_json::json!({ "id": lab["job_id"] })).await;
        }
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
}
}
