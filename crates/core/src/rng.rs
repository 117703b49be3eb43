//! Chance is handed in. The operating system's source is named here and nowhere else.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng as _, SeedableRng, rngs::StdRng};

/// Where unguessable and merely random values come from.
#[derive(Clone)]
pub struct Rng(Source);

#[derive(Clone)]
enum Source {
    System,
    Test(Arc<Mutex<StdRng>>),
}

impl Rng {
    /// The thread's cryptographic generator, seeded and reseeded by the operating system.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => rand::rng().fill_bytes(&mut bytes),
            Source::Test(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
        }
        bytes
    }

    /// `N` random bytes as URL-safe base64 without padding: 32 bytes make 43 characters, 256 bits.
    pub fn token<const N: usize>(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<N>())
    }

    /// A number from 0 up to, not including, 1.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

impl fmt::Debug for Rng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rng")
    }
}

/// Chance that repeats itself, for tests.
#[derive(Debug)]
pub struct TestRng;

impl TestRng {
    /// The same seed gives the same sequence.
    pub fn seeded(seed: u64) -> Rng {
        Rng(Source::Test(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }
}
