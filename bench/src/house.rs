//! The real server over one place, and its first owner.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use stoa_core::{Error, Result, Rng, UserId};
use stoa_store::Engine;

use crate::{
    place::Place,
    process::{Server, command, free_address},
    wire::Wire,
};

/// Where the server finds the rows of this place, if not in its folder: the database is named like the folder.
///
/// # Errors
/// When nobody says where the server is.
#[expect(clippy::disallowed_methods, reason = "`cargo x bench` says so where the server is")]
pub fn url(place: &Place, engine: Engine) -> Result<Option<String>> {
    if engine == Engine::Sqlite {
        return Ok(None);
    }
    let server = std::env::var("STOA_TEST_POSTGRES")?;
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
    let name = place.folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Some(format!("{base}/{name}")))
}

/// The real server over one place.
pub struct House<'a> {
    /// The server.
    pub program: &'a Path,
    /// Its rows.
    pub place: &'a Place,
    /// Where they are, if not in the folder.
    pub url: Option<String>,
}

impl House<'_> {
    /// Becomes the first owner, as a person does; gives back who that is, and their cookie.
    ///
    /// # Errors
    /// When the server does not let anybody in.
    pub fn found(&self) -> Result<(UserId, String)> {
        let rates: String = ["general", "auth"]
            .map(|class| format!("[edge.rates.{class}]\nlimit = 10000000\nseconds = 60\n"))
            .concat();
        fs::write(self.config(), rates)?;
        let mut server = self.start(Stdio::piped())?;
        let out = server.child.stdout.take().ok_or_else(|| Error::internal("stdout is piped"))?;
        let claim = BufReader::new(out)
            .lines()
            .map_while(std::result::Result::ok)
            .find_map(|line| Some(line.split_once("/setup#claim=")?.1.trim().to_owned()))
            .ok_or_else(|| Error::internal("the server prints no claim"))?;
        let person = json!({ "claim": claim, "email": "ada@example.org", "display_name": "Ada",
            "password": format!("horse {}", Rng::system().token::<12>()) })
        .to_string();
        let head = format!(
            "POST /api/v1/setup HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{person}",
            person.len(),
            at = server.address
        );
        let answer = Wire::open(server.address)?.ask(head.as_bytes())?;
        let body: Value = serde_json::from_slice(&answer.body)?;
        let owner = body["user"]["id"].as_str().filter(|_| answer.status == 201);
        let owner = owner.ok_or_else(|| Error::internal(format!("nobody becomes owner: {body}")))?.parse()?;
        let cookie = answer.header("set-cookie").and_then(|value| value.split(';').next());
        let cookie = cookie.ok_or_else(|| Error::internal("the owner gets no cookie"))?;
        Ok((owner, cookie.to_owned()))
    }

    fn config(&self) -> PathBuf {
        self.place.folder.join("stoa.toml")
    }

    /// Starts the server over these rows.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self, out: Stdio) -> Result<Server> {
        let address = free_address()?;
        let mut command = command(self.program);
        command.arg("serve").arg("--data").arg(&self.place.folder).arg("--config").arg(self.config());
        command.args(["--listen", &address.to_string(), "--admin-listen", "off"]);
        if let Some(url) = &self.url {
            command.env("STOA_DATABASE__URL", url);
        }
        Server::start(command.stdout(out), address)
    }
}
