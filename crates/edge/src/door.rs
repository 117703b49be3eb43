//! Doors: every method and path the house answers, with what it asks of a caller. Built from the parts; a route
//! that the OpenAPI document does not know has no door and is not served.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::{HeaderValue, Method};
use metrics::{Counter, Histogram};
use stoa_core::{Audience, Error, Result};
use utoipa::openapi::{OpenApi, PathItem, path::Operation};

use crate::{
    Part, RateClass,
    config::EdgeConfig,
    part::Rule,
    rate::{GENERAL, Rate},
};

/// Where the parts' routes live.
pub(crate) const API: &str = "/api/v1";

/// A method and a path that the house answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// `GET`, `POST`, …
    pub method: String,
    /// The whole path with its parameters: `/api/v1/labs/{id}`.
    pub path: String,
    /// Whether it opens without a caller.
    pub public: bool,
}

/// A door as the pipeline sees it.
pub(crate) struct DoorPlan {
    /// `POST /api/v1/labs`, for the log and metrics.
    pub(crate) name: Box<str>,
    pub(crate) public: bool,
    /// Whether it is for probes: any host name, nobody identified, nothing counted.
    pub(crate) probe: bool,
    /// Whether it is for programs from anywhere: no cookie, any origin.
    pub(crate) foreign: bool,
    /// Whether pages of other sites may send a browser to it: no cookie.
    pub(crate) sent: bool,
    /// Which resource it belongs to.
    pub(crate) resource: Audience,
    /// Whether callers are asked for a name and a password (RFC 7617).
    pub(crate) basic: bool,
    pub(crate) rate: Option<Arc<Rate>>,
    pub(crate) body: u64,
    /// Whether the body is one of its own making, too large to be held in memory.
    pub(crate) streams: bool,
    pub(crate) deadline: Duration,
    pub(crate) meters: Meters,
}

/// A door's counters, looked up once.
#[derive(Default)]
pub(crate) struct Meters {
    by_class: [OnceLock<Counter>; 5],
    seconds: OnceLock<Histogram>,
}

impl Meters {
    pub(crate) fn count(&self, door: &str, status: u16, took: Duration) {
        const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let class = usize::from((status / 100).clamp(1, 5) - 1);
        self.by_class[class]
            .get_or_init(|| {
                metrics::counter!("stoa_http_requests_total", "door" => door.to_owned(), "status" => CLASSES[class])
            })
            .increment(1);
        self.seconds
            .get_or_init(|| metrics::histogram!("stoa_http_request_seconds", "door" => door.to_owned()))
            .record(took);
    }
}

/// One path with its doors.
pub(crate) struct PathPlan {
    doors: Vec<(Method, Arc<DoorPlan>)>,
    pub(crate) allow: HeaderValue,
}

impl PathPlan {
    /// The door for a method. `HEAD` goes through that of `GET`.
    pub(crate) fn door(&self, method: &Method) -> Option<&Arc<DoorPlan>> {
        let find =
            |method: &Method| self.doors.iter().find(|(known, _)| known == method).map(|(_, door)| door);
        find(method).or_else(|| if method == Method::HEAD { find(&Method::GET) } else { None })
    }
}

/// Every path, by the text the router matched.
pub(crate) type Doors = HashMap<Box<str>, PathPlan>;

/// The doors that the parts bring, in order of path. What `edge` answers itself comes from [`Edge::doors`].
///
/// [`Edge::doors`]: crate::Edge::doors
///
/// # Errors
/// When a part names a door that it does not have.
pub fn doors(parts: &[Part]) -> Result<Vec<Door>> {
    let mut all = BTreeSet::new();
    for part in parts {
        let public = named(part, part.public.iter().copied())?;
        for (prefix, api) in [(API, part.routes.get_openapi()), ("", part.root.get_openapi())] {
            for (path, item) in &api.paths.paths {
                let path = format!("{prefix}{path}");
                for (method, _) in operations(item) {
                    let public = public.contains(&format!("{method} {path}"));
                    all.insert(Door { method: method.to_string(), path: path.clone(), public });
                }
            }
        }
    }
    Ok(all.into_iter().collect())
}

