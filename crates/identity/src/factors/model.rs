//! What a second factor can be, and how its codes are written.

use serde::{Deserialize, Serialize};
use stoa_core::{Digest, Rng, Secret, Timestamp, UserId, digest};
use utoipa::ToSchema;

/// With what the second step of a sign-in can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// A one-time code from an app.
    Totp,
    /// A passkey.
    Passkey,
    /// A code off the list that was shown when the first factor was added.
    BackupCode,
}

/// A code that somebody typed.
pub enum Code {
    /// From an app.
    Totp(Secret),
    /// Off the list.
    Backup(Secret),
}

/// The second factors of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Factors {
    /// Whether there is a password: who came by another provider has none until they choose one.
    #[schema(example = true)]
    pub password: bool,
    /// Since when one-time codes from an app are asked for; nothing where they are not.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-01-05T09:00:00.000000Z")]
    pub totp_since: Option<Timestamp>,
    /// How many passkeys there are.
    #[schema(example = 2)]
    pub passkeys: u64,
    /// How many backup codes are left.
    #[schema(example = 10)]
    pub backup_codes: u64,
    /// Fewest characters of a new password: fewer with a second factor than without.
    #[schema(example = 8)]
    pub password_characters: usize,
    /// For how many seconds more credentials may be changed without confirming that it is me.
    #[schema(example = 240)]
    pub fresh_seconds: u64,
}

/// How many backup codes a set has.
pub(crate) const BACKUP_CODES: usize = 10;
/// Symbols in a backup code: 80 bits, so that a digest without salt or delay keeps it.
const SYMBOLS: usize = 16;
/// Crockford's base 32: no letter is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new backup code, in groups of four: `7k3d-m0xw-92hq-tz5a`.
pub(crate) fn new_backup_code(rng: &Rng) -> String {
    let mut text = String::with_capacity(SYMBOLS + 3);
    for (place, byte) in rng.bytes::<SYMBOLS>().into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// Under what a backup code is kept; `None` where the text is none. Blanks, hyphens and case do not matter, and
/// neither do letters that are taken for digits.
pub(crate) fn backup_digest(user: UserId, typed: &Secret) -> Option<Digest> {
    if typed.expose().len() > 64 {
        return None;
    }
    let mut plain = String::with_capacity(SYMBOLS);
    for c in typed.expose().chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let c = match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        };
        if !c.is_ascii() || !ALPHABET.contains(&(c as u8)) {
            return None;
        }
        plain.push(c);
    }
    let plain = Secret::new(plain);
    (plain.expose().len() == SYMBOLS).then(|| {
        let kept = Secret::new(format!("{user}:{}", plain.expose()));
        digest(kept.expose())
    })
}

#[cfg(test)]
mod tests {
    use stoa_core::{Id, TestClock, TestRng};

    use super::*;

    #[test]
    fn a_backup_code_is_read_however_it_is_typed() {
        let rng = TestRng::seeded(3);
        let user: UserId = Id::new(&TestClock::new().0, &rng);
        let code = new_backup_code(&rng);
        assert_eq!(code.len(), 19);
        let of = |text: &str| backup_digest(user, &Secret::new(text));
        let kept = of(&code).unwrap();
        assert_eq!(of(&code.to_uppercase().replace('-', " ")), Some(kept));
        assert_eq!(of(&code.replace('0', "o").replace('1', "L")), Some(kept));
        for wrong in
            ["", "123456", &code[1..], &format!("{code}0"), &code.replace(&code[..1], "u"), &"0".repeat(1000)]
        {
            assert!(of(wrong).is_none_or(|digest| digest != kept), "{wrong}");
        }
        let another: UserId = Id::new(&TestClock::new().0, &rng);
        assert_ne!(backup_digest(another, &Secret::new(code)), Some(kept));
    }
}
