//! What is kept of all that opens something: nothing that opens anything.

use serde_json::json;
use stoa_core::Role;

use super::way::{BACK, VERIFIER, challenge, form, text};
use crate::{
    erasure::everything,
    house::{As, World},
    on_both,
};

/// 32 random bytes in base64url: nobody guesses 256 bits (OAuth 2.1 §7.7 asks for 160).
const RANDOM: usize = 43;

on_both! {
/// G6 T20; G4 Z19, Z24; G9 J10; G12 U4; G13 E5.
async fn codes_tokens_and_secrets_are_long_and_stand_in_no_row(world: &World) {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let handle = world.waits(&program, &[]).await;
    let code = world.code(&ada, &program, &[("nonce", "a nonce"), ("scope", "openid profile email offline_access")]).await;
    let waits = world.code(&ada, &program, &[]).await;
    let tokens = world.redeems(&program, &code).await.done(200);
    let refreshed = world.refreshes(&program, &text(&tokens, "refresh_token")).await.done(200);
    let known = world.registers(json!({ "redirect_uris": [BACK] })).await.done(201);
    let television = json!({ "token_endpoint_auth_method": "none", "grant_types": [DEVICE] });
    let television = world.program_with(television).await;
    let device = [("client_id", &*television.id), ("scope", "profile")];
    let device = world.send(form("/oauth/device", &device)).await.done(200);
    let pushed = [
        ("client_id", &*program.id), ("response_type", "code"), ("redirect_uri", BACK), ("scope", "profile"),
        ("code_challenge", &challenge(VERIFIER)), ("code_challenge_method", "S256"),
    ];
    let pushed = text(&world.send(form("/oauth/par", &pushed)).await.done(201), "request_uri");
    let pushed = pushed.rsplit_once(':').unwrap().1.to_owned();
    let secrets = [
        ("a handle", handle), ("a pushed handle", pushed), ("a code", code), ("a code that waits", waits),
        ("an access token", text(&tokens, "access_token")), ("an ID token", text(&tokens, "id_token")),
        ("a refresh token", text(&tokens, "refresh_token")), ("the next one", text(&refreshed, "refresh_token")),
        ("a secret", text(&known, "client_secret")),
        ("a registration token", text(&known, "registration_access_token")),
        ("a device code", text(&device, "device_code")),
    ];
    let kept = everything(world).await;
    assert!(kept.len() > 100);
    for (what, secret) in &secrets {
        assert!(secret.len() >= RANDOM, "{what}: {secret}");
        // The signature of a token alone would do to know it again, and so does the end of any secret.
        let end = &secret[secret.len() - 30..];
        let found: Vec<_> = kept.iter().filter(|(_, value)| value.contains(end)).map(|(place, _)| place).collect();
        assert_eq!(found, Vec::<&String>::new(), "{what}");
    }
    let typed = text(&device, "user_code");
    for written in [typed.clone(), typed.replace('-', ""), typed.to_lowercase()] {
        assert!(!kept.iter().any(|(_, value)| value.contains(&written)), "{written}");
    }
    // Z19: the challenge is kept beside the digest of its code, and cannot be read out of the code.
    let hash = challenge(VERIFIER);
    assert!(kept.iter().any(|(place, value)| place == "identity_code.asked" && value.contains(&hash)));
    world.ask(As::Token(&text(&refreshed, "access_token")), "GET", "/me", None).await.done(200);
}
}
