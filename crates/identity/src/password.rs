//! Passwords: what is taken for one (NIST SP 800-63B-4 §3.1.1), and how it is kept and checked (Argon2id).
//!
//! All of Unicode is allowed. Before anything else a password is brought into the form NFKC: the same keys on another
//! keyboard, or another system's way to write `é` or a full-width letter, are the same password.

use std::{sync::Arc, thread};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use icu_normalizer::ComposingNormalizerBorrowed;
use stoa_core::{Error, Result, Rng, Secret};
use zxcvbn::zxcvbn;

use crate::{
    PasswordConfig,
    furnace::{Furnace, Room},
};

/// Longest password that is taken, in characters. A limit only against waste; Argon2 takes any length.
const MOST_CHARACTERS: usize = 128;

/// What is hashed for a login at most, in bytes; longer input is no password of anyone's.
const MOST_BYTES: usize = MOST_CHARACTERS * 4;

/// Guesses that a password must be worth, by an estimate that knows the lists that are tried first: as many as eight
/// characters of chance. The limits on tries make 100 a day of it.
const FEWEST_GUESSES: u64 = 100_000_000;

/// What is normalised at most, in bytes: a character may be written as a letter and several marks.
const MOST_RAW_BYTES: usize = MOST_BYTES * 4;

/// Hashes and checks passwords.
pub struct Passwords {
    argon: Argon2<'static>,
    furnace: Furnace,
    decoy: Arc<str>,
    least: usize,
    least_with_factor: usize,
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
        let PasswordConfig { memory_kib, passes, lanes, least_characters, least_characters_with_factor } =
            *config;
        let params = Params::new(memory_kib, passes, lanes, None).map_err(|cause| {
            Error::invalid("`identity.passwords` is not acceptable to Argon2").because(cause)
        })?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        // A well-formed hash that nobody knows a password for; checking it costs what checking any costs.
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        let decoy = format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}");
        Ok(Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            furnace: Furnace::new(cores),
            decoy: decoy.into(),
            least: least_characters,
            least_with_factor: least_characters_with_factor,
        })
    }

    /// Refuses what is too short, too long, or what anybody would try first: common passwords, common words, dates,
    /// rows of keys, the person's own name. There are no rules of composition.
    pub(crate) fn accept(&self, pointer: &'static str, password: &Secret, known: &[&str]) -> Result<()> {
        accept(pointer, password, known, self.least)
    }

    /// The same for somebody of whom a second factor is asked at every sign-in: a shorter one does (§3.1.1.1).
    pub(crate) fn accept_beside_factor(
        &self,
        pointer: &'static str,
        password: &Secret,
        known: &[&str],
    ) -> Result<()> {
        accept(pointer, password, known, self.least_with_factor)
    }

    /// Whether a password that was accepted is too short to be the only factor.
    pub(crate) fn needs_factor(&self, password: &Secret) -> bool {
        normal(password).is_some_and(|password| password.expose().chars().count() < self.least)
    }

    /// Fewest characters of a password, beside a second factor or alone.
    pub(crate) fn least(&self, beside_factor: bool) -> usize {
        if beside_factor { self.least_with_factor } else { self.least }
    }

    /// The hash to keep, as a PHC string.
    pub(crate) async fn hash(&self, rng: &Rng, password: &Secret) -> Result<String> {
        let password = normal(password).ok_or_else(|| Error::internal("a password was not looked at"))?;
        let (argon, salt) = (self.argon.clone(), rng.bytes::<16>());
        self.furnace
            .in_turn(move |room| {
                let hash = PasswordHash {
                    algorithm: Algorithm::Argon2id.ident(),
                    version: Some(Version::V0x13.into()),
                    params: ParamsString::try_from(argon.params())?,
                    salt: Some(Salt::new(&salt)?),
                    hash: Some(output(room, &argon, &password, &salt, Params::DEFAULT_OUTPUT_LEN)?),
                };
                Ok(hash.to_string())
            })
            .await
    }

    /// Checks a password against a kept hash. Without one (no such account, or one without a password, whose hash is
    /// empty) it takes as long and is wrong.
    pub(crate) async fn check(&self, password: &Secret, kept: Option<&str>) -> Result<Verdict> {
        let password = normal(password).filter(|password| password.expose().len() <= MOST_BYTES);
        let usable = kept.filter(|hash| password.is_some() && !hash.is_empty());
        let known = usable.is_some();
        let hash: Arc<str> = usable.map_or_else(|| self.decoy.clone(), Into::into);
        let password = password.unwrap_or_else(|| Secret::new(""));
        let argon = self.argon.clone();
        self.furnace
            .in_turn(move |room| {
                let hash = PasswordHash::new(&hash)?;
                // Nobody's hash is made all the same.
                let right = holds(room, &hash, &password)? && known;
                Ok(Verdict { right, outdated: outdated(&hash, &argon)? })
            })
            .await
    }
}

