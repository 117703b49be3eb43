//! What a job is, and how it may move.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, JobId, Result, Timestamp, UserId};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, schema::SchemaType},
};

/// Where a job stands. `queued → running → succeeded | failed | cancelled`; `running → queued` when it is
/// tried again or handed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobState)]
pub enum State {
    /// Waits for a worker, or for its next try.
    Queued,
    /// A worker has it.
    Running,
    /// Done; see the result.
    Succeeded,
    /// Given up; see the problem.
    Failed,
    /// Stopped because somebody asked.
    Cancelled,
}

impl State {
    /// The name in rows and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl FromStr for State {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is not the state of a job")))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Parts done.
    #[schema(example = 2)]
    pub done: i64,
    /// Parts in all; 0 while that is not known.
    #[schema(example = 8)]
    pub total: i64,
    /// What is going on, for people.
    #[schema(example = "running task 3 of 8")]
    pub note: String,
}

/// Why a job failed, as the person who asked may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = JobProblem)]
pub struct Problem {
    /// The stable code.
    #[schema(example = "not_found")]
    pub code: String,
    /// The sentence.
    #[schema(example = "the lab or one of its tasks was removed")]
    pub detail: String,
}

impl Problem {
    /// What may be told of an error.
    pub fn of(error: &Error) -> Self {
        Self { code: error.stable_code().to_owned(), detail: error.said().to_owned() }
    }
}

/// A job as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What kind of work, as `labmate.run`.
    #[schema(example = "labmate.run")]
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// How far it is.
    pub progress: Progress,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What came of it.
    #[schema(schema_with = result)]
    pub result: Option<Value>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// Who asked; `None` for the house's own.
    #[serde(skip)]
    pub owner: Option<UserId>,
    /// How many events there are: the number of the last one.
    #[serde(skip)]
    pub events: i64,
}

/// Each kind of job has its own.
fn result() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .description(Some("What came of it: an object whose fields depend on the kind; `null` until then."))
        .examples([json!({
            "lab_id": "019cade2-11c0-7b41-9c55-3f0a6d2e8b17",
            "run_ids": ["019cade2-11c0-7b41-9c55-3f0a6d2e8b17"],
            "succeeded": 1,
            "failed": 0,
        })])
        .build()
}

/// Something a job told while it ran. Numbers begin at 1 and have no gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its number within the job.
    pub number: i64,
    /// `progress`, or a kind of the job's own.
    pub kind: String,
    /// What it says.
    pub data: Value,
}
