//! How the house answers: who is believed, what is told to whom, in which form.

use serde_json::{Value, json};

use crate::{
    things::{Things, doors},
    told,
    world::{Log, Person, Seen, World, id},
};

told! {
/// Nothing but a credential of the house says who somebody is; a browser's word counts only from its own pages.
async fn mv_c1_mv_c2_mv_c4_lm_01_lm_03_fw_s6_only_a_verified_credential_is_believed(world: &mut World) {
    let house = world.starts().await;
    let nobody = house.nobody();
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let me = || nobody.asks("GET", "/api/v1/me");
    let tries = [
        me(),
        me().header("x-auth-uid", &olga.id),
        me().header("x-user-id", &olga.id),
        me().header("x-forwarded-user", &olga.email()),
        me().header("authorization", "Bearer dev-anon"),
        me().header("authorization", &format!("Bearer stoa_pat_{}", "a".repeat(43))),
        me().header("authorization", "Basic b2xnYTpvbGdh"),
        me().header("cookie", "session=1; stoa_session=2"),
        // Who shows a token is judged by the token alone.
        olga.asks("GET", "/api/v1/me").header("authorization", "Bearer none"),
    ];
    for asked in tries {
        let seen = asked.send().await;
        assert_eq!(seen.refusal().0, 401, "{}", seen.text());
    }
    assert_eq!(world.count("SELECT count(*) FROM identity_user").await, 1, "nobody was made on the way");
    let things = Things::nobodys();
    for door in doors(&olga).await.iter().filter(|door| !door.starts_with("GET ") && !door.contains("csp-report")) {
        let (method, path) = door.split_once(' ').unwrap();
        assert!(!path.is_empty() && !method.is_empty());
        let foreign = things.knock(&olga.without_page(), door).header("origin", "https://evil.example");
        let site = things.knock(&olga.without_page(), door).header("sec-fetch-site", "cross-site");
        // Doors for programs from anywhere do not look at the cookie: whoever brings it gets what nobody gets.
        let nobodys = things.knock(&nobody, door).send().await.status;
        for asked in [things.knock(&olga.without_page(), door), foreign, site] {
            let seen = asked.send().await;
            if door.contains(" /oauth/") {
                assert_eq!(seen.status, nobodys, "{door}");
            } else {
                assert_eq!(seen.refusal(), (403, "csrf".into()), "{door}");
            }
        }
    }
}
}

told! {
/// The world learns one word; who looks after the house learns the rest, at doors of their own.
async fn mv_h1_mv_h2_strangers_learn_one_word(world: &mut World) {
    let house = world.starts().await;
    let nobody = house.nobody();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(nobody.asks("GET", path).send().await.done(200), json!({ "status": "ok" }));
    }
    for path in ["/metrics", "/debug", "/debug/pprof/heap", "/admin", "/status", "/env", "/config", "/.env", "/server-status"] {
        for below in ["", "/api/v1"] {
            let seen = nobody.asks("GET", &format!("{below}{path}")).send().await;
            assert_eq!(seen.refusal().0, 404, "{below}{path}");
        }
    }
    let metrics = nobody.at_admin(&house).asks("GET", "/metrics").send().await;
    assert!(String::from_utf8_lossy(metrics.file()).contains("# TYPE stoa_"), "{}", metrics.text());
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let health = olga.get("/admin/health").await.done(200);
    assert_eq!(health["status"], "ok");
    assert!(health["checks"].as_array().unwrap().len() >= 2, "{health}");
}
}

/// Requests that are wrong in one way each, with what they get.
fn wrong(olga: &Person) -> Vec<(&'static str, crate::world::Asked, u16)> {
    let login = |body: &str| {
        let nobody = olga.without_page();
        nobody
            .nothing_shown()
            .asks("POST", "/api/v1/auth/login")
            .header("content-type", "application/json")
            .body(body.to_owned())
    };
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let long = json!({ "title": "x".repeat(600 << 10) }).to_string();
    let large = json!({ "title": "x".repeat(2 << 20) }).to_string();
    let json = |body: String| {
        olga.asks("PATCH", "/api/v1/labs/01900000-0000-7000-8000-000000000000")
            .header("content-type", "application/json")
            .body(body)
    };
    vec![
        ("nothing there", olga.asks("GET", "/api/v1/none"), 404),
        ("no such method", olga.asks("PUT", "/api/v1/me"), 405),
        ("no JSON", login("{"), 400),
        ("a field too many", login("{\"email\":\"a\",\"password\":\"b\",\"admin\":true}"), 422),
        ("a field missing", login("{}"), 422),
        ("no such page", olga.asks("GET", "/api/v1/labs?after=nonsense"), 422),
        ("no id", olga.asks("GET", "/api/v1/labs/nonsense"), 404),
        ("no content type", olga.asks("PATCH", "/api/v1/me").body("{}"), 415),
        ("mv_m8 deep", json(deep), 422),
        ("mv_m8 long", json(long), 422),
        ("mv_m8 large", json(large), 413),
        ("a token in the address", olga.asks("GET", "/api/v1/labs?access_token=abc"), 400),
    ]
}

