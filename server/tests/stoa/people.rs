//! People and tokens from the command line, beside a running server and without one.

use serde_json::{Value, json};

use crate::house::{House, ask};

const PASSWORD: &str = "correct horse battery";

#[test]
fn somebody_added_beside_a_running_server_can_sign_in_and_when_disabled_cannot() {
    let house = House::new();
    let server = house.serve(&[]);
    let added = house.add("Ada@example.org", &format!("{PASSWORD}\n"), &["--name", "Ada", "--role", "admin"]);
    assert_eq!((added.code, &*added.out, &*added.err), (Some(0), "added Ada@example.org, admin\n", ""));
    let login = |password: &str| {
        let body = json!({ "email": "ada@example.org", "password": password }).to_string();
        ask(server.address(), "POST", "/api/v1/auth/login", &body)
    };
    let done = login(PASSWORD);
    assert_eq!(done.status, 200, "{done:?}");
    assert!(done.header("set-cookie").unwrap().starts_with("stoa="));
    let reset =
        house.run_with(&["user", "reset", "ada@example.org", "--password-stdin"], "another fine password");
    assert_eq!(reset.code, Some(0), "{reset:?}");
    assert_eq!((login(PASSWORD).status, login("another fine password").status), (401, 200));
    let whole = ["user", "reset", "ada@example.org", "--password-stdin", "--second-factors"];
    let whole = house.run_with(&whole, "another fine password");
    let said = "ada@example.org has a new password and no second factor; all their sessions have ended\n";
    assert_eq!((whole.code, &*whole.out), (Some(0), said));
    let link = house.run(&["user", "reset", "Ada@example.org", "--json"]);
    let link: Value = serde_json::from_str(&link.out).unwrap();
    assert!(link["url"].as_str().unwrap().starts_with("http://127.0.0.1:8080/reset#token="), "{link}");
    assert!(link["expires_at"].is_string());
    assert_eq!(login("another fine password").status, 200, "a link alone changes nothing");
    assert_eq!(house.run(&["user", "reset", "nobody@example.org"]).code, Some(1));
    assert_eq!(house.run(&["user", "disable", "ada@example.org"]).code, Some(0));
    assert_eq!(login("another fine password").status, 401);
    let all: Value = serde_json::from_str(&house.run(&["user", "list", "--json"]).out).unwrap();
    assert_eq!(all[0]["email"], "Ada@example.org");
    assert_eq!((&all[0]["role"], &all[0]["disabled"]), (&json!("admin"), &json!(true)));
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[test]
fn what_is_wrong_with_an_account_is_said_field_by_field() {
    let house = House::new();
    let wrong = house.add("no address", "short", &[]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.err.contains("\n  email: ") && wrong.err.contains("\n  password: "), "{wrong:?}");
    assert_eq!(house.add("ada@example.org", PASSWORD, &[]).code, Some(0));
    let twice = house.add("ADA@example.org", PASSWORD, &[]);
    assert_eq!(twice.code, Some(1));
    assert!(twice.err.contains("has an account already"), "{twice:?}");
    let unsafely = house.run(&["user", "add", "eve@example.org"]);
    assert_eq!(unsafely.code, Some(2));
    assert!(unsafely.err.contains("--password-stdin"), "{unsafely:?}");
    assert_eq!(house.run(&["user", "disable", "nobody@example.org"]).code, Some(1));
}

#[test]
fn a_token_is_printed_once_and_opens_what_it_may() {
    let house = House::new();
    assert_eq!(house.add("ada@example.org", PASSWORD, &[]).code, Some(0));
    let made =
        house.run(&["token", "add", "ada@example.org", "--name", "laptop", "--scopes", "labs:read profile"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let token = made.out.trim_end();
    assert!(token.starts_with("stoa_pat_") && made.out.lines().count() == 1, "{made:?}");
    let wrong = house.run(&["token", "add", "ada@example.org", "--name", "x", "--scopes", "root"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn a_question_makes_no_house() {
    let house = House::new();
    for question in [&["user", "list"][..], &["user", "disable", "a@b"], &["config", "show"], &["doctor"]] {
        house.run(question);
    }
    let listed = house.run(&["user", "list"]);
    assert_eq!(listed.code, Some(1));
    assert!(listed.err.contains("there is no database in ./data"), "{listed:?}");
    assert!(house.run(&["migrate", "--dry-run"]).out.contains("would apply"));
    assert_eq!(std::fs::read_dir(&house.folder).unwrap().count(), 0, "nothing was left");
}
