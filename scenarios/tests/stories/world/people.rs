//! People: who they are to the house, and what they do there.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stoa_core::Rng;

use crate::authenticator::Key;

use super::{
    Asked, Book, Node, Seen, Told,
    events::{Telling, told_by},
    form, http,
};

/// Somebody with a browser or a program, at one of the nodes.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) password: String,
    base: String,
    shows: Shows,
    says_page: bool,
    book: Arc<Book>,
    /// Their passkey, once they have one.
    key: Option<Arc<Mutex<Key>>>,
}

/// What a request carries.
#[derive(Clone)]
enum Shows {
    Nothing,
    Cookie(String),
    Token(String),
}

impl Person {
    /// Somebody without an account.
    pub(crate) fn nobody(node: &Node) -> Self {
        let password = format!("correct horse {}", Rng::system().token::<9>());
        node.book.secret("a password", &password);
        Self {
            name: "nobody".into(),
            id: String::new(),
            password,
            base: node.url.clone(),
            shows: Shows::Nothing,
            says_page: true,
            book: node.book.clone(),
            key: None,
        }
    }

    /// Becomes the first owner with the link that the server printed.
    pub(crate) async fn takes_the_house(mut self, node: &Node, name: &str) -> Self {
        self.name = name.into();
        let claim = node.claim.as_ref().expect("a house without an owner");
        let body = json!({
            "claim": claim, "email": self.email(), "password": self.password, "display_name": name,
        });
        let seen = self.asks("POST", "/api/v1/setup").json(&body).send().await;
        let done = seen.done(201);
        assert_eq!(done["user"]["role"], "owner");
        self.id = done["user"]["id"].as_str().unwrap().into();
        self.keeps(&seen);
        self
    }

    /// Makes an account for somebody, who signs in.
    pub(crate) async fn invites(&self, name: &str, role: &str) -> Self {
        let password = format!("battery staple {}", Rng::system().token::<9>());
        self.book.secret("a password", &password);
        let mut guest =
            Self { name: name.into(), id: String::new(), password, key: None, ..self.nothing_shown() };
        let body = json!({
            "email": guest.email(), "display_name": name, "password": guest.password, "role": role,
        });
        guest.id = self.post("/admin/users", &body).await.done(201)["id"].as_str().unwrap().into();
        guest.signs_in().await;
        guest
    }

    /// Who was let in with this answer.
    pub(crate) fn with_cookie_of(&self, seen: &Seen) -> Self {
        let mut person = self.clone();
        person.keeps(seen);
        person
    }

