//! The code that a person types, and the states of a device.

use stoa_core::{Digest, Rng, digest};

/// Letters that nobody takes for another, and that make no words (RFC 8628 §6.1): 20⁸, 34 bits.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// A new code, as it is shown: `WDJB-MJHT`.
pub(crate) fn make(rng: &Rng) -> String {
    let mut code = String::with_capacity(LENGTH + 1);
    while code.len() < LENGTH + 1 {
        for byte in rng.bytes::<16>() {
            // Only whole rounds of the alphabet, so that no letter is likelier.
            if byte < 240 && code.len() < LENGTH + 1 {
                if code.len() == LENGTH / 2 {
                    code.push('-');
                }
                code.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
            }
        }
    }
    code
}

/// What a code is kept under, however it was typed; `None` for text that is none.
pub(crate) fn read(text: &str) -> Option<Digest> {
    if text.len() > 40 {
        return None;
    }
    let letters: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let sane = letters.len() == LENGTH && letters.bytes().all(|byte| LETTERS.contains(&byte));
    sane.then(|| digest(format!("user code {letters}")))
}

/// What became of a device's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The person has not decided.
    Pending,
    /// They allowed it; the device has not asked yet.
    Allowed,
    /// They did not.
    Denied,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Allowed, Self::Denied].into_iter().find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use stoa_core::TestRng;

    use super::*;

    /// G13 E7.
    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let rng = TestRng::seeded(1);
        for _ in 0..200 {
            let code = make(&rng);
            assert_eq!((code.len(), &code[4..5]), (9, "-"), "{code}");
            let kept = read(&code).unwrap();
            assert_eq!(read(&code.to_lowercase()), Some(kept));
            assert_eq!(read(&format!(" {} ", code.replace('-', " "))), Some(kept));
        }
        for bad in ["", "AAAA-AAAA", "WDJB-MJH", "WDJB-MJHTT", "1234-5678", &"W".repeat(100)] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
