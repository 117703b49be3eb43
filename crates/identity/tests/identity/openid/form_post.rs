//! Form Post: the answer comes as a form, which stands in no address.

use serde_json::json;
use stoa_core::Role;

use super::suite::Suite;
use crate::{
    house::{As, Seen, World, request},
    oauth::way::{BACK, ISSUER, at_root, location, param, text},
    on_both,
};

/// Where a page posts to, and what, as a browser reads it. It is one of ours with a policy for just that.
#[track_caller]
fn posted(seen: &Seen, origin: &str) -> (String, Vec<(String, String)>) {
    let page = String::from_utf8(seen.body.clone()).unwrap();
    assert_eq!(
        (seen.status.as_u16(), seen.headers["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8"),
        "{page}"
    );
    assert_eq!(seen.headers["cache-control"], "no-store");
    assert_eq!(seen.headers["referrer-policy"], "no-referrer");
    let nonce = page.split("<script nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(
        seen.headers["content-security-policy"],
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; \
             form-action {origin}; frame-ancestors 'none'; report-uri /csp-report"
        )
    );
    assert!(page.contains("<button type=\"submit\">"), "it works without a script");
    assert_eq!(page.matches("<script").count(), 1);
    let between = |text: &str, from: &str| {
        let text = text.split(from).nth(1).unwrap().split('"').next().unwrap();
        text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    let fields = page.split("<input type=\"hidden\" ").skip(1);
    let fields = fields.map(|field| (between(field, "name=\""), between(field, "value=\""))).collect();
    (between(&page, "action=\""), fields)
}

fn field(fields: &[(String, String)], name: &str) -> Option<String> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

on_both! {
/// oidcc-server of the plan Form Post: asked, decided, and carried back from the browser in which it was decided, once.
async fn oidcc_server_form_post(world: &World) {
    let suite = Suite::new(world).await;
    let state = "s\"><script>alert(1)</script>&amp;";
    let asked = [FORM_POST, ("state", state)];
    let url = suite.visits(&asked).await;
    assert!(url.as_str().starts_with(&format!("{ISSUER}/oauth/answers/")) && url.query().is_none(), "{url}");
    let carry = async |who: As<'_>| {
        let mut request = at_root("GET", url.path());
        if let As::Cookie(cookie) = who {
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
        }
        world.send(request).await
    };
    // Whoever else learns the address gets nothing, and takes nothing away.
    let (eve, second) = (suite.somebody_else().await, world.login("ada").await);
    for other in [As::Nobody, As::Cookie(&eve), As::Cookie(&second)] {
        let seen = carry(other).await;
        let page = String::from_utf8_lossy(&seen.body).into_owned();
        assert!(seen.status == 404 && page.contains("There is nothing to send") && !page.contains("stoa_code_"));
    }
    let (to, fields) = posted(&carry(As::Cookie(&suite.ada)).await, "https://client.example");
    assert_eq!(to, BACK);
    assert_eq!((field(&fields, "state"), field(&fields, "iss")), (Some(state.into()), Some(ISSUER.into())));
    assert_eq!(fields.len(), 3);
    let code = field(&fields, "code").unwrap();
    assert_eq!(carry(As::Cookie(&suite.ada)).await.status, 404, "it was sent already");
    suite.redeems(&code).await.done(200);
    // No row holds what is said, and the second time it is said at once.
    let kept = world.rows("SELECT value FROM store_once", []).await;
    assert!(kept.iter().all(|row| !row.try_get::<String>("", "value").unwrap().contains("stoa_code_")));
    let (_, fields) = posted(&suite.asks(As::Cookie(&suite.ada), &asked).await, "https://client.example");
    suite.redeems(&field(&fields, "code").unwrap()).await.done(200);
}
}

/// Refusals come the same way, whoever says no.
#[tokio::test]
async fn oidcc_errors_form_post() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    for (changed, expected) in [
        (("prompt", "none"), "consent_required"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("resource", "https://other.example/"), "invalid_target"),
        (("request", "ey.ey."), "request_not_supported"),
        (("request_uri", "https://client.example/x"), "request_uri_not_supported"),
    ] {
        let seen = suite.asks(As::Cookie(&suite.ada), &[FORM_POST, changed]).await;
        let (to, fields) = posted(&seen, "https://client.example");
        assert_eq!((to, field(&fields, "error")), (BACK.into(), Some(expected.into())), "{changed:?}");
        assert_eq!(
            (field(&fields, "state"), field(&fields, "iss")),
            (Some("the state".into()), Some(ISSUER.into()))
        );
    }
    let url = location(&suite.asks(As::Nobody, &[FORM_POST]).await);
    let path = format!("/oauth/requests/{}/deny", url.path().strip_prefix("/authorize/").unwrap());
    let done = world.does(&suite.ada, "POST", &path, None).await;
    let path = text(&done, "location").strip_prefix(ISSUER).unwrap().to_owned();
    let mut carry = request(As::Cookie(&suite.ada), "GET", "", None);
    *carry.uri_mut() = path.parse().unwrap();
    let (_, fields) = posted(&world.send(carry).await, "https://client.example");
    assert_eq!((field(&fields, "error"), field(&fields, "code")), (Some("access_denied".into()), None));
    // A strange address gets nothing in this way either.
    let seen = suite.asks(As::Nobody, &[FORM_POST, ("redirect_uri", "https://evil.example/")]).await;
    assert_eq!(seen.status, 400);
    assert!(!String::from_utf8_lossy(&seen.body).contains("<form"));
}

/// A form goes to the origin of the redirect: the person's own machine with its port, and to no program's own scheme.
#[tokio::test]
async fn a_form_is_posted_to_addresses_of_the_web_only() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let uris = json!(["http://127.0.0.1/cb?a=\"b", "com.example.app:/cb"]);
    let program =
        world.program_with(json!({"redirect_uris": uris, "grant_types": ["authorization_code"]})).await;
    let suite = Suite { world: &world, ada, program };
    let local = "http://127.0.0.1:50123/cb?a=%22b";
    let seen =
        suite.asks(As::Cookie(&suite.ada), &[FORM_POST, ("redirect_uri", local), ("prompt", "none")]).await;
    assert_eq!(posted(&seen, "http://127.0.0.1:50123").0, local);
    let own = [FORM_POST, ("redirect_uri", "com.example.app:/cb")];
    let url = location(&suite.asks(As::Cookie(&suite.ada), &own).await);
    assert!(url.as_str().starts_with("com.example.app:/cb?error="), "{url}");
    assert_eq!(param(&url, "error").as_deref(), Some("invalid_request"));
}

/// What waits is no longer than a code is good.
#[tokio::test]
async fn an_answer_that_nobody_carries_is_gone_after_a_minute() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let url = suite.visits(&[FORM_POST]).await;
    world.time.advance(std::time::Duration::from_secs(60));
    let mut carry = at_root("GET", url.path());
    carry.headers_mut().insert("cookie", suite.ada.parse().unwrap());
    assert_eq!(world.send(carry).await.status, 404);
}
