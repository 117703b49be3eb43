//! Signing in with a real provider of identities, with a server that is replaced while somebody is away.

use std::{collections::BTreeMap, fs, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
};
use url::{Position, Url};

use crate::{
    models::node,
    told,
    world::{Asked, Node, Person, Seen, World, request},
};

const PROGRAM: &str = include_str!("../../clients/oidc_provider.mjs");

/// The provider.
struct Provider {
    issuer: String,
    says: Lines<BufReader<ChildStdout>>,
    hears: ChildStdin,
    _child: Child,
}

impl Provider {
    async fn starts(world: &World, secret: &str) -> Self {
        let folder = &world.folder.0;
        fs::write(folder.join("oidc_provider.mjs"), PROGRAM).unwrap();
        let mut command = node(folder);
        command.arg("oidc_provider.mjs").env("SECRET", secret);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (says, hears) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        let mut says = BufReader::new(says).lines();
        let first: Value = serde_json::from_str(&says.next_line().await.unwrap().unwrap()).unwrap();
        Self { issuer: first["issuer"].as_str().unwrap().to_owned(), says, hears, _child: child }
    }

    /// Learns where the house wants its browsers back.
    async fn knows(&mut self, house: &Node) {
        let back = format!("{}/auth/upstreams/school/callback\n", house.url);
        self.hears.write_all(back.as_bytes()).await.unwrap();
        assert_eq!(self.says.next_line().await.unwrap().unwrap(), r#"{"ready":true}"#);
    }
}

/// A browser: what it was given it brings along, to each place its own.
#[derive(Default)]
struct Browser(BTreeMap<String, BTreeMap<String, String>>);

impl Browser {
    /// Takes what an answer of a place leaves with it.
    fn keeps(&mut self, place: &str, seen: &Seen) {
        for line in seen.headers.get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.0.entry(place.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
        }
    }

    /// Goes to an address, as a link or a redirect leads there.
    async fn goes(&mut self, address: &Url) -> Seen {
        let place = address[..Position::AfterPort].to_owned();
        let kept = self.0.get(&place).into_iter().flatten();
        let cookies: Vec<String> = kept.map(|(name, value)| format!("{name}={value}")).collect();
        let asked = Asked(request("GET", address.as_str()));
        let seen =
            asked.header("cookie", &cookies.join("; ")).header("sec-fetch-site", "cross-site").send().await;
        self.keeps(&place, &seen);
        seen
    }

    /// Begins to sign in; the provider's page to go to.
    async fn leaves(&mut self, who: &Person, house: &Node) -> Url {
        let begun = who.post("/auth/upstreams/school", &json!({ "return_to": "/tasks" })).await;
        self.keeps(&house.url, &begun);
        begun.done(200)["location"].as_str().unwrap().parse().unwrap()
    }

    /// Is there as somebody, or says no; where it is sent back.
    async fn is_there(&mut self, page: Url, house: &Node, login: Option<&str>) -> Url {
        let mut address = page;
        for _ in 0..8 {
            if address.path().starts_with("/as/") {
                address.set_query(login.map(|login| format!("login={login}")).as_deref());
            }
            let seen = self.goes(&address).await;
            assert!([302, 303].contains(&seen.status), "{address}: {}", seen.text());
            address = address.join(seen.header("location")).unwrap();
            if address.as_str().starts_with(&house.url) {
                return address;
            }
        }
        panic!("nobody was sent back: {address}");
    }

    /// Comes back; the page that it ends on.
    async fn comes_back(&mut self, address: &Url, house: &Node) -> String {
        let seen = self.goes(address).await;
        assert_eq!(seen.status, 303, "{}", seen.text());
        seen.header("location").strip_prefix(&house.url).unwrap().to_owned()
    }

