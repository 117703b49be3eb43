//! A kept answer. It may hold a token that is shown once, so it is sealed under the credential that asked, of
//! which the house keeps only a digest: whoever has the rows alone can read nothing, nor can the house itself.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::{Deserialize, Serialize};
use stoa_core::{Digest, Error, Result, Rng};

/// Answers of creations are small; one beyond this is not kept.
const MOST: usize = 1 << 20;

/// An answer as it is kept.
pub(super) struct Kept {
    head: Head,
    body: Bytes,
}

#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
    /// Whether the answer itself could not be kept: a stream, a cookie.
    spent: bool,
}

/// Takes an answer apart to keep it, and puts it together again. A stream passes untouched.
pub(super) async fn gather(answer: Response) -> Result<(Response, Kept)> {
    let (parts, body) = answer.into_parts();
    let is_stream = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    let spent = is_stream || parts.headers.contains_key(header::SET_COOKIE);
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    let headers = if spent { Vec::new() } else { headers.collect() };
    let head = Head { status: parts.status.as_u16(), headers, spent };
    if spent {
        return Ok((Response::from_parts(parts, body), Kept { head, body: Bytes::new() }));
    }
    let body = match Limited::new(body, MOST).collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(cause) => return Err(Error::internal(cause)),
    };
    Ok((Response::from_parts(parts, Body::from(body.clone())), Kept { head, body }))
}

/// The key for one row: nobody has it without the credential.
fn key(credential: &str, id: Digest) -> Result<LessSafeKey> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, credential.as_bytes());
    let derived = hmac::sign(&secret, &[b"stoa idempotency 1", &id.as_bytes()[..]].concat());
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, derived.as_ref())?))
}

/// Nonce, then head with its length, then body, encrypted and bound to the row.
pub(super) fn seal(credential: &str, id: Digest, kept: &Kept, rng: &Rng) -> Result<Vec<u8>> {
    let head = serde_json::to_vec(&kept.head)?;
    let mut text = u32::try_from(head.len())?.to_be_bytes().to_vec();
    text.extend_from_slice(&head);
    text.extend_from_slice(&kept.body);
    let nonce = rng.bytes::<NONCE_LEN>();
    let key = key(credential, id)?;
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id.as_bytes()), &mut text)?;
    Ok([&nonce[..], &text].concat())
}

/// Opens what [`seal`] closed.
///
/// # Errors
/// `conflict` for another credential of the same person, and for an answer that could not be kept.
pub(super) fn open(credential: &str, id: Digest, bytes: &[u8]) -> Result<Kept> {
    let done = || Error::conflict("this was done already; look for its result").code("already_done");
    let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or_else(done)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let mut text = text.to_vec();
    let text =
        key(credential, id)?.open_in_place(nonce, Aad::from(id.as_bytes()), &mut text).map_err(|_| done())?;
    let (length, rest) = text.split_first_chunk::<4>().ok_or_else(done)?;
    let (head, body) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(done)?;
    let head: Head = serde_json::from_slice(head)?;
    if head.spent {
        return Err(done());
    }
    Ok(Kept { head, body: Bytes::copy_from_slice(body) })
}

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.head.status).unwrap_or(StatusCode::OK);
        for (name, value) in self.head.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use stoa_core::{TestRng, digest};

    use super::*;

    #[test]
    fn a_kept_answer_opens_only_with_the_credential_and_in_its_row() {
        let kept = Kept {
            head: Head { status: 201, headers: vec![("location".into(), "/x".into())], spent: false },
            body: Bytes::from_static(b"stoa_pat_secret"),
        };
        let (id, other) = (digest("a"), digest("b"));
        let bytes = seal("credential", id, &kept, &TestRng::seeded(1)).unwrap();
        assert!(!bytes.windows(9).any(|part| part == b"stoa_pat_"));
        let opened = open("credential", id, &bytes).unwrap();
        assert_eq!((opened.head.status, &opened.body[..]), (201, &b"stoa_pat_secret"[..]));
        assert!(open("another", id, &bytes).is_err());
        assert!(open("credential", other, &bytes).is_err());
        assert!(open("credential", id, &bytes[..20]).is_err());
    }
}
