//! What is tried at the way back. Each ends with nobody signed in, and with its reason on record.

use std::time::Duration;

use serde_json::{Value, json};

use super::issuer::{Away, CLIENT, Issuer, back, page, school, with, world_of};
use crate::{
    house::{World, seen},
    oauth::{
        registration::{Pair, b64},
        way::{location, param},
    },
    outside::to_this_machine,
};

/// Nobody got in by it.
async fn is_outside(world: &World) {
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_session").await, 0);
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_upstream").await, 0);
}

/// G15 O7; ASVS 10.1.2, 10.2.1: login CSRF. A link with a good code, sent to somebody else, signs nobody in, and leaves
/// the attempt to the browser that began it.
#[tokio::test]
async fn o7_the_state_of_another_browser_opens_nothing() {
    let (world, issuer) = school().await;
    let eve = world.leaves("school", json!({})).await;
    let victim = world.leaves("school", json!({})).await;
    issuer.vouches(&world, &eve, &json!({}));
    let state = eve.state();
    let sent = [("state", &*state), ("code", "c")];
    for cookies in ["", "stoa-upstream=", "stoa-upstream=x", &victim.cookie, "x=y; stoa=z"] {
        let seen = world.returns("school", cookies, &sent).await;
        assert_eq!(page(&seen), "/login?problem=expired", "{cookies}");
        assert!(seen.headers.get("set-cookie").is_none());
    }
    assert_eq!(issuer.outside.times_asked("/token"), 0, "no code went out");
    is_outside(&world).await;
    assert_eq!(page(&world.returns("school", &eve.cookie, &sent).await), "/");
}

/// A state counts once, for ten minutes, and only one that was given out.
#[tokio::test]
async fn o7_a_state_counts_once_and_for_ten_minutes() {
    let (world, issuer) = school().await;
    let away = world.leaves("school", json!({})).await;
    issuer.vouches(&world, &away, &json!({}));
    assert_eq!(page(&world.comes_back("school", &away).await), "/");
    assert_eq!(page(&world.comes_back("school", &away).await), "/login?problem=expired");
    let slow = world.leaves("school", json!({})).await;
    world.time.advance(Duration::from_secs(600));
    issuer.vouches(&world, &slow, &json!({}));
    assert_eq!(page(&world.comes_back("school", &slow).await), "/login?problem=expired");
    let state = slow.state();
    for odd in [
        vec![("code", "c")],
        vec![("state", "x"), ("code", "c")],
        vec![("state", &*state), ("state", &*state)],
    ] {
        assert_eq!(page(&world.returns("school", &slow.cookie, &odd).await), "/login?problem=expired");
    }
    assert_eq!(world.reasons().await, ["school expired: state"; 5]);
    // What nobody came back for is swept.
    world.leaves("school", json!({})).await;
    world.works();
    while world.number("SELECT count(*) AS n FROM identity_upstream_attempt").await > 0 {
        world.time.advance(Duration::from_secs(15 * 60));
        world.rests().await;
        tokio::task::yield_now().await;
    }
}

