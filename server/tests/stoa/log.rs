//! What the server tells while it runs.

use serde_json::Value;

use crate::house::{House, ask, get};

fn events(said: &[String]) -> Vec<Value> {
    let begins = said.iter().position(|line| line.starts_with('{')).unwrap();
    // Before the first event there are a few lines for people; after it only events.
    said[begins..].iter().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn lm_14_mv_l4_every_line_is_json_with_the_same_first_fields() {
    let house = House::new();
    let server = house.serve(&[]);
    get(server.address(), "/healthz");
    get(server.address(), "/no/such%0Apage\u{7f}");
    let (_, said, err) = server.stop();
    assert_eq!(err, "", "all of it goes to one stream");
    let events = events(&said);
    assert!(events.len() >= 4, "{events:?}");
    for event in &events {
        for field in ["time", "level", "target", "message"] {
            assert!(event[field].is_string(), "{event}");
        }
        assert!(event["time"].as_str().unwrap().ends_with('Z'), "{event}");
    }
}

#[test]
fn mf_o3_a_request_is_found_in_the_log_by_the_id_in_its_answer() {
    let house = House::new();
    let server = house.serve(&[]);
    let answer = get(server.address(), "/readyz");
    let id = answer.header("x-request-id").unwrap().to_owned();
    let (_, said, _) = server.stop();
    let found: Vec<Value> = events(&said).into_iter().filter(|event| event["req"] == *id).collect();
    assert_eq!(found.len(), 1, "{said:?}");
    let of_requests = events(&said).into_iter().filter(|event| event["message"] == "request");
    assert!(of_requests.into_iter().all(|event| event["req"].is_string() && event["total_ms"].is_number()));
}

#[test]
fn mv_l6_no_secret_of_the_run_stands_in_the_log() {
    let house = House::new();
    let password = "a password that is nowhere";
    assert_eq!(house.add("ada@example.org", password, &[]).code, Some(0));
    let made = house.run(&["token", "add", "ada@example.org", "--name", "x", "--scopes", "profile"]);
    let token = made.out.trim_end().to_owned();
    std::fs::write(house.folder.join("stoa.toml"), "[log]\nlevel = \"trace\"\n").unwrap();
    let server = house.serve(&[]);
    let login = |password: &str| {
        let body = format!(r#"{{"email":"ada@example.org","password":"{password}"}}"#);
        ask(server.address(), "POST", "/api/v1/auth/login", &body)
    };
    let cookie = login(password).header("set-cookie").unwrap().to_owned();
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    assert_eq!(login("a password that is wrong").status, 401);
    get(server.address(), &format!("/api/v1/me?token={token}"));
    let (_, said, err) = server.stop();
    let log = [said.join("\n"), err].concat();
    for secret in [password, "a password that is wrong", &token, &session] {
        assert!(secret.len() > 20 && !log.contains(secret), "{secret} was logged");
    }
}
