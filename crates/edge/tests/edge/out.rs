//! The way out: where it does not lead, and where it ends.

use std::{io::Read, time::Duration};

use axum::http::Method;
use base64::{Engine, prelude::BASE64_STANDARD};
use rustls::{
    ServerConfig, ServerConnection,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use serde_json::json;
use stoa_core::{Kind, RequestId, TestRng};
use stoa_edge::{Out, OutConfig, Reply};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};
use url::Url;

/// A server that answers one request with this text, and tells what it was asked.
async fn answers(text: String) -> (u16, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, asked) = oneshot::channel();
    let tasks = stoa_store::Tasks::default();
    tasks.spawn("test.outside", async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let (mut all, mut piece) = (Vec::new(), [0; 4096]);
        while !all.windows(4).any(|end| end == b"\r\n\r\n") {
            let read = line.read(&mut piece).await.unwrap();
            all.extend_from_slice(&piece[..read]);
        }
        let _nobody = tell.send(String::from_utf8(all).unwrap());
        let _gone = line.write_all(text.as_bytes()).await;
        // Holds the line open: an answer that is not whole must end by itself.
        let _closed = line.read(&mut piece).await;
    });
    (port, asked)
}

fn here() -> OutConfig {
    let loopback = || vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
    let private = ["127.0.0.1", "localhost"].map(|name| (name.to_owned(), loopback())).into();
    OutConfig { private, ..OutConfig::default() }
}

fn id() -> RequestId {
    RequestId::sane("request-1").unwrap_or_else(|| RequestId::new(&TestRng::seeded(1)))
}

async fn get(config: &OutConfig, url: &str) -> stoa_core::Result<Reply> {
    Out::new(config)?.call(&id(), Method::GET, &Url::parse(url)?)?.send().await
}

fn http(body: &str, more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{more}\r\n{body}", body.len())
}

#[tokio::test]
async fn nothing_inside_can_be_called_from_outside() {
    let (port, asked) = answers(http("secret", "")).await;
    for inside in [
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://LOCALHOST:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://0177.0.0.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        "https://169.254.169.254/latest/meta-data/".into(),
        "https://10.0.0.1/".into(),
        "https://[fd00:ec2::254]/".into(),
        format!("http://127.0.0.1:{port}/"),
        "http://example.com/".into(),
        "ftp://example.com/".into(),
        "file:///etc/passwd".into(),
        "https://user:word@example.com/".into(),
    ] {
        let error = get(&OutConfig::default(), &inside).await.err().unwrap();
        assert_eq!(error.kind(), Kind::Invalid, "{inside}: {error:?}");
    }
    drop(asked);
}

