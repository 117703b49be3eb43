//! Passwords: what is taken for one, and how it is kept and checked (Argon2id).

use std::{sync::Arc, thread};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use stoa_core::{Error, Result, Rng, Secret};
use tokio::{sync::Semaphore, task};

use crate::PasswordConfig;

/// Longest password that is taken, in characters. A limit only against waste; Argon2 takes any length.
const MOST_CHARACTERS: usize = 128;

/// What is hashed for a login at most, in bytes; longer input is no password of anyone's.
const MOST_BYTES: usize = MOST_CHARACTERS * 4;

/// Hashes and checks passwords, never more at once than there are cores: each takes a core and its memory.
pub struct Passwords {
    argon: Argon2<'static>,
    gate: Arc<Semaphore>,
    decoy: Arc<str>,
    least: usize,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// It is the right one.
    pub(crate) right: bool,
    /// It was hashed with other parameters than today's.
    pub(crate) outdated: bool,
}

impl Passwords {
    pub(crate) fn new(config: &PasswordConfig) -> Result<Self> {
        let PasswordConfig { memory_kib, passes, lanes, least_characters } = *config;
        let params = Params::new(memory_kib, passes, lanes, None).map_err(|cause| {
            Error::invalid("`identity.passwords` is not acceptable to Argon2").because(cause)
        })?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        // A well-formed hash that nobody knows a password for; checking it costs what checking any costs.
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        let decoy = format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}");
        Ok(Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            gate: Arc::new(Semaphore::new(cores)),
            decoy: decoy.into(),
            least: least_characters,
        })
    }

    /// Refuses what is too short, too long, or what anybody would try first. There are no rules of composition.
    pub(crate) fn accept(&self, pointer: &'static str, password: &Secret, known: &[&str]) -> Result<()> {
        let text = Secret::new(password.expose().to_lowercase());
        let characters = password.expose().chars().count();
        let detail = if characters < self.least {
            format!("must have at least {} characters; a few words make a good one", self.least)
        } else if characters > MOST_CHARACTERS {
            format!("must have at most {MOST_CHARACTERS} characters")
        } else if has_short_period(text.expose()) {
            "repeats the same few characters; choose something less regular".into()
        } else if known
            .iter()
            .copied()
            .chain(["stoa", "password"])
            .any(|word| is_made_of(text.expose(), word))
        {
            "is too easy to guess: it is your name or address; choose something else".into()
        } else {
            return Ok(());
        };
        Err(Error::field(pointer, detail))
    }

    /// The hash to keep, as a PHC string.
    pub(crate) async fn hash(&self, rng: &Rng, password: &Secret) -> Result<String> {
        let (argon, password, salt) = (self.argon.clone(), password.clone(), rng.bytes::<16>());
        self.in_turn(move || {
            Ok(argon.hash_password_with_salt(password.expose().as_bytes(), &salt)?.to_string())
        })
        .await
    }

    /// Checks a password against a kept hash. Without one (no such account) it takes as long and is wrong.
    pub(crate) async fn check(&self, password: &Secret, kept: Option<&str>) -> Result<Verdict> {
        let usable = kept.filter(|_| password.expose().len() <= MOST_BYTES);
        let known = usable.is_some();
        let hash: Arc<str> = usable.map_or_else(|| self.decoy.clone(), Into::into);
        let password = if password.expose().len() <= MOST_BYTES { password.clone() } else { Secret::new("") };
        let argon = self.argon.clone();
        self.in_turn(move || {
            let right = match argon.verify_password(password.expose().as_bytes(), &*hash) {
                Ok(()) => known,
                Err(password_hash::Error::PasswordInvalid) => false,
                Err(cause) => return Err(cause.into()),
            };
            Ok(Verdict { right, outdated: outdated(&hash, &argon)? })
        })
        .await
    }

    /// Runs on a thread of its own when a core is free. The permit goes along: whoever leaves frees no core.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.gate.clone().acquire_owned().await?;
        task::spawn_blocking(move || {
            let _until_done = permit;
            work()
        })
        .await?
    }
}

fn outdated(hash: &str, today: &Argon2<'_>) -> Result<bool> {
    let hash = PasswordHash::new(hash)?;
    let (then, today) = (Params::try_from(&hash)?, today.params());
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    Ok(hash.algorithm != Algorithm::Argon2id.ident() || cost(&then) != cost(today))
}

/// Whether a text is one of up to four characters said again and again.
fn has_short_period(text: &str) -> bool {
    let count = text.chars().count();
    (1..=4).any(|period| text.chars().skip(period).eq(text.chars().take(count.saturating_sub(period))))
}

/// Whether a text is nothing but `word`, once or several times, with digits and blanks around.
fn is_made_of(text: &str, word: &str) -> bool {
    let word = word.trim().to_lowercase();
    if word.is_empty() {
        return false;
    }
    let rest = Secret::new(text.replace(&word, ""));
    rest.expose().len() < text.len() && rest.expose().chars().all(|c| !c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use stoa_core::TestRng;

    use super::*;

    fn passwords(memory_kib: u32) -> Passwords {
        Passwords::new(&PasswordConfig { memory_kib, ..PasswordConfig::default() }).unwrap()
    }

    fn accepted(text: &str) -> bool {
        passwords(7168)
            .accept("/password", &Secret::new(text), &["ada@example.org", "ada", "Ada Lovelace"])
            .is_ok()
    }

    #[test]
    fn mv_m1_length_counts_and_composition_does_not() {
        for good in [
            "correct horse battery",
            "пароль-из-пятнадцати",
            "🦀🐎🔋📎🪵🌊🏔🎈🧭🪁🧩🎻🪴🧵🫖",
            "               x",
        ] {
            assert!(accepted(good), "{good}");
        }
        assert!(accepted(&"long words ".repeat(11)));
        for bad in
            ["fourteen chars", "", "aaaaaaaaaaaaaaaaaaaa", "abababababababababab", "abcdabcdabcdabcdabcd"]
        {
            assert!(!accepted(bad), "{bad}");
        }
        assert!(!accepted(&"x y z".repeat(26)));
        for guess in ["ada@example.org", "Ada Lovelace 1815", "stoastoastoastoa1", "Password12345678"] {
            assert!(!accepted(guess), "{guess}");
        }
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_read_back() {
        let (passwords, rng) = (passwords(7168), TestRng::seeded(1));
        let password = Secret::new("correct horse battery");
        let kept = passwords.hash(&rng, &password).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=7168,t=2,p=1$"), "{kept}");
        let check = async |text: &str, kept| passwords.check(&Secret::new(text), kept).await.unwrap();
        assert_eq!(
            check("correct horse battery", Some(&*kept)).await,
            Verdict { right: true, outdated: false }
        );
        assert!(!check("correct horse battery ", Some(&*kept)).await.right);
        assert!(!check("correct horse battery", None).await.right);
        assert!(!check(&"x".repeat(1 << 20), Some(&*kept)).await.right);
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_is_right_and_outdated() {
        let (before, today, rng) = (passwords(7168), passwords(8192), TestRng::seeded(1));
        let password = Secret::new("correct horse battery");
        let kept = before.hash(&rng, &password).await.unwrap();
        assert_eq!(
            today.check(&password, Some(&kept)).await.unwrap(),
            Verdict { right: true, outdated: true }
        );
    }
}