told! {
/// Every failure is a problem document with its true status and the number of its request, and says nothing of
/// the inside; not even when the database breaks.
async fn mv_c5_mv_m5_lm_11_lm_18_lm_19_lm_20_failures_have_one_form(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    for (what, asked, status) in wrong(&olga) {
        let seen = asked.send().await;
        assert_eq!(seen.refusal().0, status, "{what}: {}", seen.text());
        is_logged(&house.log, &seen).await;
    }
    for path in doors(&olga).await.iter().filter_map(|door| door.split_once(" /api")).map(|(_, path)| path) {
        assert!(path.starts_with("/v1/"), "{path}");
    }
    world.expects_error("labmate_lab");
    world.alters("ALTER TABLE labmate_lab RENAME TO labmate_gone").await;
    let seen = olga.get("/labs").await;
    assert_eq!(seen.refusal(), (500, "internal".into()));
    for inside in ["labmate", "SELECT", "sql", ".rs", "relation", "table"] {
        assert!(!seen.text().contains(inside), "{}", seen.text());
    }
    is_logged(&house.log, &seen).await;
    world.alters("ALTER TABLE labmate_gone RENAME TO labmate_lab").await;
    olga.get("/labs").await.done(200);
}
}

/// The line of a request carries the number that its answer carried. It may come later than the answer.
async fn is_logged(log: &Log, seen: &Seen) {
    let number = seen.header("x-request-id");
    assert!(number.len() >= 16, "{number}");
    let line = log.until(&format!("\"req\":\"{number}\"")).await;
    let line: Value = serde_json::from_str(&line).unwrap();
    assert!(line["time"].is_string() && line["level"].is_string(), "{line}");
}

told! {
/// Data is never kept by browsers; what has a hash in its name is kept for ever; what repeats has a tag.
async fn lm_30_answers_say_how_they_may_be_kept(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    for path in ["/me", "/labs", "/admin/users", "/none"] {
        assert_eq!(olga.get(path).await.header("cache-control"), "no-store", "{path}");
    }
    let document = olga.get("/openapi.json").await;
    let tag = document.header("etag").to_owned();
    let again = olga.asks("GET", "/api/v1/openapi.json").header("if-none-match", &tag).send().await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let lab = olga.uploads("one.md", b"1. Write a program to print one.\n").await;
    let seen = olga.get(&format!("/labs/{}", id(&lab))).await;
    assert!(!seen.header("etag").is_empty());
    let page = olga.asks("GET", "/").header("accept", "text/html").send().await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text();
    let script = text.split('"').find(|word| word.starts_with("/assets/") && word.ends_with(".js"));
    let script = olga.asks("GET", script.expect("the web app is built: `cargo x build`")).send().await;
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
}
}

told! {
/// The same key and the same words give the same answer, also from a process that started later.
async fn an_idempotency_key_survives_a_restart(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let lab = olga.uploads("one.md", b"1. Write a program to print one.\n").await;
    let ask = |olga: &Person, question: &str| {
        let asked = olga.asks("POST", &format!("/api/v1/labs/{}/tasks", id(&lab)));
        asked.header("idempotency-key", "once-and-for-all").json(&json!({ "question": question })).send()
    };
    let first = ask(&olga, "What now?").await.done(201);
    house.stops().await;
    let heir = world.starts().await;
    let olga = olga.at(&heir);
    let again = ask(&olga, "What now?").await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.done(201), first);
    assert_eq!(ask(&olga, "What else?").await.refusal(), (422, "idempotency_key_reused".into()));
    assert_eq!(world.count("SELECT count(*) FROM labmate_task").await, 2);
}
}
