//! Clients of others with their own code for OAuth and OpenID Connect: from the first refusal, through the person's
//! browser, to the day when the person takes it back. The browser is the story's; all else is theirs.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    process::Stdio,
    time::Duration,
};

use serde_json::{Value, json};
use stoa_store::Tasks;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use url::{Position, Url};

use crate::{
    models::{node, program},
    told,
    world::{Person, World, needed},
};

const PROGRAMS: [(&str, &str); 5] = [
    ("mcp_oauth.mjs", include_str!("../../clients/mcp_oauth.mjs")),
    ("mcp_oauth.py", include_str!("../../clients/mcp_oauth.py")),
    ("openid.mjs", include_str!("../../clients/openid.mjs")),
    ("leaving.mjs", include_str!("../../clients/leaving.mjs")),
    ("authlib_client.py", include_str!("../../clients/authlib_client.py")),
];
/// Most time between two lines of a client on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client at work: it says in lines what it needs, and hears in lines what happened.
struct Client {
    child: Child,
    says: Lines<BufReader<ChildStdout>>,
    hears: ChildStdin,
}

impl Client {
    /// One of the programs, with the language that it is written in.
    fn starts(world: &World, name: &str, words: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = &world.folder.0;
        for (name, text) in PROGRAMS {
            fs::write(folder.join(name), text).unwrap();
        }
        let mut command = match name.rsplit_once('.') {
            Some((_, "mjs")) => node(folder),
            _ => program(&format!("{}/python", needed("STOA_TEST_PYTHON")), folder),
        };
        command.arg(name).args(words).envs(environment.iter().copied());
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (says, hears) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        Self { child, says: BufReader::new(says).lines(), hears }
    }

