//! One of everything that a person can own, and how to knock at a door with its ids.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stoa_core::Rng;

use crate::{
    lab::loops,
    world::{Asked, Person, form, id},
};

/// The ids of a person's things.
#[derive(Clone, Debug)]
pub(crate) struct Things {
    user: String,
    lab: String,
    task: String,
    run: String,
    report: String,
    job: String,
    todo: String,
    feed: String,
    session: String,
    token: String,
    passkey: String,
    connection: String,
    export: String,
    /// What an admin takes away: a session, a token, a connection.
    taken: [String; 3],
    /// Requests of a program that wait for a person; each is decided once.
    waiting: Arc<Mutex<Vec<String>>>,
    /// Requests of a program to sign the person out; each is answered once.
    leaving: Arc<Mutex<Vec<String>>>,
}

/// A door of the house: `GET /api/v1/labs/{id}`.
pub(crate) type Door = str;

impl Things {
    /// Makes one of everything: a lab whose first task ran and left a file, a report, a second session, a
    /// token, a passkey.
    pub(crate) async fn of(person: &mut Person) -> Self {
        let lab = person.uploads("Lab 3.docx", &loops()).await;
        let (lab, task) = (id(&lab).to_owned(), id(&lab["tasks"][0]).to_owned());
        let code = json!({ "code": "open('left.txt', 'w').write('left')\nprint('done')" });
        person.patch(&format!("/labs/{lab}/tasks/{task}"), &code).await.done(200);
        let started =
            person.post(&format!("/labs/{lab}/runs"), &json!({ "task_ids": [task] })).await.done(202);
        let job = person.waits_for(&started["job"]).await;
        let run = job["result"]["run_ids"][0].as_str().unwrap().to_owned();
        let asked = json!({ "format": "docx", "tasks": [task] });
        let asked = person.post(&format!("/labs/{lab}/reports"), &asked).await.done(202);
        person.waits_for(&asked["job"]).await;
        let todo = json!({ "title": "Call Ana", "priority": 4 });
        let todo = person.post("/tasks", &todo).await.done(201);
        let feed = person.post("/tasks/feeds", &json!({ "name": "phone" })).await.done(201);
        person.also_secret(feed["token"].as_str().unwrap());
        let passkey = person.adds_a_passkey().await;
        for code in passkey["backup_codes"].as_array().unwrap() {
            person.also_secret(code.as_str().unwrap());
        }
        let taken = [new_session(person).await, new_token(person).await, connected(person).await.0];
        let (session, token) = (new_session(person).await, new_token(person).await);
        let (connection, waiting, leaving) = connected(person).await;
        let export = person.post("/me/export", &json!({})).await.done(202);
        person.waits_for(&export["job"]).await;
        Self {
            user: person.id.clone(),
            lab,
            task,
            run,
            report: id(&asked["report"]).to_owned(),
            job: id(&started["job"]).to_owned(),
            todo: id(&todo).to_owned(),
            feed: id(&feed).to_owned(),
            session,
            token,
            passkey: id(&passkey).to_owned(),
            connection,
            export: id(&export["export"]).to_owned(),
            taken,
            waiting: Arc::new(Mutex::new(waiting)),
            leaving: Arc::new(Mutex::new(leaving)),
        }
    }

    /// The same, with another person to be looked at.
    pub(crate) fn with_user(self, user: &Person) -> Self {
        Self { user: user.id.clone(), ..self }
    }

