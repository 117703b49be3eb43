//! `stoa user`: people, from the machine itself.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use stoa_core::{Result, Role};
use stoa_identity::{
    factors,
    people::{
        model::{AdminUser, NewUser},
        ops,
    },
    recovery::ops as recovery,
};
use stoa_store::Page;

use super::{ask, memory::Memory};
use crate::{config::Loaded, screen};

/// People: add, list, disable, enable, reset.
///
/// Works on the data folder or database, whether a server runs or not.
#[derive(Subcommand)]
pub(super) enum User {
    /// Add somebody
    #[command(
        after_help = "Example:\n  stoa user add ada@example.org --name Ada --role admin --password-stdin < password.txt"
    )]
    Add(Add),
    /// List everybody
    #[command(after_help = "Example:\n  stoa user list --json")]
    List(List),
    /// Switch an account off: sessions and tokens end at once, nothing is removed
    #[command(after_help = "Example:\n  stoa user disable ada@example.org")]
    Disable(Who),
    /// Switch an account on again
    #[command(after_help = "Example:\n  stoa user enable ada@example.org")]
    Enable(Who),
    /// Print a link with which somebody chooses a new password, or set one; then their sessions end
    #[command(
        after_help = "Examples:\n  stoa user reset ada@example.org\n  stoa user reset ada@example.org --password-stdin < password.txt"
    )]
    Reset(Reset),
}

#[derive(Args)]
pub(super) struct Add {
    /// The address they sign in with
    email: String,
    /// What they are called (default: the part of the address before the @)
    #[arg(long)]
    name: Option<String>,
    /// What they are in this house: member, admin, owner
    #[arg(long, default_value_t = Role::Member, value_parser = role)]
    role: Role,
    /// Read the password from stdin, one line
    #[arg(long)]
    password_stdin: bool,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Who {
    /// The address they sign in with
    email: String,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Reset {
    /// The address they sign in with
    email: String,
    /// Set this password, one line from stdin, in place of printing a link
    #[arg(long)]
    password_stdin: bool,
    /// Also take away their authenticator app, passkeys and backup codes, for somebody who lost them
    #[arg(long, requires = "password_stdin")]
    second_factors: bool,
    /// Print the link with its end as JSON
    #[arg(long, conflicts_with = "password_stdin")]
    json: bool,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: stoa_core::Error| error.said().to_owned())
}

impl User {
    pub(super) async fn run(self, loaded: Loaded) -> Result<ExitCode> {
        match self {
            Self::Add(add) => add.run(&loaded).await?,
            Self::List(list) => list.run(&loaded).await?,
            Self::Disable(who) => who.switch(&loaded, true).await?,
            Self::Enable(who) => who.switch(&loaded, false).await?,
            Self::Reset(reset) => reset.run(&loaded).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    async fn run(self, loaded: &Loaded) -> Result<()> {
        let password = ask::password(self.password_stdin)?;
        let memory = Memory::open(loaded).await?;
        let display_name = self.name.unwrap_or_else(|| before_the_at(&self.email));
        let new = NewUser { email: self.email, display_name, password, role: self.role };
        let user = ops::add(&memory.house(), &memory.wiring.identity, new).await?;
        memory.close().await?;
        if self.json {
            return screen::json(&user);
        }
        screen::line(format!("added {}, {}", user.email, Role::from(user.role)))
    }
}

fn before_the_at(email: &str) -> String {
    email.split('@').next().unwrap_or_default().to_owned()
}

impl List {
    async fn run(self, loaded: &Loaded) -> Result<()> {
        let memory = Memory::existing(loaded).await?;
        let users = everybody(&memory).await?;
        memory.close().await?;
        if self.json {
            return screen::json(&users);
        }
        if users.is_empty() {
            return screen::line(
                "nobody has an account yet; `stoa serve` prints the link for the first owner",
            );
        }
        let rows: Vec<[String; 5]> = users.iter().map(row).collect();
        screen::line(screen::table(["ADDRESS", "NAME", "ROLE", "STATE", "LAST SEEN"], &rows))
    }
}

async fn everybody(memory: &Memory) -> Result<Vec<AdminUser>> {
    let (ctx, mut all, mut after) = (memory.house(), Vec::new(), None::<String>);
    loop {
        let page = ops::list(&ctx, Page::asked(Some(200), after.as_deref())?).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

fn row(user: &AdminUser) -> [String; 5] {
    let seen = user.last_seen_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let state = if user.disabled { "disabled" } else { "active" };
    [user.email.clone(), user.display_name.clone(), Role::from(user.role).to_string(), state.into(), seen]
}

impl Who {
    async fn switch(self, loaded: &Loaded, off: bool) -> Result<()> {
        let memory = Memory::existing(loaded).await?;
        let user = ops::disable(&memory.house(), &self.email, off).await?;
        memory.close().await?;
        if self.json {
            return screen::json(&user);
        }
        screen::line(format!("{} {}", if off { "disabled" } else { "enabled" }, user.email))
    }
}

impl Reset {
    async fn run(self, loaded: &Loaded) -> Result<()> {
        if !self.password_stdin {
            return self.link(loaded).await;
        }
        let password = ask::password(true)?;
        let memory = Memory::existing(loaded).await?;
        let (house, identity) = (memory.house(), &memory.wiring.identity);
        ops::reset(&house, identity, &self.email, &password).await?;
        if self.second_factors {
            factors::ops::reset_for(&house, identity, &self.email).await?;
        }
        memory.close().await?;
        let factors = if self.second_factors { " and no second factor" } else { "" };
        screen::line(format!("{} has a new password{factors}; all their sessions have ended", self.email))
    }

    async fn link(self, loaded: &Loaded) -> Result<()> {
        let house = loaded.config.public_url(Some(loaded.config.server.listen))?;
        let memory = Memory::existing(loaded).await?;
        let (link, until) = recovery::link_for(&memory.house(), &house, &self.email).await?;
        memory.close().await?;
        if self.json {
            return screen::json(&json!({ "url": link.expose(), "expires_at": until }));
        }
        screen::note(format!("Whoever opens this chooses a new password, once, until {until}."));
        screen::line(link.expose())
    }
}