    /// Its next line; one that ends without is told with what it complained of.
    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.says.next_line()).await.expect("a line in time");
        if let Some(line) = line.unwrap() {
            return line;
        }
        let mut complaint = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut complaint).await.unwrap();
        panic!("the client ended: {complaint}");
    }

    async fn says(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    async fn hears(&mut self, line: &str) {
        self.hears.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The address that it wants to be opened.
    async fn opens(&mut self) -> String {
        let said = self.says().await;
        said["open"].as_str().unwrap_or_else(|| panic!("no address: {said}")).to_owned()
    }

    /// Waits for a good end, and for nothing more to be said.
    async fn ends(mut self) {
        assert_eq!(self.says.next_line().await.unwrap(), None);
        assert!(self.child.wait().await.unwrap().success());
    }
}

/// What a browser does at an address of the house, and the person on the page that it leads to: where it is sent back.
async fn lets_in(person: &Person, address: &str) -> String {
    let address: Url = address.parse().unwrap();
    let asked = person.asks("GET", &address[Position::BeforePath..]).send().await;
    assert_eq!(asked.status, 303, "{}", asked.text());
    let page: Url = asked.header("location").parse().unwrap();
    let handle = page.path().strip_prefix("/authorize/").unwrap_or_else(|| panic!("{page}"));
    let allowed = person.post(&format!("/oauth/requests/{handle}/allow"), &json!({})).await.done(200);
    let back: Url = allowed["location"].as_str().unwrap().parse().unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    person.also_secret(&code);
    back.into()
}

/// The same where the client wants a form: what the browser posts to it.
async fn posts_in(person: &Person, address: &str) -> String {
    let address: Url = address.parse().unwrap();
    let asked = person.asks("GET", &address[Position::BeforePath..]).send().await;
    let page: Url = asked.header("location").parse().unwrap();
    let handle = page.path().strip_prefix("/authorize/").unwrap_or_else(|| panic!("{page}"));
    let allowed = person.post(&format!("/oauth/requests/{handle}/allow"), &json!({})).await.done(200);
    let carried: Url = allowed["location"].as_str().unwrap().parse().unwrap();
    let page = person.asks("GET", carried.path()).send().await;
    assert_eq!(page.status, 200, "{}", page.text());
    let between =
        |text: &str, from: &str| text.split(from).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = page.text();
    let fields = page.split("<input type=\"hidden\" ").skip(1);
    let fields: Vec<_> =
        fields.map(|field| (between(field, "name=\""), between(field, "value=\""))).collect();
    person.also_secret(&fields.iter().find(|(name, _)| name == "code").unwrap().1);
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A browser goes to an address on this machine.
async fn goes_to(address: &str) {
    let address: Url = address.parse().unwrap();
    let (host, path) =
        (&address[Position::BeforeHost..Position::AfterPort], &address[Position::BeforePath..]);
    let mut line = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    line.write_all(request.as_bytes()).await.unwrap();
    line.read_to_end(&mut Vec::new()).await.unwrap();
}

/// The document of a client, at an address on this machine.
async fn describes_itself(tasks: &Tasks) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let id = format!("http://{}/client.json", listener.local_addr().unwrap());
    let document = json!({
        "client_id": id, "client_name": "Story", "redirect_uris": ["http://127.0.0.1:33418/callback"],
    })
    .to_string();
    tasks.spawn("document", async move {
        loop {
            let (mut line, _) = listener.accept().await.unwrap();
            let (mut all, mut piece) = (Vec::new(), [0; 1024]);
            while !all.ends_with(b"\r\n\r\n") {
                let read = line.read(&mut piece).await.unwrap();
                all.extend_from_slice(&piece[..read]);
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{document}", document.len());
            line.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    id
}

told! {
/// G1, G2, G3 C1, C20, G4, G5, G6, G7, mf_5: the SDKs of MCP find their own way from a 401 to a tool, keep it by rotating,
/// and lose it at once when the person takes it back; registered by themselves, and by a document.
async fn mf_5_clients_of_others_find_their_way_in_and_are_shown_out(world: &mut World) {
    world.set("STOA_OUT__PRIVATE", "127.0.0.1=127.0.0.0/8");
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let tasks = Tasks::default();
    let (usual, lasting) = ("tasks:read tasks:write", "tasks:read tasks:write offline_access");
    for (sdk, name, words, scope) in [
        ("first", "mcp_oauth.mjs", &["first"] as &[&str], usual),
        ("second", "mcp_oauth.mjs", &["second"], lasting),
        ("python", "mcp_oauth.py", &[], lasting),
    ] {
        for document in [None, Some(describes_itself(&tasks).await)] {
            let way = if document.is_some() { "document" } else { "registered" };
            let anna = olga.invites(&format!("{sdk}-{way}"), "member").await;
            anna.post("/tasks", &json!({ "title": "Call Ana" })).await.done(201);
            let tools = anna.tools();
            let words = words.iter().copied().chain([&*tools]).chain(document.as_deref()).collect::<Vec<_>>();
            let mut client = Client::starts(world, name, &words, &[]);
            let back = lets_in(&anna, &client.opens().await).await;
            client.hears(&back).await;
            let seen = client.says().await;
            assert_eq!(seen["next"], "Call Ana", "{sdk} {way}");
            assert_eq!(seen["scope"], scope, "{sdk} {way}");
            let id = seen["client"].as_str().unwrap();
            assert_eq!(document.as_deref().unwrap_or(id), id, "{sdk} {way}");
            client.hears("go on").await;
            assert_eq!(client.says().await, json!({ "next": "Call Ana", "rotated": true }), "{sdk} {way}");
            let connections = anna.get("/me/connections").await.done(200);
            let [connection] = &connections["items"].as_array().unwrap()[..] else { panic!("{connections}") };
            assert_eq!((&connection["client_id"], &connection["client_name"]), (&json!(id), &json!("Story")));
            let path = format!("/me/connections/{}", connection["id"].as_str().unwrap());
            assert_eq!(anna.delete(&path).await.status, 204);
            client.hears("go on").await;
            let again = client.opens().await;
            assert!(again.starts_with(&format!("{}/oauth/authorize?", house.url)), "{sdk} {way}: {again}");
        }
    }
}
}

told! {
/// G1, G5 I4, G6, G7 F2, G9, G10, G11, G12, G13, G15, mv_h8: openid-client, oauth4webapi and jose, which are strict about
/// what a server may say, take every step there is and check everything that is signed.
async fn openid_clients_of_others_take_every_step(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let nightly = json!({
        "metadata": { "client_name": "Nightly", "redirect_uris": [], "grant_types": ["client_credentials"] },
        "service_user_id": anna.id,
    });
    let nightly = olga.post("/admin/clients", &nightly).await.done(201);
    let said = |name: &str| nightly[name].as_str().unwrap();
    olga.also_secret(said("client_secret"));
    let own = [("STOA_CLIENT", said("client_id")), ("STOA_SECRET", said("client_secret"))];
    let mut client = Client::starts(world, "openid.mjs", &[&house.url], &own);
    let back = lets_in(&anna, &client.opens().await).await;
    client.hears(&back).await;
    let device = client.says().await;
    assert_eq!(device["at"], format!("{}/device", house.url));
    let allowed = anna.post("/oauth/device/allow", &json!({ "user_code": device["type"] })).await;
    assert_eq!(allowed.status, 204, "{}", allowed.text());
    client.hears("allowed").await;
    let expected = json!({ "sub": anna.id, "email": anna.email(), "name": "anna", "verified": true });
    assert_eq!(client.says().await, expected);
    client.ends().await;
}
}

told! {
/// G15 O2, O5: openid-client takes an answer that is posted, sends the person away, and is told by the back channel with
/// a token that jose takes.
async fn openid_clients_of_others_are_told_when_somebody_leaves(world: &mut World) {
    world.set("STOA_OUT__PRIVATE", "127.0.0.1=127.0.0.0/8");
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let mut anna = olga.invites("anna", "member").await;
    let mut client = Client::starts(world, "leaving.mjs", &[&house.url], &[]);
    let form = posts_in(&anna, &client.opens().await).await;
    client.hears(&form).await;
    let said = client.says().await;
    let leave: Url = said["leave"].as_str().unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    let asked = anna.asks("GET", &leave[Position::BeforePath..]).send().await;
    let page: Url = asked.header("location").parse().unwrap();
    let path = format!("/oauth/logouts/{}", page.path().strip_prefix("/signout/").unwrap());
    assert_eq!(anna.get(&path).await.done(200)["asks"], json!(false), "the client showed that she is signed in");
    let left = anna.post(&path, &json!({})).await.done(200);
    assert_eq!(anna.get("/me").await.status, 401);
    client.hears(left["location"].as_str().unwrap()).await;
    assert_eq!(client.says().await, json!({ "sub": anna.id, "email": anna.email() }));
    client.ends().await;
    anna.signs_in().await;
}
}

told! {
/// G6 T5, G15: Authlib, with a key of its own in place of a secret. What it signs for the token endpoint, and what is good
/// for an hour, is refused in words that say what to change.
async fn authlib_signs_in_with_a_key(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let mut client = Client::starts(world, "authlib_client.py", &[&house.url], &[]);
    let back = lets_in(&anna, &client.opens().await).await;
    client.hears(&back).await;
    let only_us = format!("`aud` of an assertion is `{}` and nothing else", house.url);
    let expected = json!({
        "sub": anna.id, "same": true, "email": anna.email(), "tasks": 200, "rotated": true, "after": 401,
        "refused": [
            ["invalid_client", only_us],
            ["invalid_client", "`exp` of an assertion lies ahead, by at most 600 seconds"],
        ],
    });
    assert_eq!(client.says().await, expected);
    client.ends().await;
}
}

/// G1, G4, G6 T10: what the conformance suite of MCP asks of an authorization server, by the names it has for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_conformance_suite_finds_nothing_at_the_authorization_server() {
    let mut world = World::sqlite();
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let registered = json!({
        "client_name": "Suite", "redirect_uris": ["http://127.0.0.1/callback"], "token_endpoint_auth_method": "none",
    });
    let registered = house.nobody().asks("POST", "/oauth/register").json(&registered).send().await.done(201);
    // Nobody else is given it so soon again.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port().to_string();
    let results = world.folder.0.join("results");
    let mut suite = node(&world.folder.0);
    suite.arg("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    suite.args(["authorization", "--url", &house.url, "--resource", &olga.tools(), "--port", &port]);
    suite.args(["--client-id", registered["client_id"].as_str().unwrap()]).arg("--output-dir").arg(&results);
    let mut suite = Client::of(suite);
    let (mut said, mut address) = (String::new(), String::new());
    while let Some(line) = tokio::time::timeout(PATIENCE, suite.says.next_line()).await.unwrap().unwrap() {
        if line.starts_with(&format!("{}/oauth/authorize?", house.url)) {
            address.clone_from(&line);
        }
        if line.starts_with("Callback server started") {
            goes_to(&lets_in(&olga, &address).await).await;
        }
        said.push_str(&line);
        said.push('\n');
    }
    assert!(suite.child.wait().await.unwrap().success(), "{said}");
    let summary = said.split_once("=== SUMMARY ===").unwrap().1.trim();
    let expected = "✓ authorization-server-metadata-endpoint: 2 passed, 0 failed\n\
                    ✓ authorization-code-grant: 1 passed, 0 failed\n\n\
                    Total: 3 passed, 0 failed";
    assert_eq!(summary, expected);
    world.ends().await;
}
