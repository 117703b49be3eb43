//! Parameters of OAuth, from a query or a form: each at most once, and an empty one is none (RFC 6749 §3.1, §3.2).

use bytes::Bytes;
use futures::TryStreamExt;
use http::{HeaderMap, header};
use stoa_edge::RawBody;

use super::error::{Outcome, Refusal};

/// Most bytes of a form or query; the pipeline's door has the same limit.
pub(crate) const BYTES: u64 = 64 << 10;
/// Most parameters.
const MOST: usize = 64;
/// Most bytes of one value.
const VALUE_BYTES: usize = 16 << 10;

/// Parameters, each at most once but `resource` (RFC 8707 §2).
#[derive(Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads them. Unknown ones are kept and ignored by whoever asks for others.
    pub(crate) fn read(text: &[u8]) -> Outcome<Self> {
        let mut all: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text) {
            if value.is_empty() {
                continue;
            }
            if all.len() >= MOST || value.len() > VALUE_BYTES || value.contains('\0') {
                return Err(Refusal::request("there are too many parameters, or one is too long"));
            }
            if name != "resource" && all.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::request("a parameter is there more than once"));
            }
            all.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(all))
    }

    /// Reads a form body.
    pub(crate) async fn of_form(headers: &HeaderMap, body: RawBody) -> Outcome<Self> {
        if !is_form(headers) {
            return Err(Refusal::request("send a form, as `application/x-www-form-urlencoded`"));
        }
        Self::read(&whole(body).await?)
    }

    /// The value, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The value, which must be there.
    pub(crate) fn need(&self, name: &'static str) -> Outcome<&str> {
        self.get(name).ok_or_else(|| Refusal::request(format!("`{name}` is missing")))
    }

    /// All of them, as a query.
    pub(crate) fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// All values of a parameter that may come again.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// Whether a body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().map(str::trim) == Some("application/x-www-form-urlencoded")
}

/// The whole body, within the door's limit.
pub(crate) async fn whole(body: RawBody) -> Outcome<Bytes> {
    let all = body.bytes().try_fold(bytes::BytesMut::new(), async |mut all, piece| {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    Ok(all.await?.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G4 Z3, G6 T1.
    #[test]
    fn a_parameter_counts_once_and_an_empty_one_not_at_all() {
        let read = |text: &str| Params::read(text.as_bytes());
        let params = read("a=1&b=&c=x%20y&unknown=2&resource=r&resource=s").unwrap();
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (Some("1"), None, Some("x y")));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["r", "s"]);
        assert!(params.need("b").is_err());
        for doubled in ["a=1&a=1", "a=1&%61=2", "state=x&state=y"] {
            assert_eq!(read(doubled).err().unwrap().said().unwrap().code, "invalid_request", "{doubled}");
        }
        assert!(read("a=1&a=").is_ok(), "an empty one is none");
        assert!(read(&format!("a={}", "x".repeat(VALUE_BYTES + 1))).is_err());
        assert!(read(&(0..=MOST).map(|n| format!("p{n}=1&")).collect::<String>()).is_err());
        assert!(read("a=%00").is_err());
    }
}
