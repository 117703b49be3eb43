//! `Part`: what a crate brings to the house. One plain value; the router, the migration order, the OpenAPI
//! document and the table of doors are built from the list of parts.

use std::{sync::Arc, time::Duration};

use stoa_core::Audience;
use stoa_jobs::{Handler, Schedule};
use stoa_store::Migration;
use utoipa_axum::router::OpenApiRouter;

use crate::{House, Personal, RateClass, mcp::Toolbox};

/// What a crate brings.
pub struct Part {
    /// Its name: the prefix of its tables, the tag of its routes in the document.
    pub name: &'static str,
    /// Its schema, in order.
    pub migrations: &'static [Migration],
    /// Its routes below `/api/v1`.
    pub routes: OpenApiRouter<House>,
    /// Its routes that stand at the root by some standard.
    pub root: OpenApiRouter<House>,
    /// The doors that need no caller, as `POST /setup`. All others do.
    pub public: &'static [&'static str],
    /// What single doors need beyond the usual.
    pub rules: Vec<Rule>,
    /// What it brings for models.
    pub tools: Toolbox,
    /// Its kinds of jobs, for the worker. The server takes them out before it builds the [`Edge`](crate::Edge).
    pub jobs: Vec<Handler>,
    /// Which of them come again by themselves.
    pub schedules: Vec<Schedule>,
    /// What it keeps of people, to be handed over and erased. The server tells identity.
    pub personal: Vec<Arc<dyn Personal>>,
}

impl Part {
    /// A part that brings nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            migrations: &[],
            routes: OpenApiRouter::new(),
            root: OpenApiRouter::new(),
            public: &[],
            rules: Vec::new(),
            tools: Toolbox::default(),
            jobs: Vec::new(),
            schedules: Vec::new(),
            personal: Vec::new(),
        }
    }
}

/// What one door needs beyond the usual: its own rate, a larger body, more time.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) door: &'static str,
    pub(crate) rate: Option<RateClass>,
    pub(crate) body: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) probe: bool,
    pub(crate) foreign: bool,
    pub(crate) sent: bool,
    pub(crate) resource: Option<Audience>,
    pub(crate) basic: bool,
}

impl Rule {
    /// A rule for a door, named as in its part: `POST /labs`.
    pub const fn new(door: &'static str) -> Self {
        Self {
            door,
            rate: None,
            body: None,
            deadline: None,
            probe: false,
            foreign: false,
            sent: false,
            resource: None,
            basic: false,
        }
    }

    /// Counts against this class in place of the general one.
    pub const fn rate(mut self, class: RateClass) -> Self {
        self.rate = Some(class);
        self
    }

    /// Takes a body of this many bytes, which the handler reads as it comes.
    pub const fn body(mut self, bytes: u64) -> Self {
        self.body = Some(bytes);
        self
    }

    /// The answer must begin within this time.
    pub const fn deadline(mut self, within: Duration) -> Self {
        self.deadline = Some(within);
        self
    }

    /// For programs from anywhere, pages of other sites among them: the session cookie is not looked at, and a browser
    /// lets any page read the answer (CORS without credentials).
    pub const fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    /// Is where another site's page may send a browser, by a link or a form (OpenID Connect Core §3.1.2.1). The session
    /// cookie is not looked at: it acts for nobody, and must change nothing that is anybody's.
    pub const fn sent(mut self) -> Self {
        self.sent = true;
        self
    }

    /// Belongs to this resource, where tokens are told apart by it. Without it, to the API.
    pub const fn resource(mut self, resource: Audience) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Is asked by programs that know only a name and a password: whoever shows nothing is asked for those (RFC 7617),
    /// and the password is a token.
    pub const fn basic(mut self) -> Self {
        self.basic = true;
        self
    }

    /// Opens for probes: they ask by address and as nobody, and are answered even when nothing else can be.
    pub(crate) const fn probe(mut self) -> Self {
        self.probe = true;
        self
    }
}
