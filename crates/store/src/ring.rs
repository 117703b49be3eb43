//! The key ring: what must be read back (a second factor's seed, a signing key, a token of somebody else's server)
//! is kept encrypted and authenticated, bound to its place among the rows.
//!
//! The keys stand in a file, one a line; the first one seals, all of them open. So a key is changed by writing a new
//! one above it. Which keys were ever sealed with is noted in the rows: a process without one of them does not start,
//! rather than find out later that it cannot read what it owns.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{ConnectionTrait, Statement};
use serde::Deserialize;
use stoa_core::{Clock, Error, Result, Rng, digest};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Db, Engine};

/// Bytes of a key.
const KEY: usize = 32;
/// Bytes of a key's name, which stands before what it sealed.
const NAME: usize = 8;
/// The advisory lock on PostgreSQL: "keys" in ASCII.
const LOCK: i64 = 0x6b65_7973;
/// Most bytes of a file of keys that are read.
const FILE_BYTES: usize = 16 * 1024;

/// Where the keys are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyConfig {
    /// A file with one key a line: 32 bytes in URL-safe base64 without padding. The first seals, all open. Without it,
    /// `keys` in the data folder, made at the first start.
    pub file: Option<PathBuf>,
}

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Ring {
    keys: Arc<[Key]>,
    rng: Rng,
}

/// One key, under a name that says nothing about it.
struct Key {
    name: [u8; NAME],
    secret: hmac::Key,
}

impl Key {
    fn new(secret: &[u8; KEY]) -> Self {
        let mut name = [0; NAME];
        name.copy_from_slice(
            &digest([&b"stoa key name 1"[..], secret.as_slice()].concat()).as_bytes()[..NAME],
        );
        Self { name, secret: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// The key for one place. No two places share one, so nonces of different places never meet.
    fn at(&self, place: &str) -> Result<LessSafeKey> {
        let derived = hmac::sign(&self.secret, &[b"stoa seal 1 ", place.as_bytes()].concat());
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, derived.as_ref())?))
    }

    fn mark(&self, place: &str, said: &[u8]) -> hmac::Tag {
        let derived = hmac::sign(&self.secret, &[b"stoa mark 1 ", place.as_bytes()].concat());
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()), said)
    }

    fn written(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.name)
    }
}

impl Ring {
    /// Reads the keys, or makes the first one where nothing was ever sealed.
    pub(crate) async fn load(
        config: &KeyConfig,
        folder: &Path,
        db: &Db,
        clock: &Clock,
        rng: &Rng,
    ) -> Result<Self> {
        let path = config.file.clone().unwrap_or_else(|| folder.join("keys"));
        let noted = noted(&db.reads()).await?;
        let text = match read(&path)? {
            Some(text) => text,
            None if noted.is_empty() => make(&path, rng)?,
            None => return Err(missing(&path, noted.first().map_or("", String::as_str))),
        };
        let keys = parse(&text).map_err(|line| {
            Error::invalid(format!(
                "line {line} of the key file {} is no key: 32 bytes in URL-safe base64 without padding",
                path.display()
            ))
        })?;
        let Some(first) = keys.first() else {
            return Err(Error::invalid(format!("the key file {} has no key in it", path.display())));
        };
        all_present(&noted, &keys, &path)?;
        if !noted.contains(&first.written()) {
            note(db, &keys, &path, clock).await?;
        }
        Ok(Self { keys: keys.into(), rng: rng.clone() })
    }

    /// Seals bytes for a place: the table, the row and the column, as `TABLE/ID/COLUMN`. What was sealed for
    /// one place does not open at another.
    ///
    /// # Errors
    /// When encryption fails, which it does not.
    pub fn seal(&self, place: &str, text: &[u8]) -> Result<Vec<u8>> {
        let key = self.keys.first().ok_or_else(|| Error::internal("the key ring is empty"))?;
        let nonce = self.rng.bytes::<NONCE_LEN>();
        let mut sealed = text.to_vec();
        key.at(place)?.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            &mut sealed,
        )?;
        Ok([&key.name[..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for this place, under whichever key of the ring.
    ///
    /// # Errors
    /// `internal` for anything else: it was altered, moved to another row, or its key is gone.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let parts = sealed.split_at_checked(NAME).and_then(|(name, rest)| {
            let (nonce, text) = rest.split_at_checked(NONCE_LEN)?;
            Some((name, nonce, text))
        });
        let (name, nonce, text) = parts.ok_or_else(|| Error::internal("a sealed value is too short"))?;
        let key = self.keys.iter().find(|key| key.name == name);
        let key = key.ok_or_else(|| Error::internal("a sealed value's key is not in the ring"))?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let length = key
            .at(place)?
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut text)
            .map_err(|_| Error::internal("a sealed value was altered, or belongs to another row"))?
            .len();
        text.truncate(length);
        Ok(text)
    }

    /// A mark that only this ring makes, over bytes that may be read by anyone: 32 bytes.
    ///
    /// # Errors
    /// When the ring has no key, which it always has.
    pub fn mark(&self, place: &str, said: &[u8]) -> Result<Vec<u8>> {
        let key = self.keys.first().ok_or_else(|| Error::internal("the key ring is empty"))?;
        Ok(key.mark(place, said).as_ref().to_vec())
    }

    /// Whether bytes carry a mark that was made by any key of the ring, for this place. Takes as long for a wrong one.
    pub fn is_marked(&self, place: &str, said: &[u8], mark: &[u8]) -> bool {
        self.keys.iter().any(|key| key.mark(place, said).as_ref().ct_eq(mark).into())
    }

    /// Whether something was sealed under another key than today's: its owner seals it anew when it next writes it.
    pub fn is_old(&self, sealed: &[u8]) -> bool {
        self.keys.first().is_none_or(|key| !sealed.starts_with(&key.name))
    }
}

