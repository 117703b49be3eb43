//! What became of a reminder, as it is shown.

use std::fmt;

use serde::Serialize;
use stoa_core::{Error, Result, Timestamp};
use stoa_identity::mail::model::{Fate, State as Mail};
use utoipa::ToSchema;

use super::store::Model;

/// Where a reminder stands. `scheduled → posted → sent | failed`, or `scheduled → skipped`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TaskReminderStage)]
pub(crate) enum Stage {
    /// Its time has not come.
    Scheduled,
    /// Its letter is on its way to the mail server.
    Posted,
    /// The mail server has its letter.
    Sent,
    /// Its letter could not be sent.
    Failed,
    /// It became no letter.
    Skipped,
}

/// Why a reminder became no letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It was more than a day late.
    Late,
    /// There were as many letters that day as its owner wants.
    Limit,
    /// The account was off, or the task no longer there to be done.
    Gone,
}

impl Why {
    /// The name in rows.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Limit => "limit",
            Self::Gone => "gone",
        }
    }

    fn named(text: &str) -> Result<Self> {
        let all = [Self::Late, Self::Limit, Self::Gone];
        let known = all.into_iter().find(|why| why.as_str() == text);
        known.ok_or_else(|| Error::internal("a reminder was left out for no known reason"))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Late => "its time was more than a day ago when it could have been sent",
            Self::Limit => "you had as many letters that day as you want; more are allowed in the settings",
            Self::Gone => "the task was no longer to be done, or the account was off",
        })
    }
}

/// One reminder of a task, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TaskReminderState)]
pub(crate) struct ReminderState {
    /// When it comes, or was meant to.
    pub(crate) at: Timestamp,
    /// Where it stands.
    pub(crate) stage: Stage,
    /// When the mail server took its letter.
    #[schema(required)]
    pub(crate) sent_at: Option<Timestamp>,
    /// Why it could not be sent, or was left out.
    #[schema(required, example = "this server sends no mail; ask whoever looks after it")]
    pub(crate) problem: Option<String>,
}

impl ReminderState {
    /// From what the rows say. A letter that is known no more was sent long ago.
    pub(super) fn of(row: &Model, letter: Option<&Fate>) -> Result<Self> {
        let (stage, sent_at, problem) = match (row.skipped_at, row.sent_at, letter.map(|one| one.state)) {
            (Some(_), ..) => {
                let why = row.skipped_why.as_deref().map(Why::named).transpose()?;
                (Stage::Skipped, None, why.map(|why| why.to_string()))
            }
            (None, None, _) => (Stage::Scheduled, None, None),
            (None, Some(_), Some(Mail::Queued)) => (Stage::Posted, None, None),
            (None, Some(posted), Some(Mail::Sent)) => {
                (Stage::Sent, letter.and_then(|one| one.sent_at).or(Some(posted)), None)
            }
            (None, Some(posted), None) => (Stage::Sent, Some(posted), None),
            (None, Some(_), Some(Mail::Kept)) => {
                let said = "this server sends no mail; ask whoever looks after it";
                (Stage::Failed, None, Some(said.to_owned()))
            }
            (None, Some(_), Some(Mail::Failed)) => {
                let said = "the mail server did not take the letter; ask whoever looks after this server";
                (Stage::Failed, None, Some(said.to_owned()))
            }
        };
        Ok(Self { at: row.due_at, stage, sent_at, problem })
    }
}
