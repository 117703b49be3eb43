//! The guarded client: the only way out of the house.
//!
//! Whoever may name an address (a webhook, an issuer, a model server) must not reach what only we can reach. So
//! names are resolved here, once, every address that comes back is judged, and the connection goes to one of
//! those: nothing is resolved a second time in between. No redirects, no proxies from the environment, https
//! unless configured, and both time and size end.

mod address;
mod resolver;

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{Stream, TryStreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::redirect;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use stoa_core::{Error, RequestId, Result, Secret};
use url::{Host, Url};

use self::{address::is_public, resolver::Guarded};
use crate::{config::seconds, network::Network, pipeline::REQUEST_ID};

/// Where the house may call, and how long it waits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutConfig {
    /// Private places that may be called, by host name or address as it stands in the URL, each with a network it may
    /// resolve to: `["llm.internal=10.0.0.0/8"]`. These may be plain http.
    #[serde(deserialize_with = "places")]
    pub private: BTreeMap<String, Vec<Network>>,
    /// Time to connect, name and TLS included.
    #[serde(with = "seconds")]
    pub connect_seconds: Duration,
    /// Time between two pieces of an answer.
    #[serde(with = "seconds")]
    pub idle_seconds: Duration,
    /// Time for the whole, unless a call asks for another.
    #[serde(with = "seconds")]
    pub total_seconds: Duration,
    /// Bytes of an answer, unless a call asks for another.
    pub answer_bytes: usize,
}

/// `host=network` pairs; a host may come again with another network.
fn places<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Vec<Network>>, D::Error> {
    let mut places: BTreeMap<String, Vec<Network>> = BTreeMap::new();
    for pair in Vec::<String>::deserialize(from)? {
        let wrong = || D::Error::custom(format!("`{pair}` is not like `llm.internal=10.0.0.0/8`"));
        let (host, network) = pair.split_once('=').ok_or_else(wrong)?;
        let network = network.trim().parse().map_err(|_| wrong())?;
        places.entry(host.trim().to_owned()).or_default().push(network);
    }
    Ok(places)
}

impl Default for OutConfig {
    fn default() -> Self {
        Self {
            private: BTreeMap::new(),
            connect_seconds: Duration::from_secs(5),
            idle_seconds: Duration::from_secs(30),
            total_seconds: Duration::from_secs(30),
            answer_bytes: 10 << 20,
        }
    }
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Out {
    client: reqwest::Client,
    private: BTreeMap<String, Vec<Network>>,
    answer_bytes: usize,
}

impl Out {
    /// A client within these bounds.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(config: &OutConfig) -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "this is the guarded client")]
        let client = reqwest::Client::builder()
            .dns_resolver(Guarded::new(config.private.clone()))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(config.connect_seconds)
            .read_timeout(config.idle_seconds)
            .timeout(config.total_seconds)
            .pool_idle_timeout(Duration::from_secs(60))
            .user_agent(concat!("stoa/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, private: config.private.clone(), answer_bytes: config.answer_bytes })
    }

    /// Begins a call on behalf of a request, whose id goes with it.
    ///
    /// # Errors
    /// `invalid` for an address that may not be called.
    pub fn call(&self, request: &RequestId, method: Method, url: &Url) -> Result<Call> {
        self.check(url)?;
        let call = self.client.request(method, url.clone()).header(REQUEST_ID, request.as_str());
        Ok(Call { call, most: self.answer_bytes })
    }

    /// Judges an address as it is written; what a name resolves to is judged when it is.
    fn check(&self, url: &Url) -> Result<()> {
        let host = url.host().ok_or_else(|| Error::invalid("the address has no host"))?;
        let private = self.private.get(&host.to_string());
        match url.scheme() {
            "https" => {}
            "http" if private.is_some() => {}
            _ => return Err(Error::invalid("only https addresses are called").code("address_refused")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                Error::invalid("an address to call holds no user name or password").code("address_refused")
            );
        }
        let literal = match host {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        };
        match literal {
            Some(ip) if !may_be_called(ip, private.map(Vec::as_slice)) => Err(refused()),
            _ => Ok(()),
        }
    }
}

/// Public addresses may be called by anyone, others only where configuration names them.
fn may_be_called(ip: IpAddr, private: Option<&[Network]>) -> bool {
    let ip = ip.to_canonical();
    is_public(ip) || private.is_some_and(|networks| networks.iter().any(|network| network.contains(ip)))
}

#[track_caller]
fn refused() -> Error {
    Error::invalid("that address is not on the public internet and may not be called").code("address_refused")
}

/// A call that is not sent yet.
pub struct Call {
    call: reqwest::RequestBuilder,
    most: usize,
}

impl Call {
    /// With a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.call = self.call.header(name, value);
        self
    }

