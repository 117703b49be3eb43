//! A passkey in software: what a browser and a key do together, as far as a server can see (WebAuthn §5.1.8, §6.1).

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stoa_core::Rng;

/// A key that was made for one account.
pub(crate) struct Key {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    handle: String,
    /// The page it is used from.
    pub(crate) origin: String,
    /// Whether it recognises its user.
    pub(crate) verifies: bool,
    /// How often it was used. Zero as long as it does not count.
    pub(crate) counter: u32,
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const ATTESTED: u8 = 1 << 6;

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    /// Makes a key on a page, and what the browser says of it.
    pub(crate) fn made(origin: &str, options: &Value) -> (Self, Value) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let key = Self {
            pair,
            id: Rng::system().bytes::<32>().to_vec(),
            handle: options["user"]["id"].as_str().unwrap().to_owned(),
            origin: origin.to_owned(),
            verifies: true,
            counter: 0,
        };
        let said = key.attests(options);
        (key, said)
    }

    /// What the browser says of this key when it is new.
    pub(crate) fn attests(&self, options: &Value) -> Value {
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.pair.public_key().as_ref();
        // A COSE key (RFC 9053 §7.1): EC2, ES256, P-256, x, y.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(self.client_data("webauthn.create", options)),
                "attestationObject": encoded(attestation), "transports": ["internal"],
            },
        })
    }

    /// Answers a challenge.
    pub(crate) fn answers(&mut self, options: &Value) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [&data[..], &Sha256::digest(client_data.as_bytes())].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(client_data), "authenticatorData": encoded(data),
                "signature": encoded(signature), "userHandle": self.handle,
            },
        })
    }

    /// Whether a challenge names this key as one that would do.
    pub(crate) fn is_named_in(&self, options: &Value) -> bool {
        let named = options["allowCredentials"].as_array().unwrap();
        named.iter().any(|named| named["id"] == encoded(&self.id).as_str())
    }

    fn data(&self, party: &str, further: u8) -> Vec<u8> {
        let flags = PRESENT | if self.verifies { VERIFIED } else { 0 } | further;
        [&Sha256::digest(party)[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }
}
