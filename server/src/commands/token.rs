//! `stoa token`: personal access tokens, from the machine itself.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use stoa_core::Result;
use stoa_identity::tokens::{model::TokenWish, ops};

use super::memory::Memory;
use crate::{config::Loaded, screen};

/// Personal access tokens.
#[derive(Subcommand)]
pub(super) enum Token {
    /// Make a token for somebody; it is printed once
    #[command(
        after_help = "Example:\n  stoa token add ada@example.org --name laptop --scopes \"labs:read labs:write\""
    )]
    Add(Add),
}

#[derive(Args)]
pub(super) struct Add {
    /// The address they sign in with
    email: String,
    /// What it is for
    #[arg(long)]
    name: String,
    /// What it allows, with blanks between: labs:read labs:write tasks:read tasks:write profile email
    #[arg(long)]
    scopes: String,
    /// Print the token with all that is known about it as JSON
    #[arg(long)]
    json: bool,
}

impl Token {
    pub(super) async fn run(self, loaded: Loaded) -> Result<ExitCode> {
        let Self::Add(add) = self;
        let memory = Memory::existing(&loaded).await?;
        let wish = TokenWish {
            name: add.name,
            scopes: add.scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            expires_at: None,
        };
        let (token, text) = ops::add_for(&memory.house(), &add.email, wish).await?;
        memory.close().await?;
        if add.json {
            let mut all = serde_json::to_value(&token)?;
            all["token"] = json!(text.expose());
            screen::json(&all)?;
        } else {
            screen::note("This is shown once; keep it like a password.");
            screen::line(text.expose())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