    /// With a bearer token.
    pub fn bearer(mut self, token: &Secret) -> Self {
        self.call = self.call.bearer_auth(token.expose());
        self
    }

    /// With a JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.call = self.call.json(body);
        self
    }

    /// With a form.
    ///
    /// # Errors
    /// When it cannot be written as one.
    pub fn form(mut self, form: &impl Serialize) -> Result<Self> {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.call =
            self.call.header(http::header::CONTENT_TYPE, kind).body(serde_urlencoded::to_string(form)?);
        Ok(self)
    }

    /// With a body as it is.
    pub fn body(mut self, body: Bytes) -> Self {
        self.call = self.call.body(body);
        self
    }

    /// Takes this long in all, in place of the usual.
    pub fn within(mut self, total: Duration) -> Self {
        self.call = self.call.timeout(total);
        self
    }

    /// Takes an answer of this many bytes, in place of the usual.
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    /// Sends it. Any status is an answer, also one of failure, also a redirect.
    ///
    /// # Errors
    /// `upstream` when the other side cannot be reached, `timeout` when it does not answer in time, `invalid`
    /// when its name leads where nobody may call.
    pub async fn send(self) -> Result<Reply> {
        let answer = self.call.send().await.map_err(failed);
        let outcome = answer.as_ref().map_or_else(Error::stable_code, |_| "answered");
        metrics::counter!("stoa_out_requests_total", "outcome" => outcome).increment(1);
        Ok(Reply { answer: answer?, most: self.most })
    }
}

/// An answer from outside.
pub struct Reply {
    answer: reqwest::Response,
    most: usize,
}

impl Reply {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.answer.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// The whole body.
    ///
    /// # Errors
    /// `upstream` when it is too large or breaks off, `timeout` when it stops coming.
    pub async fn bytes(self) -> Result<Bytes> {
        self.stream()
            .try_fold(BytesMut::new(), async |mut whole, piece| {
                whole.extend_from_slice(&piece);
                Ok(whole)
            })
            .await
            .map(BytesMut::freeze)
    }

    /// The whole body, read as JSON.
    ///
    /// # Errors
    /// As [`Reply::bytes`]; `upstream` when it is not what was expected.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes)
            .map_err(|cause| Error::upstream("the other side answered something unexpected").because(cause))
    }

    /// The body as it comes, still within its size.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        let (most, mut sum) = (self.most, 0_usize);
        self.answer.bytes_stream().map_err(failed).and_then(move |piece| {
            sum = sum.saturating_add(piece.len());
            let fits = if sum > most {
                Err(Error::upstream("the other side's answer is too large"))
            } else {
                Ok(piece)
            };
            async move { fits }
        })
    }
}

/// What a failure of the library means. The address stays out of the text: it may hold a secret.
#[track_caller]
fn failed(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if resolver::was_refused(&error) {
        return refused();
    }
    if error.is_timeout() {
        return Error::timeout("the other side did not answer in time").because(error);
    }
    Error::upstream("the other side cannot be reached").because(error)
}
