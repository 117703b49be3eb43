//! From the first line to the last.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::MetadataExt,
};

use nix::sys::signal::Signal;

use crate::house::{House, ask, get};

#[test]
fn a_first_start_needs_nothing_and_prints_where_the_owner_comes_in() {
    let house = House::new();
    let server = house.serve(&[]);
    let setup = server.after("setup: ").unwrap();
    let claim = setup.strip_prefix(&format!("http://{}/setup#claim=", server.address())).unwrap();
    assert_eq!(claim.len(), 43, "256 bits: {claim}");
    let alive = get(server.address(), "/healthz");
    assert_eq!((alive.status, &*alive.body), (200, r#"{"status":"ok"}"#));
    assert_eq!(get(server.address(), "/readyz").status, 200);
    assert_eq!(fs::metadata(house.folder.join("data")).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn fw_s1_the_claim_is_new_at_each_start_and_gone_with_the_owner() {
    let house = House::new();
    let claim = || {
        let server = house.serve(&[]);
        let claim = server.after("#claim=").map(str::to_owned);
        assert!(server.stop().0.success());
        claim
    };
    let (first, second) = (claim().unwrap(), claim().unwrap());
    assert_ne!(first, second);
    let server = house.serve(&[]);
    let claim = server.after("#claim=").unwrap();
    let body = |claim: &str| {
        format!(
            r#"{{"claim":"{claim}","email":"ada@example.org","password":"correct horse battery","display_name":"Ada"}}"#
        )
    };
    assert_eq!(ask(server.address(), "POST", "/api/v1/setup", &body(&first)).status, 403);
    let owner = ask(server.address(), "POST", "/api/v1/setup", &body(claim));
    assert!((200..300).contains(&owner.status), "{owner:?}");
    server.stop();
    assert_eq!(house.serve(&[]).after("setup: "), None);
}

#[test]
fn a_second_server_on_one_folder_is_told_who_is_there() {
    let house = House::new();
    let server = house.serve(&[]);
    let second = house.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains(&format!("process {}", server.pid())), "{second:?}");
    assert_eq!(get(server.address(), "/healthz").status, 200, "the first one is not disturbed");
}

#[test]
fn lm_23_sigterm_ends_it_in_order_and_idle_callers_are_let_go() {
    let house = House::new();
    let server = house.serve(&[]);
    let mut idle = TcpStream::connect(server.address()).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let address = server.address().to_owned();
    let (status, said, err) = server.stop();
    assert_eq!((status.code(), &*err), (Some(0), ""));
    assert!(said.last().unwrap().contains(r#""message":"stopped""#), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("not everything ended")), "{said:?}");
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn lm_23_a_caller_in_the_middle_of_a_word_does_not_keep_it_from_ending() {
    let house = House::with("[server]\nstop_seconds = 1\n");
    let server = house.serve(&[]);
    let mut half = TcpStream::connect(server.address()).unwrap();
    half.write_all(b"GET /hea").unwrap();
    assert_eq!(get(server.address(), "/healthz").status, 200, "the other caller is there");
    let (status, said, _) = server.stop();
    assert_eq!(status.code(), Some(0), "{said:?}");
}

#[test]
fn a_wish_that_is_sent_twice_at_once_is_one_wish() {
    let house = House::new();
    let server = house.serve(&[]);
    server.signal(Signal::SIGINT);
    server.signal(Signal::SIGINT);
    let (status, said, _) = server.wait();
    assert_eq!(status.code(), Some(0), "{said:?}");
}

#[test]
fn mv_m4_an_address_that_others_reach_is_refused_without_https() {
    let house = House::new();
    let plain = house.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(plain.code, Some(2));
    assert!(plain.err.contains("edge.public_url") && plain.err.contains("https://"), "{plain:?}");
    assert!(!house.folder.join("data").exists(), "nothing was made");
}

#[test]
fn mv_m3_an_http_origin_is_refused_off_this_machine() {
    let house = House::with("[edge]\npublic_url = \"http://stoa.example\"\n");
    let refused = house.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("must begin with https://"), "{refused:?}");
}

#[test]
fn mf_o4_mv_h1_metrics_and_details_are_not_for_strangers() {
    let house = House::new();
    let server = house.serve(&[]);
    get(server.address(), "/healthz");
    let metrics = get(server.admin(), "/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("stoa_http_requests_total"), "{metrics:?}");
    assert!(!get(server.address(), "/metrics").body.contains("stoa_http_requests_total"));
    assert_eq!(get(server.address(), "/api/v1/admin/health").status, 401);
    assert_eq!(get(server.address(), "/readyz").body, r#"{"status":"ok"}"#);
}

#[test]
fn lm_16_readiness_sees_that_files_cannot_be_kept() {
    let house = House::new();
    let server = house.serve(&[]);
    fs::remove_dir_all(house.folder.join("data/blobs")).unwrap();
    fs::write(house.folder.join("data/blobs"), "not a folder").unwrap();
    let ready = get(server.address(), "/readyz");
    assert_eq!((ready.status, &*ready.body), (503, r#"{"status":"unavailable"}"#));
    assert_eq!(get(server.address(), "/healthz").status, 200);
}

#[test]
fn a_worker_has_no_door_for_people() {
    let house = House::new();
    let server = house.serve(&["--role", "worker"]);
    assert_eq!((server.after(" on http://"), server.after("setup: ")), (None, None));
    assert_eq!(get(server.admin(), "/readyz").status, 200);
    assert_eq!(server.stop().0.code(), Some(0));
}

#[test]
fn an_address_in_use_is_said_so() {
    let (one, other) = (House::new(), House::new());
    let server = one.serve(&[]);
    let second = other.run(&["serve", "--listen", server.address()]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains("another program uses it; choose another one"), "{second:?}");
}

#[test]
fn fw_r3_a_missing_redis_is_a_choice_and_a_dead_one_an_error() {
    let house = House::with("[signals]\nredis_url = \"redis://127.0.0.1:1/\"\n");
    let dead = house.run(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off"]);
    assert_eq!(dead.code, Some(1), "{dead:?}");
    assert!(dead.err.to_lowercase().contains("redis"), "{dead:?}");
}
