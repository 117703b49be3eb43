//! The straight way, and what the provider gets to see of it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use stoa_core::Role;

use super::issuer::{ACCESS, CLIENT, Issuer, SECRET, back, page, school, with, world_of};
use crate::{
    factors::{code, sets_up},
    house::{As, World, seen},
    oauth::way::{challenge, param},
    outside::{answer, to_this_machine},
};

/// G15 O7; ASVS 10.2.1, 10.5.1.
#[tokio::test]
async fn o7_whoever_a_provider_vouches_for_is_in_with_an_account_of_their_own() {
    let (world, issuer) = school().await;
    assert_eq!(
        world.ask(As::Nobody, "GET", "/auth/upstreams", None).await.done(200),
        json!({ "items": [{ "name": "school", "label": "School", "kind": "oidc" }] })
    );
    let asked = world.knock("/auth/upstreams/school", json!({ "return_to": "/tasks?view=board" })).await;
    let set = asked.headers["set-cookie"].to_str().unwrap();
    assert!(
        set.starts_with("stoa-upstream=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"),
        "{set}"
    );
    assert_eq!(asked.headers["cache-control"], "no-store");
    let away = super::issuer::Away::of(&asked);
    let said = |name: &str| param(&away.location, name).unwrap();
    assert!(
        away.location.as_str().starts_with(&issuer.outside.url("/authorize?tenant=a&")),
        "{}",
        away.location
    );
    let back = "http://127.0.0.1:8080/auth/upstreams/school/callback";
    assert_eq!(
        ["response_type", "client_id", "redirect_uri", "scope", "code_challenge_method"].map(said),
        ["code", CLIENT, back, "openid email profile", "S256"].map(String::from)
    );
    issuer.vouches(&world, &away, &json!({}));
    let seen = world.comes_back("school", &away).await;
    assert_eq!(page(&seen), "/tasks?view=board");
    let ada = world.whose(&seen.cookie()).await;
    assert_eq!(
        (&ada["email"], &ada["display_name"], &ada["role"]),
        (&json!("Ada@example.org"), &json!("Ada Lovelace"), &json!("member"))
    );

    // What the provider saw: our password in the header, and the verifier of the challenge.
    let token = issuer.outside.asked("/token");
    let sent: Vec<(String, String)> =
        url::form_urlencoded::parse(token[0].body.as_bytes()).into_owned().collect();
    let of = |name: &str| sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!(challenge(&of("code_verifier").unwrap()), said("code_challenge"));
    assert_eq!(
        (of("grant_type"), of("code"), of("redirect_uri"), of("client_secret")),
        (Some("authorization_code".into()), Some("the-code".into()), Some(back.into()), None)
    );
    let pair = STANDARD.encode("stoa+client:p%3Ass+w%C3%B6rd");
    assert!(token[0].head.contains(&format!("authorization: Basic {pair}")), "{}", token[0].head);
    assert!(SECRET.contains('ö') && !token[0].body.contains("code_challenge"));

    // The second time it is the same account; its record says how.
    let again = world.enters(&issuer, &json!({ "email": "moved@example.org", "name": "Countess" })).await;
    assert_eq!(world.whose(&again.cookie()).await["id"], ada["id"]);
    let links = world.does(&again.cookie(), "GET", "/me/upstreams", None).await;
    let link = &links["items"][0];
    assert_eq!(
        links,
        json!({ "items": [{
            "id": link["id"], "name": "school", "label": "School", "account": "moved@example.org",
            "created_at": "2026-01-05T09:00:00.000000Z", "last_used_at": "2026-01-05T09:00:00.001000Z",
        }] })
    );
    let mut actions = world.actions().await;
    actions.sort();
    assert_eq!(actions, ["login", "login", "upstream.linked", "user.added", "user.signed_up"]);
    assert_eq!(
        world.text("SELECT max(subject) AS t FROM identity_audit WHERE action = 'login'").await,
        "fed"
    );
    assert_eq!(issuer.outside.times_asked("/jwks"), 1, "keys are kept for a while");
    assert_eq!(issuer.outside.times_asked("/.well-known/openid-configuration"), 1);
    world.time.advance(Duration::from_secs(60 * 60));
    world.enters(&issuer, &json!({})).await;
    assert_eq!(issuer.outside.times_asked("/jwks"), 2, "and then read anew");
}