/// The file's text; nothing where there is no such file.
fn read(path: &Path) -> Result<Option<Zeroizing<String>>> {
    let cannot =
        |cause| Error::unavailable(format!("the key file {} cannot be read", path.display())).because(cause);
    match fs::metadata(path) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(cannot(cause)),
        Ok(file) if usize::try_from(file.len()).is_ok_and(|size| size <= FILE_BYTES) => {}
        Ok(_) => return Err(Error::invalid(format!("{} is too large for a key file", path.display()))),
    }
    Ok(Some(Zeroizing::new(fs::read_to_string(path).map_err(cannot)?)))
}

/// Makes a file with one new key, for this user alone. Of two processes at once one makes it, both read it.
fn make(path: &Path, rng: &Rng) -> Result<Zeroizing<String>> {
    let cannot = |cause| {
        Error::unavailable(format!("the key file {} cannot be written", path.display())).because(cause)
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    let text = Zeroizing::new(format!("{}\n", rng.token::<KEY>()));
    // Whole or not at all: it gets its name when it is on the disk, unless another process was first.
    let draft = path.with_extension(format!("new-{}", rng.token::<6>()));
    let written = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    // What is left over of a failure is only a draft.
    let _gone = fs::remove_file(&draft);
    match linked {
        Ok(()) => Ok(text),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| Error::internal("the key file came and went"))
        }
        Err(cause) => Err(cannot(cause)),
    }
}

/// The keys in a file's text; the number of the first line that is none.
fn parse(text: &str) -> std::result::Result<Vec<Key>, usize> {
    text.lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(line).map_err(|_| number)?);
            let secret = bytes.as_slice().try_into().map_err(|_| number)?;
            Ok(Key::new(secret))
        })
        .collect()
}

fn missing(path: &Path, name: &str) -> Error {
    Error::unavailable(format!(
        "rows of this database are sealed with the key {name}, which is not in {}; put the file back from a backup or \
         from another node, or name it as `keys.file`",
        path.display()
    ))
}

/// The names of all keys that were ever sealed with.
async fn noted(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let all = Statement::from_string(db.get_database_backend(), "SELECT name FROM store_key ORDER BY name");
    db.query_all_raw(all).await?.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

/// Notes the key that seals from now on, and looks again whether the ring has all: another process may have been first
/// with a key of its own.
async fn note(db: &Db, keys: &[Key], path: &Path, clock: &Clock) -> Result<()> {
    let Some(first) = keys.first() else { return Ok(()) };
    db.write(async |tx| {
        if tx.engine() == Engine::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
        }
        all_present(&noted(tx).await?, keys, path)?;
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "INSERT INTO store_key (name, since) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            [first.written().into(), clock.now().into()],
        ))
        .await?;
        Ok(())
    })
    .await
}

fn all_present(noted: &[String], keys: &[Key], path: &Path) -> Result<()> {
    match noted.iter().find(|name| !keys.iter().any(|key| key.written() == **name)) {
        Some(lost) => Err(missing(path, lost)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use stoa_core::TestRng;

    use super::*;

    fn ring(text: &str) -> Ring {
        Ring {
            keys: parse(text).unwrap_or_else(|line| panic!("line {line}")).into(),
            rng: TestRng::seeded(1),
        }
    }

    #[test]
    fn fw_s4_what_is_sealed_opens_at_its_place_only_and_under_old_keys_too() {
        let rng = TestRng::seeded(2);
        let (old, new) = (rng.token::<32>(), rng.token::<32>());
        let before = ring(&old);
        let sealed = before.seal("a/1/secret", b"gho_token").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"gho_"));
        assert_ne!(sealed, before.seal("a/1/secret", b"gho_token").unwrap(), "a nonce came twice");
        assert_eq!(&**before.open("a/1/secret", &sealed).unwrap(), b"gho_token");
        assert!(before.open("a/2/secret", &sealed).is_err(), "it opened in another row");
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(before.open("a/1/secret", &altered).is_err(), "byte {at}");
        }
        assert!(before.open("a/1/secret", &sealed[..NAME + 3]).is_err());

        let after = ring(&format!("# since today\n{new}\n\n{old}\n"));
        assert_eq!(&**after.open("a/1/secret", &sealed).unwrap(), b"gho_token");
        assert!(after.is_old(&sealed) && !before.is_old(&sealed));
        let again = after.seal("a/1/secret", b"gho_token").unwrap();
        assert!(!after.is_old(&again) && before.open("a/1/secret", &again).is_err());
        let mark = before.mark("a/refresh", b"said").unwrap();
        assert!(
            after.is_marked("a/refresh", b"said", &mark) && !after.is_marked("b/refresh", b"said", &mark)
        );
        assert!(
            !after.is_marked("a/refresh", b"sold", &mark)
                && !after.is_marked("a/refresh", b"said", &mark[1..])
        );
        assert!(parse("short").is_err() && parse(&format!("{old}\n{}", &new[1..])).err() == Some(2));
    }
}