    /// Whoever is signed in with it.
    fn person(&self, house: &Node) -> Person {
        house.nobody().with_cookie(&format!("stoa={}", self.0[&house.url]["stoa"]))
    }
}

/// So that nothing of it is found in a log or a row at the end.
fn is_secret(person: &Person, address: &Url) {
    for (name, value) in address.query_pairs() {
        if ["code", "state", "nonce"].contains(&&*name) {
            person.also_secret(&value);
        }
    }
}

told! {
/// G15 O7, fw_s2, mf_2: somebody leaves one process for a provider and comes back to the next one; twenty of them at once;
/// signs up, signs in, links, and is told what to do where an address is somebody's already.
async fn fw_s2_mf_2_o7_people_sign_in_with_a_real_provider_across_a_restart(world: &mut World) {
    let secret = "the password at the provider";
    let mut school = Provider::starts(world, secret).await;
    world.set("STOA_OUT__PRIVATE", "127.0.0.1=127.0.0.0/8");
    world.set("STOA_IDENTITY__SIGNUP", "open");
    for (name, value) in [
        ("KIND", "oidc"), ("LABEL", "School"), ("ISSUER", &*school.issuer), ("CLIENT_ID", "stoa"),
        ("CLIENT_SECRET", secret),
    ] {
        world.set(&format!("STOA_IDENTITY__UPSTREAMS__SCHOOL__{name}"), value);
    }
    let first = world.starts().await;
    school.knows(&first).await;
    let olga = first.nobody().takes_the_house(&first, "olga").await;
    olga.also_secret(secret);
    let nobody = first.nobody();
    assert_eq!(
        nobody.get("/auth/upstreams").await.done(200),
        json!({ "items": [{ "name": "school", "label": "School", "kind": "oidc" }] })
    );

    // Away at the provider while the process goes and another takes its place.
    let mut browser = Browser::default();
    let page = browser.leaves(&nobody, &first).await;
    is_secret(&olga, &page);
    let back = browser.is_there(page, &first, Some("grace")).await;
    is_secret(&olga, &back);
    assert!(back.query_pairs().any(|(name, value)| name == "iss" && value == school.issuer), "{back}");
    first.stops().await;
    let house = world.starts_with(&["--listen", first.url.strip_prefix("http://").unwrap()]).await;
    assert_eq!(house.url, first.url);
    // A browser that did not begin it brings the same address.
    assert_eq!(Browser::default().comes_back(&back, &house).await, "/login?problem=expired");
    assert_eq!(browser.comes_back(&back, &house).await, "/tasks");
    assert_eq!(browser.comes_back(&back, &house).await, "/login?problem=expired");
    let grace = browser.person(&house);
    let me = grace.get("/me").await.done(200);
    assert_eq!((&me["email"], &me["display_name"]), (&json!("grace@example.org"), &json!("The grace")));

    // The same person in another browser, of which twenty copies come back at once.
    let mut other = Browser::default();
    let page = other.leaves(&house.nobody(), &house).await;
    let back = other.is_there(page, &house, Some("grace")).await;
    let copies = (0..20).map(|_| {
        let (mut copy, back, house) = (Browser(other.0.clone()), back.clone(), house.clone());
        async move {
            let page = copy.comes_back(&back, &house).await;
            (page, copy)
        }
    });
    let mut ends = futures::future::join_all(copies).await;
    ends.sort_by(|(one, _), (other, _)| other.cmp(one));
    assert_eq!(ends.iter().filter(|(page, _)| page == "/tasks").count(), 1);
    assert_eq!(ends[0].1.person(&house).get("/me").await.done(200)["id"], me["id"]);

    // An address that is somebody's, and somebody who says no.
    let mut eve = Browser::default();
    let page = eve.leaves(&house.nobody(), &house).await;
    let back = eve.is_there(page, &house, Some("olga")).await;
    assert_eq!(eve.comes_back(&back, &house).await, "/login?problem=known_address");
    let page = eve.leaves(&house.nobody(), &house).await;
    eve.0.remove(&school.issuer);
    let back = eve.is_there(page, &house, None).await;
    assert_eq!(eve.comes_back(&back, &house).await, "/login?problem=declined");

    // Olga links it herself, signs in with it, and removes it.
    let mut olgas = Browser::default();
    let mut olga = olga.at(&house);
    olga.signs_in().await;
    let begun = olga.post("/me/upstreams", &json!({ "name": "school" })).await;
    olgas.keeps(&house.url, &begun);
    olgas.0.get_mut(&house.url).unwrap().insert("stoa".into(), olga.cookie().strip_prefix("stoa=").unwrap().into());
    let page = begun.done(200)["location"].as_str().unwrap().parse().unwrap();
    let back = olgas.is_there(page, &house, Some("olga")).await;
    assert_eq!(olgas.comes_back(&back, &house).await, "/settings/security?linked=school");
    let mut again = Browser::default();
    let page = again.leaves(&house.nobody(), &house).await;
    let back = again.is_there(page, &house, Some("olga")).await;
    assert_eq!(again.comes_back(&back, &house).await, "/tasks");
    assert_eq!(again.person(&house).get("/me").await.done(200)["role"], "owner");
    let links = olga.get("/me/upstreams").await.done(200);
    let link = &links["items"][0];
    assert_eq!((&link["label"], &link["account"]), (&json!("School"), &json!("olga@example.org")));
    let path = format!("/me/upstreams/{}", link["id"].as_str().unwrap());
    assert_eq!(grace.delete(&path).await.refusal(), (404, "not_found".into()));
    assert_eq!(olga.delete(&path).await.status, 204);
    assert_eq!(world.count("SELECT count(*) FROM identity_upstream").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM identity_upstream_attempt").await, 0);
}
}