/// The full names of doors that a part names in its own short way; a name without a door is refused.
fn named<'a>(part: &Part, short: impl Iterator<Item = &'a str>) -> Result<BTreeSet<String>> {
    short.map(|short| full_name(part, short)).collect()
}

fn full_name(part: &Part, short: &str) -> Result<String> {
    let found = short.split_once(' ').and_then(|(method, path)| {
        let has = |api: &OpenApi| {
            api.paths.paths.get(path).is_some_and(|item| operations(item).any(|(m, _)| m.as_str() == method))
        };
        if has(part.routes.get_openapi()) {
            Some(format!("{method} {API}{path}"))
        } else {
            has(part.root.get_openapi()).then(|| short.to_owned())
        }
    });
    found.ok_or_else(|| {
        Error::internal(format!("part `{}` names a door it does not have: {short}", part.name))
    })
}

/// The table that the pipeline uses.
pub(crate) fn table(parts: &[Part], config: &EdgeConfig) -> Result<Doors> {
    let rates = Rates::new(parts, config)?;
    let mut rules: HashMap<String, &Rule> = HashMap::new();
    for part in parts {
        for rule in &part.rules {
            rules.insert(full_name(part, rule.door)?, rule);
        }
    }
    let mut table: HashMap<Box<str>, Vec<(Method, Arc<DoorPlan>)>> = HashMap::new();
    for door in doors(parts)? {
        let name = format!("{} {}", door.method, door.path);
        let rule = rules.get(&name);
        let own_body = rule.and_then(|rule| rule.body);
        let plan = DoorPlan {
            public: door.public,
            probe: rule.is_some_and(|rule| rule.probe),
            foreign: rule.is_some_and(|rule| rule.foreign),
            sent: rule.is_some_and(|rule| rule.sent),
            resource: rule.and_then(|rule| rule.resource).unwrap_or(Audience::API),
            basic: rule.is_some_and(|rule| rule.basic),
            rate: Some(rates.of(rule.and_then(|rule| rule.rate).as_ref())?),
            body: own_body.unwrap_or(config.requests.body_bytes),
            streams: own_body.is_some(),
            deadline: rule.and_then(|rule| rule.deadline).unwrap_or(config.requests.deadline_seconds),
            meters: Meters::default(),
            name: name.into(),
        };
        let method = door.method.parse::<Method>()?;
        table.entry(door.path.into()).or_default().push((method, Arc::new(plan)));
    }
    table.into_iter().map(|(path, doors)| Ok((path, PathPlan { allow: allow(&doors)?, doors }))).collect()
}

fn allow(doors: &[(Method, Arc<DoorPlan>)]) -> Result<HeaderValue> {
    let mut methods: Vec<&str> = doors.iter().map(|(method, _)| method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    Ok(HeaderValue::from_str(&methods.join(", "))?)
}

/// The rate classes that are in use, each once, with what configuration says about it.
struct Rates(HashMap<&'static str, Arc<Rate>>);

impl Rates {
    fn new(parts: &[Part], config: &EdgeConfig) -> Result<Self> {
        let mut rates = HashMap::new();
        let of_parts = parts.iter().flat_map(|part| part.rules.iter().filter_map(|rule| rule.rate));
        for class in std::iter::once(GENERAL).chain(of_parts) {
            rates.insert(class.name, Arc::new(Rate::new(class, config.rates.get(class.name))?));
        }
        match config.rates.keys().find(|name| !rates.contains_key(name.as_str())) {
            None => Ok(Self(rates)),
            Some(unknown) => {
                let mut known: Vec<_> = rates.keys().copied().collect();
                known.sort_unstable();
                Err(Error::invalid(format!(
                    "there is no rate class `{unknown}`; there are {}",
                    known.join(", ")
                )))
            }
        }
    }

    fn of(&self, class: Option<&RateClass>) -> Result<Arc<Rate>> {
        let name = class.map_or(GENERAL.name, |class| class.name);
        self.0.get(name).cloned().ok_or_else(|| Error::internal("a rate class was not gathered"))
    }
}

/// The operations of one path.
pub(crate) fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::OPTIONS, &item.options),
        (Method::HEAD, &item.head),
        (Method::PATCH, &item.patch),
        (Method::TRACE, &item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}