/// Whether a hash was made of a password, with the parameters that it names.
fn holds(room: &mut Room, hash: &PasswordHash, password: &Secret) -> Result<bool> {
    let (Some(salt), Some(kept)) = (&hash.salt, &hash.hash) else {
        return Err(Error::internal("a kept hash has no salt or no hash"));
    };
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon = Argon2::new(Algorithm::try_from(hash.algorithm.as_str())?, version, Params::try_from(hash)?);
    // Compared in the same time wherever they differ.
    Ok(output(room, &argon, password, salt, kept.len())? == *kept)
}

fn output(
    room: &mut Room,
    argon: &Argon2<'_>,
    password: &Secret,
    salt: &[u8],
    length: usize,
) -> Result<Output> {
    let mut bytes = [0; Output::MAX_LENGTH];
    room.hash(argon, password.expose().as_bytes(), salt, &mut bytes[..length])?;
    Ok(Output::new(&bytes[..length])?)
}

/// Refuses what is no password, one of fewer than `least` characters, and what anybody would try first.
fn accept(pointer: &'static str, password: &Secret, known: &[&str], least: usize) -> Result<()> {
    let Some(password) = normal(password) else {
        return Err(Error::field(pointer, format!("must have at most {MOST_CHARACTERS} characters")));
    };
    let text = Secret::new(password.expose().to_lowercase());
    let characters = password.expose().chars().count();
    let detail = if characters < least {
        format!("must have at least {least} characters; a few words make a good one")
    } else if characters > MOST_CHARACTERS {
        format!("must have at most {MOST_CHARACTERS} characters")
    } else if has_short_period(text.expose()) {
        "repeats the same few characters; choose something less regular".into()
    } else if known.iter().copied().chain(["stoa", "password"]).any(|word| is_made_of(text.expose(), word)) {
        "is too easy to guess: it is your name or address; choose something else".into()
    } else if zxcvbn(password.expose(), known).guesses() < FEWEST_GUESSES {
        "is too easy to guess: it is on lists that are tried first; take a few words that nobody would put together"
            .into()
    } else {
        return Ok(());
    };
    Err(Error::field(pointer, detail))
}

/// A password as it is compared: in NFKC, as NIST SP 800-63B-4 §3.1.1.2 advises. Nothing where it is far too long.
fn normal(password: &Secret) -> Option<Secret> {
    let text = password.expose();
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    (text.len() <= MOST_RAW_BYTES).then(|| Secret::new(nfkc.normalize(text).into_owned()))
}

fn outdated(hash: &PasswordHash, today: &Argon2<'_>) -> Result<bool> {
    let (then, today) = (Params::try_from(hash)?, today.params());
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
        for good in ["correct horse battery", "пароль-из-пятнадцати", "🦀🐎🔋📎🪵🌊🏔🎈🧭🪁🧩🎻🪴🧵🫖"]
        {
            assert!(accepted(good), "{good}");
        }
        assert!(accepted(&"eleven long words ".repeat(7)));
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

    #[test]
    fn mv_m1_what_is_tried_first_is_refused_and_said_why() {
        for common in [
            "qwertyuiopasdfgh",
            "passwordpassword1",
            "iloveyouiloveyou",
            "123456789012345",
            "               x",
        ] {
            assert!(!accepted(common), "{common}");
        }
        // Where eight characters do, length alone would let the lists through.
        let short =
            Passwords::new(&PasswordConfig { least_characters: 8, ..PasswordConfig::default() }).unwrap();
        let refused = short.accept("/password", &Secret::new("P@ssw0rd"), &[]).unwrap_err();
        assert!(refused.fields()[0].detail.contains("lists that are tried first"), "{refused:?}");
        assert!(short.accept("/password", &Secret::new("kf83-Qzm"), &[]).is_ok());
    }

    #[test]
    fn mv_m1_a_long_input_is_refused_without_much_work() {
        let began = std::time::Instant::now();
        for text in ["x".repeat(512 << 10), "\u{fdfa}".repeat(600), "aB3$".repeat(32), "ab ".repeat(43)] {
            accepted(&text);
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
        assert!(!accepted(&"x y z".repeat(1 << 17)));
    }

    #[tokio::test]
    async fn mv_m1_one_password_typed_on_two_systems_is_one() {
        let (passwords, rng) = (passwords(7168), TestRng::seeded(1));
        let composed = Secret::new("caf\u{e9} cr\u{e8}me br\u{fb}l\u{e9}e \u{ff21}\u{2460}");
        let decomposed = Secret::new("cafe\u{301} cre\u{300}me bru\u{302}le\u{301}e A1");
        let kept = passwords.hash(&rng, &composed).await.unwrap();
        assert!(passwords.check(&decomposed, Some(&kept)).await.unwrap().right);
        assert!(!passwords.check(&Secret::new("cafe creme brulee A1"), Some(&kept)).await.unwrap().right);
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
        assert!(!check("", Some("")).await.right, "an account without a password");
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