/// fw_s2, mf_2: what is pending stands in the rows. The node that sends somebody away is gone when they come back.
async fn pending(postgres: bool) {
    let issuer = Issuer::starts().await;
    let config = with([("school", issuer.config())]);
    let world = world_of(config.clone(), postgres).await;
    let away = world.leaves("school", json!({})).await;
    issuer.vouches(&world, &away, &json!({}));
    let node = world.restarted_as(config, to_this_machine()).await;
    let state = away.state();
    let answer = seen(&node, back("school", &away.cookie, &[("state", &state), ("code", "c")])).await;
    assert_eq!(page(&answer), "/");
    // And the first node knows them.
    assert_eq!(world.whose(&answer.cookie()).await["email"], "Ada@example.org");
    world.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fw_s2_mf_2_an_attempt_outlives_its_node_sqlite() {
    pending(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fw_s2_mf_2_an_attempt_outlives_its_node_postgres() {
    pending(true).await;
}

/// Nothing of a provider is kept, and what is pending is a digest or sealed.
#[tokio::test]
async fn nothing_of_what_the_provider_handed_out_stands_in_any_row() {
    let (world, issuer) = school().await;
    let away = world.leaves("school", json!({})).await;
    let nonce = param(&away.location, "nonce").unwrap();
    let cookie = away.cookie.split_once('=').unwrap().1.to_owned();
    let pending = crate::erasure::everything(&world).await;
    assert!(pending.iter().any(|(place, _)| place == "identity_upstream_attempt.sealed"));
    issuer.vouches(&world, &away, &json!({}));
    let seen = world.comes_back("school", &away).await;
    let after = crate::erasure::everything(&world).await;
    let session = seen.cookie().split_once('=').unwrap().1.to_owned();
    let form = issuer.outside.asked("/token")[0].body.clone();
    let verifier = form.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for word in [&*nonce, &cookie, &away.state(), ACCESS, SECRET, &session, "the-code", &verifier] {
        assert!(pending.iter().chain(&after).all(|(_, value)| !value.contains(word)), "{word} is kept");
    }
    assert!(!after.iter().any(|(place, _)| place.starts_with("identity_upstream_attempt")), "it is taken");
}

/// Some providers take the password in the form, and say the address at userinfo alone.
#[tokio::test]
async fn a_provider_may_want_the_password_in_the_form_and_say_the_address_elsewhere() {
    let (world, issuer) = school().await;
    issuer.describes(&json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] }));
    issuer.says(
        "/userinfo",
        &json!({ "sub": "ada-there", "email": "ada@there.example", "email_verified": "true" }),
    );
    let bare = json!({ "email": null, "email_verified": null, "name": null });
    let seen = world.enters(&issuer, &bare).await;
    let ada = world.whose(&seen.cookie()).await;
    assert_eq!((&ada["email"], &ada["display_name"]), (&json!("ada@there.example"), &json!("ada")));
    let token = issuer.outside.asked("/token").remove(0);
    assert!(token.body.contains("client_secret=p%3Ass+w%C3%B6rd") && !token.head.contains("authorization"));
    assert!(issuer.outside.asked("/userinfo")[0].head.contains(&format!("authorization: Bearer {ACCESS}")));
    // Userinfo of somebody else counts for nothing.
    issuer.says("/userinfo", &json!({ "sub": "eve", "email": "eve@there.example", "email_verified": true }));
    let seen = world.enters(&issuer, &bare).await;
    assert_eq!(page(&seen), "/login?problem=untrusted");
    assert_eq!(world.reasons().await, ["school untrusted: userinfo"]);
}