    /// Who was let in with this cookie.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Self {
        self.also_secret(cookie);
        Self { shows: Shows::Cookie(cookie.to_owned()), ..self.clone() }
    }

    /// The cookie of their session.
    pub(crate) fn cookie(&self) -> &str {
        match &self.shows {
            Shows::Cookie(cookie) => cookie,
            Shows::Nothing | Shows::Token(_) => panic!("{} is not signed in with a browser", self.name),
        }
    }

    /// A browser that does not say which page it is on.
    pub(crate) fn without_page(&self) -> Self {
        Self { says_page: false, ..self.clone() }
    }

    /// The same person without a credential.
    pub(crate) fn nothing_shown(&self) -> Self {
        Self { shows: Shows::Nothing, ..self.clone() }
    }

    /// At the address for whoever looks after the machine.
    pub(crate) fn at_admin(&self, node: &Node) -> Self {
        Self { base: node.admin.clone(), ..self.clone() }
    }

    /// A new browser, without a session.
    pub(crate) fn forgets(&mut self) {
        self.shows = Shows::Nothing;
    }

    /// Signs in; what was shown before is forgotten.
    pub(crate) async fn signs_in(&mut self) {
        self.shows = Shows::Nothing;
        let body = json!({ "email": self.email(), "password": self.password });
        let mut seen = self.post("/auth/login", &body).await;
        let done = seen.done(200);
        if done["next"] == "mfa" {
            let ticket = done["ticket"].as_str().unwrap();
            self.also_secret(ticket);
            let challenge = self.post("/auth/passkey/options", &json!({ "ticket": ticket })).await.done(200);
            let assertion = self.answers(&challenge["options"]);
            assert!(self.key.as_ref().unwrap().lock().unwrap().is_named_in(&challenge["options"]));
            let body = json!({ "ticket": ticket, "method": "passkey", "assertion": assertion });
            seen = self.post("/auth/mfa", &body).await;
            seen.done(200);
        }
        self.keeps(&seen);
    }

    /// Adds a passkey: what the house said.
    pub(crate) async fn adds_a_passkey(&mut self) -> Value {
        let asked = self.post("/me/passkeys/options", &json!({})).await.done(200);
        let (key, credential) = Key::made(&self.page(), &asked["options"]);
        self.key = Some(Arc::new(Mutex::new(key)));
        let made = self.post("/me/passkeys", &json!({ "name": "Laptop", "credential": credential })).await;
        made.done(201)
    }

    /// What their passkey answers to a challenge, on the page of the node they are at.
    pub(crate) fn answers(&self, options: &Value) -> Value {
        let mut key = self.key.as_ref().expect("a passkey").lock().unwrap();
        key.origin = self.page();
        key.answers(options)
    }

    /// Signs in with the passkey alone.
    pub(crate) async fn signs_in_with_the_passkey(&mut self) -> Value {
        self.shows = Shows::Nothing;
        let challenge = self.post("/auth/passkey/options", &json!({})).await.done(200);
        let assertion = self.answers(&challenge["options"]);
        let body = json!({ "ticket": challenge["ticket"], "assertion": assertion });
        let seen = self.post("/auth/passkey", &body).await;
        self.keeps(&seen);
        seen.done(200)
    }

    /// The page as passkeys know it: they work under a name.
    fn page(&self) -> String {
        self.base.replace("127.0.0.1", "localhost")
    }

    fn keeps(&mut self, seen: &Seen) {
        let cookie = seen.cookie();
        self.book.secret("a session", cookie.split_once('=').unwrap().1);
        self.shows = Shows::Cookie(cookie);
    }

    /// A program that works for this person, with a token of these scopes.
    pub(crate) async fn makes_a_token(&self, scopes: &[&str]) -> Self {
        let made = self.post("/me/tokens", &json!({ "name": "a script", "scopes": scopes })).await.done(201);
        let token = made["token"].as_str().unwrap();
        self.book.secret("a token", token);
        Self { shows: Shows::Token(token.into()), ..self.clone() }
    }

    /// The same person at another node, with the same credential.
    pub(crate) fn at(&self, node: &Node) -> Self {
        Self { base: node.url.clone(), ..self.clone() }
    }

    pub(crate) fn email(&self) -> String {
        format!("{}@example.org", self.name)
    }

    /// Something else of this person's that must not stand in any log.
    pub(crate) fn also_secret(&self, text: &str) {
        self.book.secret("a token", text);
    }

    /// The password that comes after this one.
    pub(crate) fn next_password(&self) -> String {
        format!("{} again", self.password)
    }

    /// Whether it acts with a token.
    pub(crate) fn is_a_program(&self) -> bool {
        matches!(self.shows, Shows::Token(_))
    }

    /// The token that it shows.
    pub(crate) fn token(&self) -> &str {
        match &self.shows {
            Shows::Token(token) => token,
            Shows::Nothing | Shows::Cookie(_) => panic!("{} has no token", self.name),
        }
    }

    /// The address of the tools.
    pub(crate) fn tools(&self) -> String {
        format!("{}/mcp", self.base)
    }

    /// Calls a tool, as a client of an older revision does.
    pub(crate) fn calls(&self, tool: &str, arguments: &Value) -> Asked {
        let params = json!({ "name": tool, "arguments": arguments });
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        self.asks("POST", "/mcp").json(&message)
    }

    /// A request with this person's credential; a browser says which page it comes from.
    pub(crate) fn asks(&self, method: &str, path: &str) -> Asked {
        let asked = Asked(http::request(method, &format!("{}{path}", self.base)));
        match &self.shows {
            Shows::Nothing => asked,
            Shows::Cookie(cookie) if !self.says_page => asked.header("cookie", cookie),
            Shows::Cookie(cookie) => asked.header("cookie", cookie).header("origin", &self.base),
            Shows::Token(token) => asked.header("authorization", &format!("Bearer {token}")),
        }
    }

    pub(crate) fn get(&self, path: &str) -> impl Future<Output = Seen> + use<> {
        self.asks("GET", &format!("/api/v1{path}")).send()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> impl Future<Output = Seen> + use<> {
        self.asks("POST", &format!("/api/v1{path}")).json(body).send()
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> impl Future<Output = Seen> + use<> {
        self.asks("PATCH", &format!("/api/v1{path}")).json(body).send()
    }

    pub(crate) fn delete(&self, path: &str) -> impl Future<Output = Seen> + use<> {
        self.asks("DELETE", &format!("/api/v1{path}")).send()
    }

    /// Sends a file; the answer as it comes.
    pub(crate) async fn sends(&self, name: &str, file: &[u8]) -> Seen {
        let (kind, body) = form(name, file);
        self.asks("POST", "/api/v1/labs").header("content-type", &kind).body(body).send().await
    }

    /// Uploads an assignment and waits until its tasks are found: the lab.
    pub(crate) async fn uploads(&self, name: &str, file: &[u8]) -> Value {
        let accepted = self.sends(name, file).await.done(202);
        let lab = accepted["lab"]["id"].as_str().unwrap();
        let job = self.waits_for(&accepted["job"]).await;
        assert_eq!(job["state"], "succeeded", "{job}");
        self.get(&format!("/labs/{lab}")).await.done(200)
    }

    /// Follows a job's events from one of its numbers on.
    pub(crate) async fn follows(&self, job: &Value, after: Option<i64>) -> Telling {
        let asked = self.asks("GET", &format!("/api/v1/jobs/{}/events", id(job)));
        told_by(match after {
            Some(after) => asked.header("last-event-id", &after.to_string()),
            None => asked,
        })
        .await
    }

    /// Waits until a job has ended, as a browser does: what it told, resumed as often as the stream breaks off.
    pub(crate) async fn hears_all(&self, job: &Value) -> Vec<Told> {
        let mut all: Vec<Told> = Vec::new();
        while !all.last().is_some_and(Told::is_the_end) {
            let mut telling = self.follows(job, all.last().map(|told| told.id)).await;
            assert_eq!(telling.status, 200);
            while let Some(told) = telling.next().await {
                all.push(told);
            }
        }
        all
    }

    /// Waits until a job has ended: the job.
    pub(crate) async fn waits_for(&self, job: &Value) -> Value {
        self.hears_all(job).await.pop().unwrap().data
    }
}

/// The id of anything.
#[track_caller]
pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id: {thing}"))
}

/// The runs of a lab as its tasks stand; each task ran once.
pub(crate) async fn in_order_of_tasks(person: &Person, lab: &Value) -> Vec<Value> {
    let runs = person.get(&format!("/labs/{}/runs", id(lab))).await.done(200);
    let runs = runs["items"].as_array().unwrap();
    let tasks = lab["tasks"].as_array().unwrap();
    assert_eq!(runs.len(), tasks.len(), "{runs:#?}");
    let of = |task: &Value| runs.iter().find(|run| run["task_id"] == task["id"]).unwrap().clone();
    tasks.iter().map(of).collect()
}
