//! Basic: parameters that may be there, and are taken as what they are: hints.

use crate::{house::World, openid::suite::Suite};

/// A request with one parameter more succeeds.
macro_rules! accepts {
    ($($name:ident: $parameter:literal = $value:expr;)+) => {$(
        #[tokio::test]
        async fn $name() {
            let world = World::new().await;
            let suite = Suite::new(&world).await;
            suite.tokens(&[($parameter, $value)]).await;
        }
    )+};
}

accepts! {
    oidcc_display_page: "display" = "page";
    oidcc_display_popup: "display" = "popup";
    oidcc_ensure_request_with_unknown_parameter_succeeds: "extra" = "foobar";
    oidcc_ui_locales: "ui_locales" = "sv se";
    oidcc_claims_locales: "claims_locales" = "sv se";
    oidcc_ensure_request_with_acr_values_succeeds: "acr_values" = "1 2";
    oidcc_claims_essential: "claims" = r#"{"userinfo":{"name":{"essential":true}}}"#;
}

/// The sign-in page is told; nobody is signed in because of it.
#[tokio::test]
async fn oidcc_login_hint() {
    use crate::{
        house::As,
        oauth::way::{location, param},
    };
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let url = location(&suite.asks(As::Nobody, &[("login_hint", "ada+x@example.org")]).await);
    assert!(url.path().starts_with("/authorize/"));
    assert_eq!(param(&url, "login_hint").as_deref(), Some("ada+x@example.org"));
    for nothing in ["ada", "a b@c", "\u{7}@c", &format!("{}@c", "x".repeat(254))] {
        let url = location(&suite.asks(As::Nobody, &[("login_hint", nothing)]).await);
        assert_eq!(url.query(), None, "{nothing}");
    }
    suite.tokens(&[("login_hint", "eve@example.org")]).await;
}