#[tokio::test]
async fn a_private_place_can_be_called_where_it_is_named_and_only_there() {
    let (port, asked) = answers(http("{\"a\":1}", "")).await;
    let reply = get(&here(), &format!("http://localhost:{port}/x")).await.unwrap();
    assert_eq!(reply.json::<serde_json::Value>().await.unwrap(), json!({"a": 1}));
    let asked = asked.await.unwrap().to_lowercase();
    assert!(
        asked.starts_with("get /x http/1.1\r\n") && asked.contains("x-request-id: request-1\r\n"),
        "{asked}"
    );
    // The name is allowed, but not every address it might lead to.
    let mut elsewhere = here();
    elsewhere.private.insert("localhost".into(), vec!["10.0.0.0/8".parse().unwrap()]);
    let refused = get(&elsewhere, &format!("http://localhost:{port}/")).await.err().unwrap();
    assert_eq!(refused.stable_code(), "address_refused");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (port, _asked) = answers(
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n".into(),
    )
    .await;
    let reply = get(&here(), &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["location"]),
        (302, &"http://169.254.169.254/".parse().unwrap())
    );
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_taken_in() {
    let small = OutConfig { answer_bytes: 1000, ..here() };
    let (port, _asked) = answers(http(&"x".repeat(1001), "")).await;
    let reply = get(&small, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(reply.bytes().await.unwrap_err().kind(), Kind::Upstream);
    let (port, _asked) = answers(http(&"x".repeat(1000), "")).await;
    let reply = get(&small, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(reply.bytes().await.unwrap().len(), 1000);
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let hasty = OutConfig { total_seconds: Duration::from_millis(100), ..here() };
    let (port, _asked) = answers(String::new()).await;
    let error = get(&hasty, &format!("http://127.0.0.1:{port}/")).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Timeout);
    let (port, _asked) = answers("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe".into()).await;
    let reply = get(&hasty, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(reply.bytes().await.unwrap_err().kind(), Kind::Timeout);
}

/// A certificate for `localhost` and 127.0.0.1, good for a hundred years, that nobody but itself has signed.
const FALSE: &str = "MIIBajCCARGgAwIBAgIBBzAKBggqhkjOPQQDAjAnMSUwIwYDVQQDDBxOb2JvZHkgdm91Y2hlcyBmb3IgdGhpcyB0ZXN0MCAXDTIw\
    MDEwMTAwMDAwMFoYDzIxMTkxMjMxMDAwMDAwWjAnMSUwIwYDVQQDDBxOb2JvZHkgdm91Y2hlcyBmb3IgdGhpcyB0ZXN0MFkwEwYH\
    KoZIzj0CAQYIKoZIzj0DAQcDQgAEyMCS7vjalL0Nl8Ir/PxwqkRqj6QVl9baARx1BTDaWmhs/eltmYCApqxgHbBzj1ZIqBMJT5Zz\
    YP6bPeCINGBurqMsMCowDAYDVR0TAQH/BAIwADAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIg\
    dtLuTXtMqBVpmM9eYToSkQGYFdbk3ak+KtLj8gFSZ7gCIHt2TNdjYXaQhxfaWdGeMOmY39UPxuB5Avj+4Nt5vD3Z";
/// Its key.
const FALSE_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguVjIpf7VjVQkTA/uYn9NGOUpmzAmpbPTqqJTtkilhVChRANCAATI\
    wJLu+NqUvQ2Xwiv8/HCqRGqPpBWX1toBHHUFMNpaaGz96W2ZgICmrGAdsHOPVkioEwlPlnNg/ps94Ig0YG6u";

/// G18 S3: the name is right and the time is right; only nobody vouches for it. No setting changes that: the place is one
/// that may be called.
#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_told_nothing() {
    let der = |text: &str| BASE64_STANDARD.decode(text).unwrap();
    let key = PrivateKeyDer::try_from(der(FALSE_KEY)).unwrap();
    let config = ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(der(FALSE))], key)
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::task::spawn_blocking(move || {
        let (mut line, _) = listener.accept().unwrap();
        let mut talk = ServerConnection::new(config.into()).unwrap();
        while talk.is_handshaking() {
            if let Err(error) = talk.complete_io(&mut line) {
                return error.to_string();
            }
        }
        let mut heard = Vec::new();
        let _ended = rustls::Stream::new(&mut talk, &mut line).read_to_end(&mut heard);
        format!("heard {}", String::from_utf8_lossy(&heard))
    });
    let error = get(&here(), &format!("https://localhost:{port}/?key=hunter2")).await.err().unwrap();
    assert_eq!((error.kind(), error.said()), (Kind::Upstream, "the other side cannot be reached"));
    let seen = served.await.unwrap();
    assert!(seen.contains("UnknownCA") && !seen.contains("hunter2"), "{seen}");
}

#[tokio::test]
async fn what_went_wrong_is_told_without_the_address() {
    let error = get(&here(), "http://127.0.0.1:1/?key=hunter2").await.err().unwrap();
    assert_eq!((error.kind(), error.said()), (Kind::Upstream, "the other side cannot be reached"));
    assert!(!format!("{error:?}").contains("hunter2"));
}
