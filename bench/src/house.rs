//! The real server over one place, and its first owner.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::json;
use stoa_core::{Error, Result, Rng, UserId};
use stoa_store::Engine;

use crate::{
    place::Place,
    process::{Server, command, free_address},
    wire::{Wire, request},
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

/// The server that is measured: named on the command line, or the release build beside this program.
///
/// # Errors
/// When it is not there.
pub fn program() -> Result<PathBuf> {
    let named = std::env::args().skip(1).find(|word| word.contains('/')).map(PathBuf::from);
    let program = match named {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("stoa"),
    };
    if program.is_file() {
        return Ok(program);
    }
    let detail =
        format!("there is no {}; build it with `cargo build --release -p stoa-server`", program.display());
    Err(Error::invalid(detail))
}

/// The first owner's address.
pub const EMAIL: &str = "ada@example.org";

/// The first owner.
pub struct Owner {
    /// Who that is.
    pub id: UserId,
    /// What their browser sends: name and value.
    pub cookie: String,
    /// What they sign in with.
    pub password: String,
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
    /// Becomes the first owner, as a person does.
    ///
    /// # Errors
    /// When the server does not let anybody in.
    pub fn found(&self) -> Result<Owner> {
        let rates: String = ["general", "auth", "token", "register", "authorize"]
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
        let password = format!("horse {}", Rng::system().token::<12>());
        let person = json!({ "claim": claim, "email": EMAIL, "display_name": "Ada", "password": password });
        let asked = request("POST", "/api/v1/setup", server.address, "", &person.to_string());
        let answer = Wire::open(server.address)?.ask(asked.as_bytes())?;
        let body = answer.json()?;
        let owner = body["user"]["id"].as_str().filter(|_| answer.status == 201);
        let id = owner.ok_or_else(|| Error::internal(format!("nobody becomes owner: {body}")))?.parse()?;
        let cookie = answer.header("set-cookie").and_then(|value| value.split(';').next());
        let cookie = cookie.ok_or_else(|| Error::internal("the owner gets no cookie"))?;
        Ok(Owner { id, cookie: cookie.to_owned(), password })
    }

    /// A personal access token of the first owner, as the owner of the machine makes one.
    ///
    /// # Errors
    /// When the command does not make it.
    pub fn token(&self, scopes: &str) -> Result<String> {
        let mut make = command(self.program);
        make.args(["token", "add", EMAIL, "--name", "bench", "--scopes", scopes, "--data"]);
        make.arg(&self.place.folder);
        if let Some(url) = &self.url {
            make.env("STOA_DATABASE__URL", url);
        }
        let said = String::from_utf8(make.output()?.stdout)?;
        let token = said.split_whitespace().find(|word| word.starts_with("stoa_pat_"));
        token.map(ToOwned::to_owned).ok_or_else(|| Error::internal("the command makes no token"))
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