    /// The ids in a door's path, as TOML; nothing where there are none, or where they would be gone or set to work.
    pub(crate) fn ids(&self, door: &Door) -> Option<String> {
        let (method, pattern) = door.split_once(' ').unwrap();
        if method == "DELETE"
            || ["/runs", "/reports"].iter().any(|end| method == "POST" && pattern.ends_with(end))
        {
            return None;
        }
        let path = self.path(door);
        let pairs = pattern.split('/').zip(path.split('/')).filter(|(name, _)| name.starts_with('{'));
        let lines: Vec<_> = pairs
            .map(|(name, id)| (name.trim_matches(['{', '}']), id))
            .map(|(name, id)| match id.parse::<u32>() {
                Ok(number) => format!("\"path.{name}\" = {number}"),
                Err(_) => format!("\"path.{name}\" = \"{id}\""),
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Ids that belong to nothing.
    pub(crate) fn nobodys() -> Self {
        let new = || {
            let bytes = Rng::system().bytes::<16>();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            // The shape of a UUIDv7.
            format!("{}-{}-7{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
        };
        Self {
            user: new(),
            lab: new(),
            task: new(),
            run: new(),
            report: new(),
            job: new(),
            todo: new(),
            feed: new(),
            session: new(),
            token: new(),
            passkey: new(),
            connection: new(),
            export: new(),
            taken: [new(), new(), new()],
            waiting: Arc::default(),
            leaving: Arc::default(),
        }
    }

    /// The path of a door with these ids in it.
    pub(crate) fn path(&self, door: &Door) -> String {
        let path = door.split_once(' ').unwrap().1;
        let owner = match path.trim_start_matches("/api/v1/").split('/').collect::<Vec<_>>()[..] {
            ["admin", "users", ..] => &self.user,
            // Nobody owns these, and what they are is no member's business.
            ["admin", "invites" | "mail", ..] => &self.token,
            ["jobs", ..] => &self.job,
            ["labs", ..] => &self.lab,
            ["runs", ..] => &self.run,
            ["reports", ..] => &self.report,
            ["tasks", "feeds", ..] => &self.feed,
            ["tasks", ..] => &self.todo,
            ["me", "sessions", ..] => &self.session,
            ["me", "tokens", ..] => &self.token,
            ["me", "passkeys", ..] => &self.passkey,
            // Nobody can have one where no provider is configured.
            ["me", "upstreams", ..] => &self.token,
            ["me", "connections", ..] => &self.connection,
            ["me", "export", ..] => &self.export,
            ["oauth", which @ ("requests" | "logouts"), ..] => {
                let kept = if which == "requests" { &self.waiting } else { &self.leaving };
                let next = kept.lock().unwrap().pop();
                return path.replace("{handle}", &next.unwrap_or_else(|| Rng::system().token::<32>()));
            }
            _ if path.contains("{client_id}") => return path.replace("{client_id}", "stoa_client_of_nobody"),
            _ => return path.replace("{name}", "school"),
        };
        let [session, token, connection] = &self.taken;
        let path = path.replace("{id}", owner).replace("{task_id}", &self.task).replace("{index}", "0");
        path.replace("{session}", session).replace("{token}", token).replace("{connection}", connection)
    }

    /// Somebody knocks, with a body that the door takes.
    pub(crate) fn knock(&self, who: &Person, door: &Door) -> Asked {
        let (method, path) = door.split_once(' ').unwrap();
        let asked = who.asks(method, &self.path(door));
        if path == "/csp-report" {
            let report =
                json!({ "csp-report": { "effective-directive": "img-src", "blocked-uri": "inline" } });
            return asked.header("content-type", "application/csp-report").body(report.to_string());
        }
        if path == "/mcp" {
            return asked.json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }));
        }
        if !path.starts_with("/api/") {
            return asked.header("accept", "text/html,*/*;q=0.8");
        }
        if door == "POST /api/v1/labs" {
            let (kind, body) = form("Lab 3.docx", &loops());
            return asked.header("content-type", &kind).body(body);
        }
        if door == "POST /api/v1/tasks/import" {
            let (kind, body) = form("tasks.csv", b"title\nWrite to Eve\n");
            return asked.header("content-type", &kind).body(body);
        }
        match self.body(who, door) {
            Some(body) => asked.json(&body),
            None => asked,
        }
    }

    fn body(&self, who: &Person, door: &Door) -> Option<Value> {
        Some(match door.strip_prefix("POST /api/v1").or(door.strip_prefix("PATCH /api/v1"))? {
            "/setup" => json!({
                "claim": "no claim of this house", "email": "eve@example.org", "display_name": "Eve",
                "password": who.password,
            }),
            "/auth/signup" => json!({
                "email": "new@example.org", "display_name": "New", "password": who.password,
            }),
            "/auth/email/verify" | "/auth/unlock" => json!({ "token": "no token of this house" }),
            "/auth/password/reset" => json!({ "token": "no token of this house", "password": who.password }),
            "/auth/email/resend" | "/auth/password/forgot" => json!({ "email": who.email() }),
            "/admin/invites" => json!({ "email": "guest@example.org", "role": "member" }),
            "/auth/login" => json!({ "email": who.email(), "password": who.password }),
            "/me" => json!({ "display_name": who.name }),
            "/auth/mfa" => json!({ "ticket": "no ticket of this house", "method": "totp", "code": "123456" }),
            "/auth/passkey/options" => json!({}),
            "/auth/passkey" => json!({ "ticket": "no ticket of this house", "assertion": assertion() }),
            "/auth/reauthenticate" => json!({ "password": who.password }),
            "/me/totp/confirm" => json!({ "code": "123456" }),
            "/me/passkeys" => json!({ "name": "Phone", "credential": credential() }),
            "/me/passkeys/{id}" => json!({ "name": "Laptop" }),
            "/auth/upstreams/{name}" => json!({ "return_to": "/tasks" }),
            "/me/upstreams" => json!({ "name": "school" }),
            "/me/password" => json!({ "current": who.password, "new": who.next_password() }),
            "/me/erase" => json!({ "password": who.password }),
            "/me/tokens" => json!({ "name": "two", "scopes": ["labs:read"] }),
            "/admin/users" => json!({
                "email": format!("{}@example.org", Rng::system().token::<9>().to_lowercase()),
                "display_name": "New", "password": who.password, "role": "member",
            }),
            "/admin/users/{id}" => json!({ "disabled": false }),
            "/admin/clients" => json!({
                "metadata": { "client_name": "Report", "redirect_uris": ["https://report.example/back"] },
            }),
            "/oauth/device/find" | "/oauth/device/allow" | "/oauth/device/deny" => {
                json!({ "user_code": "WDJB-MJHT" })
            }
            "/tasks" => json!({ "title": "Write to Ben" }),
            "/tasks/quick" | "/tasks/quick/parse" => {
                json!({ "text": "call Ana tomorrow 3pm !4 ~15m #phone" })
            }
            "/tasks/feeds" => json!({ "name": "laptop" }),
            "/tasks/tags/rename" | "/tasks/projects/rename" => json!({ "from": "phone", "to": "calls" }),
            "/tasks/settings" => json!({ "time_zone": "Europe/Berlin" }),
            "/tasks/{id}" => json!({ "title": "Call Ana back" }),
            "/tasks/{id}/snooze" => json!({ "hours": 3 }),
            "/labs/{id}" => json!({ "title": "Lab 3" }),
            "/labs/{id}/tasks" => json!({ "question": "What now?" }),
            "/labs/{id}/tasks/{task_id}" => json!({ "question": "What then?" }),
            "/labs/{id}/runs" => json!({ "task_ids": [self.task] }),
            "/labs/{id}/reports" => json!({ "format": "docx", "tasks": [self.task] }),
            _ => return None,
        })
    }
}

/// A program that a person let in, and more requests of it that wait: to be let in, and to have them signed out.
async fn connected(person: &Person) -> (String, Vec<String>, Vec<String>) {
    const BACK: &str = "https://assistant.example/back";
    let metadata = json!({
        "client_name": "Assistant", "redirect_uris": [BACK], "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let program = person.asks("POST", "/oauth/register").json(&metadata).send().await.done(201);
    let query = format!(
        "client_id={}&redirect_uri={BACK}&response_type=code&code_challenge_method=S256&code_challenge={}",
        program["client_id"].as_str().unwrap(),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let (mut waiting, mut leaving) = (Vec::new(), Vec::new());
    let asks = async |path: &str| {
        let seen = person.asks("GET", path).send().await;
        let address = seen.headers["location"].to_str().unwrap().to_owned();
        address.rsplit('/').next().unwrap().to_owned()
    };
    let leave = format!("/oauth/logout?client_id={}", program["client_id"].as_str().unwrap());
    for _ in 0..20 {
        waiting.push(asks(&format!("/oauth/authorize?{query}")).await);
        leaving.push(asks(&leave).await);
    }
    let first = waiting.pop().unwrap();
    person.asks("POST", &format!("/api/v1/oauth/requests/{first}/allow")).send().await.done(200);
    let list = person.get("/me/connections").await.done(200);
    (id(&list["items"][0]).to_owned(), waiting, leaving)
}

/// What a browser says of a passkey, well formed and nobody's.
fn assertion() -> Value {
    json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {},
        "response": { "clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA" },
    })
}

/// What a browser says of a new passkey, well formed and made for nothing.
fn credential() -> Value {
    json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {},
        "response": { "clientDataJSON": "AAAA", "attestationObject": "AAAA" },
    })
}

async fn new_session(person: &Person) -> String {
    let before = sessions(person).await;
    person.clone().signs_in().await;
    sessions(person).await.into_iter().find(|id| !before.contains(id)).unwrap()
}

async fn new_token(person: &Person) -> String {
    let wish = json!({ "name": "one", "scopes": ["labs:read"] });
    let token = person.post("/me/tokens", &wish).await.done(201);
    person.also_secret(token["token"].as_str().unwrap());
    id(&token).to_owned()
}

async fn sessions(person: &Person) -> Vec<String> {
    let list = person.get("/me/sessions").await.done(200);
    list["items"].as_array().unwrap().iter().map(|row| id(row).to_owned()).collect()
}

/// Every door that the house tells of, in the order of its document.
pub(crate) async fn doors(anybody: &Person) -> Vec<String> {
    let document = anybody.get("/openapi.json").await.done(200);
    let mut doors = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "patch", "delete", "head", "options", "trace"] {
            if item.get(method).is_some() {
                doors.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    doors
}