/// A second factor of the account is asked for all the same.
#[tokio::test]
async fn a_provider_is_a_first_factor_and_the_second_step_comes_after_it() {
    let (world, issuer) = school().await;
    let seen = world.enters(&issuer, &json!({})).await;
    let (secret, _) = sets_up(&world, &seen.cookie()).await;
    let away = world.leaves("school", json!({ "return_to": "/tasks?a=b&c" })).await;
    issuer.vouches(&world, &away, &json!({}));
    let seen = world.comes_back("school", &away).await;
    assert!(seen.headers.get("set-cookie").is_none(), "half way in is outside");
    let page = page(&seen);
    let (before, behind) = page.split_once('#').unwrap();
    assert_eq!(before, "/login?next=%2Ftasks%3Fa%3Db%26c");
    let (ticket, methods) = behind.strip_prefix("ticket=").unwrap().split_once("&methods=").unwrap();
    assert_eq!(methods, "totp,backup_code");
    let shown = json!({ "ticket": ticket, "method": "totp", "code": code(&world, &secret, 0) });
    let done = world.knock("/auth/mfa", shown.clone()).await;
    done.done(200);
    assert_eq!(world.knock("/auth/mfa", shown).await.refusal(), (401, "ticket_expired".into()));
    assert_eq!(
        world.text("SELECT methods AS t FROM identity_session ORDER BY id DESC LIMIT 1").await,
        "otp mfa fed"
    );
}

/// GitHub: no ID token, but an API. On a server of one's own everything stands below one address.
#[tokio::test]
async fn github_says_by_number_who_somebody_is_and_by_its_primary_address_how_to_reach_them() {
    let issuer = Issuer::starts().await;
    let github = stoa_identity::UpstreamConfig {
        kind: stoa_identity::UpstreamKind::Github,
        label: None,
        ..issuer.config()
    };
    let world = world_of(with([("github", github)]), false).await;
    issuer.says(
        "/login/oauth/access_token",
        &json!({ "access_token": ACCESS, "token_type": "bearer", "scope": "" }),
    );
    issuer.says(
        "/api/v3/user",
        &json!({ "id": 583_231, "login": "octocat", "name": null, "email": "public@example.org" }),
    );
    let emails = |verified: bool| {
        json!([
            { "email": "old@example.org", "primary": false, "verified": true },
            { "email": "octo@example.org", "primary": true, "verified": verified },
        ])
    };
    issuer.says("/api/v3/user/emails", &emails(false));
    let enters = async || {
        let away = world.leaves("github", json!({})).await;
        assert!(away.location.as_str().starts_with(&issuer.outside.url("/login/oauth/authorize?")));
        assert!(
            param(&away.location, "nonce").is_none() && param(&away.location, "code_challenge").is_some()
        );
        assert_eq!(param(&away.location, "scope").unwrap(), "read:user user:email");
        world.comes_back("github", &away).await
    };
    // Nothing but the primary address, and only if it is verified.
    assert_eq!(page(&enters().await), "/login?problem=unverified");
    issuer.says("/api/v3/user/emails", &emails(true));
    let first = enters().await;
    let octo = world.whose(&first.cookie()).await;
    assert_eq!((&octo["email"], &octo["display_name"]), (&json!("octo@example.org"), &json!("octocat")));
    // The name is given to somebody else: another number is another person.
    issuer.says("/api/v3/user", &json!({ "id": 9, "login": "octocat" }));
    assert_eq!(page(&enters().await), "/login?problem=known_address");
    // GitHub refuses a code with a 200.
    issuer.says("/login/oauth/access_token", &json!({ "error": "bad_verification_code" }));
    assert_eq!(page(&enters().await), "/login?problem=untrusted");
    issuer.outside.puts("/login/oauth/access_token", Some(answer("200 OK", "", "access_token=x")));
    assert_eq!(page(&enters().await), "/login?problem=unavailable");
    assert!(
        issuer.outside.asked("/api/v3/user")[0].head.contains(&format!("authorization: Bearer {ACCESS}"))
    );
}

#[tokio::test]
async fn without_a_provider_there_is_none_and_an_unknown_one_is_not_found() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    assert_eq!(world.ask(As::Nobody, "GET", "/auth/upstreams", None).await.done(200), json!({ "items": [] }));
    assert_eq!(world.does(&ada, "GET", "/me/upstreams", None).await, json!({ "items": [] }));
    assert_eq!(world.knock("/auth/upstreams/school", json!({})).await.refusal(), (404, "not_found".into()));
    assert_eq!(world.returns("school", "", &[]).await.refusal(), (404, "not_found".into()));
    let link = world.ask(As::Cookie(&ada), "POST", "/me/upstreams", Some(json!({ "name": "school" }))).await;
    assert_eq!(link.refusal(), (404, "not_found".into()));
    let (world, _issuer) = school().await;
    let away = world.knock("/auth/upstreams/school", json!({ "return_to": "//evil.example" })).await;
    assert_eq!(away.refusal(), (422, "invalid".into()));
}
