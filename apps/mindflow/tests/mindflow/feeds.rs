//! The calendar that programs subscribe to. That a feed's token is revoked at once, and where, is told by a story.

use serde_json::json;

use crate::house::{World, id, request};

const FEED: &str = "/tasks/feed.ics";
/// `calendar:stoa_pat_feed`, as RFC 7617 writes it.
const BASIC: &str = "Basic Y2FsZW5kYXI6c3RvYV9wYXRfZmVlZA==";

#[tokio::test]
async fn a_calendar_is_fetched_with_a_name_and_a_password() {
    let world = World::new().await;
    let nobody = world.send(request("", "GET", FEED, &[], None)).await;
    assert_eq!(nobody.refusal(), (401, "unauthenticated".into()));
    assert_eq!(nobody.header("www-authenticate"), "Basic realm=\"stoa\", charset=\"UTF-8\"");
    let elsewhere = world.send(request("", "GET", "/tasks", &[], None)).await;
    let bearer = "Bearer realm=\"stoa\", \
                  resource_metadata=\"http://127.0.0.1:8080/.well-known/oauth-protected-resource/api/v1\"";
    assert_eq!(elsewhere.header("www-authenticate"), bearer, "no other door asks so");

    world.task(json!({ "title": "Call Ana", "due_at": "2026-01-09T14:00:00Z" })).await;
    for header in [BASIC, "Bearer stoa_pat_feed"] {
        let seen = world.send(request("", "GET", FEED, &[("authorization", header)], None)).await;
        seen.done(200);
        assert_eq!(seen.header("content-type"), "text/calendar; charset=utf-8");
        assert!(
            seen.text().contains("BEGIN:VEVENT\r\n") && seen.text().contains("SUMMARY:Call Ana\r\n"),
            "{}",
            seen.text()
        );
        let etag = seen.header("etag");
        let again = [("authorization", header), ("if-none-match", etag)];
        let known = world.send(request("", "GET", FEED, &again, None)).await;
        assert_eq!((known.status.as_u16(), known.text()), (304, String::new()));
    }
    let wrong = "Basic Y2FsZW5kYXI6c3RvYV9wYXRfd3Jvbmc=";
    let refused = world.send(request("", "GET", FEED, &[("authorization", wrong)], None)).await;
    assert_eq!(refused.refusal(), (401, "invalid_token".into()));
    assert!(refused.header("www-authenticate").starts_with("Basic "));
    let url = world.send(request("", "GET", &format!("{FEED}?token=stoa_pat_feed"), &[], None)).await;
    assert_eq!(url.refusal(), (400, "token_in_url".into()));
}

#[tokio::test]
async fn what_opens_a_feed_opens_nothing_else() {
    let world = World::new().await;
    for path in ["/tasks", "/tasks/best", "/tasks/export", "/tasks/settings"] {
        let seen = world.send(request("", "GET", path, &[("authorization", BASIC)], None)).await;
        assert_eq!(seen.refusal(), (403, "insufficient_scope".into()), "{path}");
    }
    let own = world.send(request("", "GET", "/tasks/feeds", &[("authorization", BASIC)], None)).await;
    assert_eq!(own.refusal(), (403, "session_required".into()));
    // G2 R15: who may see all tasks may see those with a date.
    assert_eq!(world.ask("reader", "GET", FEED, None).await.status, 200);
    assert_eq!(world.ask("writer", "GET", FEED, None).await.refusal(), (403, "insufficient_scope".into()));
}

/// A browser repeats a name and password by itself, as it does a cookie.
#[tokio::test]
async fn mv_c4_a_name_and_password_change_nothing_from_somebody_elses_page() {
    let world = World::new().await;
    let basic = ("authorization", "Basic YTpzdG9hX3BhdF93aG9sZQ==");
    let send = async |headers: &[(&str, &str)]| {
        let mut asked = request("", "POST", "/tasks", headers, Some(json!({ "title": "a" })));
        if !headers.iter().any(|(name, _)| *name == "sec-fetch-site") {
            asked.headers_mut().remove("sec-fetch-site");
        } else {
            let last = headers.iter().find(|(name, _)| *name == "sec-fetch-site").unwrap().1;
            asked.headers_mut().insert("sec-fetch-site", last.parse().unwrap());
        }
        world.send(asked).await
    };
    for headers in [
        &[basic][..],
        &[basic, ("sec-fetch-site", "cross-site")],
        &[basic, ("origin", "https://evil.example")],
    ] {
        assert_eq!(send(headers).await.refusal(), (403, "csrf".into()), "{headers:?}");
    }
    send(&[basic, ("sec-fetch-site", "same-origin")]).await.done(201);
    send(&[("authorization", "Bearer stoa_pat_whole")]).await.done(201);
}

#[tokio::test]
async fn events_are_what_is_due_and_todos_are_all_that_counts() {
    let world = World::new().await;
    let due = world.task(json!({ "title": "due", "due_at": "2026-01-09T14:00:00Z" })).await;
    let some_day = world.task(json!({ "title": "some day" })).await;
    let done = world.task(json!({ "title": "done", "due_at": "2026-01-04T14:00:00Z" })).await;
    let gone = world.task(json!({ "title": "gone", "due_at": "2026-01-09T14:00:00Z" })).await;
    world
        .ask("boris", "POST", "/tasks", Some(json!({ "title": "his", "due_at": "2026-01-09T14:00:00Z" })))
        .await
        .done(201);
    world.act(&done, "complete").await.done(200);
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&gone)), None).await.done(204);
    let shown = async |show: &str| {
        let text = world.ask("anna", "GET", &format!("{FEED}?show={show}"), None).await.text();
        let mut uids: Vec<String> =
            text.lines().filter_map(|line| line.strip_prefix("UID:")).map(ToOwned::to_owned).collect();
        uids.sort();
        uids
    };
    let uids = |tasks: &[&serde_json::Value]| {
        let mut uids: Vec<String> = tasks.iter().map(|task| format!("{}@stoa", id(task))).collect();
        uids.sort();
        uids
    };
    assert_eq!(shown("events").await, uids(&[&due]));
    assert_eq!(shown("todos").await, uids(&[&due, &some_day, &done]));
    world.time.advance(std::time::Duration::from_secs(31 * 86_400));
    assert_eq!(shown("todos").await, uids(&[&due, &some_day]));
    assert_eq!(world.ask("anna", "GET", &format!("{FEED}?show=x"), None).await.refused_field(), "show");
}