/// Of twenty callbacks at once one takes the attempt.
async fn race(postgres: bool) {
    let issuer = Issuer::starts().await;
    let world = world_of(with([("school", issuer.config())]), postgres).await;
    let away = world.leaves("school", json!({})).await;
    issuer.vouches(&world, &away, &json!({}));
    let node = world.node(10_000);
    let state = away.state();
    let all = (0..20).map(|_| seen(&node, back("school", &away.cookie, &[("state", &state), ("code", "c")])));
    let mut pages: Vec<String> = futures::future::join_all(all).await.iter().map(page).collect();
    pages.sort();
    assert_eq!(pages[0], "/");
    assert!(pages[1..].iter().all(|page| page == "/login?problem=expired"), "{pages:?}");
    assert_eq!(issuer.outside.times_asked("/token"), 1);
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_session").await, 1);
    world.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_callbacks_at_once_one_gets_in_sqlite() {
    race(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_callbacks_at_once_one_gets_in_postgres() {
    race(true).await;
}

/// G5 I4; ASVS 10.2.2: the four rows of RFC 9207 §2.4, and nothing of an answer whose sender is in doubt.
#[tokio::test]
async fn i4_the_sender_of_an_answer_is_compared_to_the_letter() {
    let (world, issuer) = school().await;
    let name = issuer.name();
    let tries = async |promised: bool, iss: Option<&str>, said: (&str, &str)| {
        let node = world.restarted_as(with([("school", issuer.config())]), to_this_machine()).await;
        issuer.describes(&json!({ "authorization_response_iss_parameter_supported": promised }));
        let body = Some(json!({}));
        let asked = crate::house::request(crate::house::As::Nobody, "POST", "/auth/upstreams/school", body);
        let away = Away::of(&seen(&node, asked).await);
        issuer.vouches(&world, &away, &json!({}));
        let state = away.state();
        let mut pairs = vec![("state", &*state), said];
        pairs.extend(iss.map(|iss| ("iss", iss)));
        page(&seen(&node, back("school", &away.cookie, &pairs)).await)
    };
    let code = ("code", "c");
    for (promised, iss, end) in [
        (true, Some(&*name), "/"),
        (true, None, "/login?problem=untrusted"),
        (false, Some(&*name), "/"),
        (false, None, "/"),
    ] {
        assert_eq!(tries(promised, iss, code).await, end, "{promised} {iss:?}");
    }
    let (slash, upper) = (format!("{name}/"), name.to_uppercase());
    for other in [&*slash, &upper, "https://evil.example"] {
        assert_eq!(tries(false, Some(other), code).await, "/login?problem=untrusted", "{other}");
        let told = ("error", "access_denied");
        assert_eq!(tries(true, Some(other), told).await, "/login?problem=untrusted", "an error of whoever");
    }
    assert_eq!(tries(true, Some(&name), ("error", "access_denied")).await, "/login?problem=declined");
    let text = ("error", "<script>alert(1)</script>");
    assert_eq!(tries(true, Some(&name), text).await, "/login?problem=unavailable");
    assert!(world.reasons().await.iter().all(|reason| !reason.contains("script")));
}

/// G5 I4, G15 O7; ASVS 10.2.2: mix-up. Of two providers the bad one sends the browser on to the good one; the good one's
/// code must not be taken to the bad one.
#[tokio::test]
async fn i4_an_answer_of_one_provider_is_not_taken_for_anothers() {
    let (good, bad) = (Issuer::starts().await, Issuer::starts().await);
    good.describes(&json!({ "authorization_response_iss_parameter_supported": true }));
    let world = world_of(with([("bad", bad.config()), ("good", good.config())]), false).await;
    let away = world.leaves("bad", json!({})).await;
    let (state, good_name) = (away.state(), good.name());
    // At the address of the bad one: the good one says who it is.
    let said = [("state", &*state), ("code", "good-code"), ("iss", &*good_name)];
    assert_eq!(page(&world.returns("bad", &away.cookie, &said).await), "/login?problem=untrusted");
    // At the address of the good one: the attempt was with another.
    let away = world.leaves("bad", json!({})).await;
    let state = away.state();
    let said = [("state", &*state), ("code", "good-code"), ("iss", &*good_name)];
    assert_eq!(page(&world.returns("good", &away.cookie, &said).await), "/login?problem=untrusted");
    assert_eq!(world.reasons().await, ["bad untrusted: iss", "good untrusted: another provider"]);
    assert_eq!((bad.outside.times_asked("/token"), good.outside.times_asked("/token")), (0, 0));
    // ASVS 6.8.1: the same subject at another provider is another person.
    let away = world.leaves("good", json!({})).await;
    good.vouches(&world, &away, &json!({}));
    let state = away.state();
    let said = [("state", &*state), ("code", "c"), ("iss", &*good_name)];
    assert_eq!(page(&world.returns("good", &away.cookie, &said).await), "/");
    let away = world.leaves("bad", json!({})).await;
    bad.vouches(&world, &away, &json!({ "email": "eve@example.org" }));
    let eve = world.comes_back("bad", &away).await;
    assert_eq!(world.whose(&eve.cookie()).await["email"], "eve@example.org");
    // Nor does the bad one sign for the good one.
    let away = world.leaves("bad", json!({})).await;
    bad.vouches(&world, &away, &json!({ "iss": good_name }));
    assert_eq!(page(&world.comes_back("bad", &away).await), "/login?problem=untrusted");
    assert_eq!(world.reasons().await[2], "bad untrusted: id_token iss");
}

/// G3 C31: what was begun with one issuer is not finished with another, and its links are not the other's.
#[tokio::test]
async fn c31_credentials_and_links_belong_to_an_issuer_not_to_a_name() {
    let (before, after) = (Issuer::starts().await, Issuer::starts().await);
    let world = world_of(with([("school", before.config())]), false).await;
    assert_eq!(page(&world.enters(&before, &json!({})).await), "/");
    let away = world.leaves("school", json!({})).await;
    let node = world.restarted_as(with([("school", after.config())]), to_this_machine()).await;
    let state = away.state();
    let said = [("state", &*state), ("code", "c")];
    assert_eq!(page(&seen(&node, back("school", &away.cookie, &said)).await), "/login?problem=untrusted");
    assert_eq!(world.reasons().await, ["school untrusted: another issuer"]);
    assert!(after.outside.is_untouched(), "neither code nor verifier nor password went there");
    // The subject of before is nobody at the new one: its address is not linked by itself.
    let asked =
        crate::house::request(crate::house::As::Nobody, "POST", "/auth/upstreams/school", Some(json!({})));
    let away = Away::of(&seen(&node, asked).await);
    after.vouches(&world, &away, &json!({}));
    let state = away.state();
    let said = [("state", &*state), ("code", "c")];
    assert_eq!(page(&seen(&node, back("school", &away.cookie, &said)).await), "/login?problem=known_address");
}

/// ASVS 10.5.1, 10.5.4; RFC 8725: every token that is none.
#[tokio::test]
async fn o7_an_id_token_that_does_not_hold_signs_nobody_in() {
    let (world, issuer) = school().await;
    let stranger = Pair::new();
    let head = json!({ "alg": "ES256", "kid": "one" });
    let now = world.store.clock.now().micros() / 1_000_000;
    let claims = [
        ("id_token nonce", json!({ "nonce": "another" })),
        ("id_token nonce", json!({ "nonce": null })),
        ("id_token aud", json!({ "aud": "another client" })),
        ("id_token azp", json!({ "aud": [CLIENT, "another client"] })),
        ("id_token aud", json!({ "azp": "another client" })),
        ("id_token iss", json!({ "iss": "https://evil.example" })),
        ("id_token exp", json!({ "exp": now - 1 })),
        ("id_token iat", json!({ "iat": now - 86_400 })),
        ("id_token at_hash", json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" })),
        ("subject", json!({ "sub": "" })),
        ("subject", json!({ "sub": "x".repeat(256) })),
    ];
    for (why, change) in claims {
        assert_eq!(page(&world.enters(&issuer, &change).await), "/login?problem=untrusted", "{why}");
        assert_eq!(world.reasons().await.last().unwrap(), &format!("school untrusted: {why}"));
    }
    let key = b64(issuer.jwk("one").to_string().as_bytes());
    type Forged<'a> = Box<dyn Fn(&Value) -> String + 'a>;
    let part = |value: &Value| b64(value.to_string().as_bytes());
    let hmac = |claims: &Value| {
        // Signed with what everybody knows: the public key.
        let said = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": "one" })), part(claims));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
        format!("{said}.{}", b64(aws_lc_rs::hmac::sign(&key, said.as_bytes()).as_ref()))
    };
    let of_stranger = |head: Value| {
        let stranger = &stranger;
        Box::new(move |claims: &Value| stranger.signs(&head, claims)) as Forged<'_>
    };
    let forged: [(&str, Forged<'_>); 8] = [
        (
            "id_token head",
            Box::new(|claims| format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))),
        ),
        ("id_token head", Box::new(hmac)),
        ("id_token signature", of_stranger(head.clone())),
        ("id_token signature", of_stranger(json!({ "alg": "ES256", "kid": "foreign" }))),
        ("id_token head", of_stranger(json!({ "alg": "ES256", "jwk": stranger.public }))),
        (
            "id_token head",
            of_stranger(json!({ "alg": "ES256", "kid": "one", "jku": "https://evil.example/jwks" })),
        ),
        (
            "id_token head",
            Box::new(|claims| {
                issuer.key.signs(&json!({ "alg": "ES256", "kid": "one", "typ": "at+jwt" }), claims)
            }),
        ),
        ("id_token head", Box::new(|_| "no token".into())),
    ];
    for (number, (why, forge)) in forged.iter().enumerate() {
        let away = world.leaves("school", json!({})).await;
        issuer.hands_out(&forge(&issuer.claims(&world, &away, &json!({}))));
        assert_eq!(page(&world.comes_back("school", &away).await), "/login?problem=untrusted", "{number}");
        assert_eq!(world.reasons().await.last().unwrap(), &format!("school untrusted: {why}"), "{number}");
    }
    // A way to sign that the issuer does not name is none of its own.
    issuer.describes(&json!({ "id_token_signing_alg_values_supported": ["RS256"] }));
    world.time.advance(Duration::from_secs(3600));
    assert_eq!(page(&world.enters(&issuer, &json!({})).await), "/login?problem=untrusted");
    // And no token at all.
    let away = world.leaves("school", json!({})).await;
    issuer.says("/token", &json!({ "access_token": "a", "token_type": "Bearer" }));
    assert_eq!(page(&world.comes_back("school", &away).await), "/login?problem=untrusted");
    is_outside(&world).await;
}

/// A key that is not known yet makes the keys be read anew, at most once a minute.
#[tokio::test]
async fn new_keys_are_read_when_one_signs_and_foreign_ones_cannot_make_us_ask_all_day() {
    let (world, issuer) = school().await;
    let asked = || issuer.outside.times_asked("/jwks");
    let enters = async |kid: &str| {
        let away = world.leaves("school", json!({})).await;
        let head = json!({ "alg": "ES256", "kid": kid });
        issuer.hands_out(&issuer.key.signs(&head, &issuer.claims(&world, &away, &json!({}))));
        page(&world.comes_back("school", &away).await)
    };
    assert_eq!((enters("one").await, asked()), ("/".into(), 1));
    issuer.shows_keys(
        &json!([issuer.jwk("two"), { "kty": "oct", "kid": "two", "k": "AAAA" }, { "kty": "new" }]),
    );
    world.time.advance(Duration::from_secs(60));
    assert_eq!((enters("two").await, asked()), ("/".into(), 2));
    for _ in 0..5 {
        assert_eq!(enters("foreign").await, "/login?problem=untrusted");
    }
    assert_eq!(asked(), 2);
    world.time.advance(Duration::from_secs(60));
    assert_eq!((enters("foreign").await, asked()), ("/login?problem=untrusted".into(), 3));
    // For signing, and of this algorithm.
    let mut wrong = issuer.jwk("two");
    wrong["use"] = json!("enc");
    issuer.shows_keys(&json!([wrong]));
    world.time.advance(Duration::from_secs(3600));
    assert_eq!(enters("two").await, "/login?problem=untrusted");
}

/// Whoever comes back is sent to a page of ours and to no other.
#[tokio::test]
async fn nothing_that_comes_back_decides_where_one_goes() {
    let (world, issuer) = school().await;
    let away = world.leaves("school", json!({ "return_to": "/labs" })).await;
    issuer.vouches(&world, &away, &json!({}));
    let state = away.state();
    let said = [
        ("state", &*state),
        ("code", "c"),
        ("return_to", "https://evil.example"),
        ("redirect_uri", "https://evil.example"),
        ("next", "//evil.example"),
    ];
    assert_eq!(
        location(&world.returns("school", &away.cookie, &said).await).as_str(),
        "http://127.0.0.1:8080/labs"
    );
    let own = world.login("own").await;
    let away = Away::of(
        &world.ask(crate::house::As::Cookie(&own), "POST", "/auth/upstreams/school", Some(json!({}))).await,
    );
    assert!(param(&away.location, "state").is_some_and(|state| state.len() == 43));
}
