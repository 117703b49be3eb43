//! Argon2id at work: never more at once than there are cores, each in memory of its own.
//!
//! The system clears memory before it hands it out, and that is a tenth of a hash. So while people wait, memory goes from
//! one hash to the next; when the last of them has been served, the system gets it back.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use argon2::{Argon2, Block};
use stoa_core::Result;
use tokio::{sync::Semaphore, task};

/// Where passwords are hashed.
pub(crate) struct Furnace {
    gate: Arc<Semaphore>,
    shelf: Arc<Shelf>,
}

/// Memory that no hash is using.
struct Shelf {
    free: Mutex<Vec<Vec<Block>>>,
    callers: AtomicUsize,
    cores: usize,
}

/// What one hash is made in.
pub(crate) struct Room(Option<Vec<Block>>);

impl Furnace {
    pub(crate) fn new(cores: usize) -> Self {
        let shelf = Shelf { free: Mutex::default(), callers: AtomicUsize::new(0), cores };
        Self { gate: Arc::new(Semaphore::new(cores)), shelf: Arc::new(shelf) }
    }

    /// Works on a thread of its own when a core is free. The permit goes along: whoever leaves frees no core.
    pub(crate) async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Room) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let caller = Caller::new(self.shelf.clone());
        let permit = self.gate.clone().acquire_owned().await?;
        task::spawn_blocking(move || {
            let mut room = caller.room();
            let done = work(&mut room);
            caller.leave(room);
            drop(permit);
            done
        })
        .await?
    }
}

impl Room {
    /// Makes a hash as long as `out`.
    pub(crate) fn hash(
        &mut self,
        argon: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
        out: &mut [u8],
    ) -> argon2::Result<()> {
        let Some(blocks) = &mut self.0 else { return argon.hash_password_into(password, salt, out) };
        let needed = argon.params().block_count();
        if blocks.len() < needed {
            blocks.resize(needed, Block::new());
        }
        argon.hash_password_into_with_memory(password, salt, out, &mut blocks[..needed])
    }
}

impl Shelf {
    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits for a hash, or is served.
struct Caller(Arc<Shelf>);

impl Caller {
    fn new(shelf: Arc<Shelf>) -> Self {
        shelf.callers.fetch_add(1, Ordering::AcqRel);
        Self(shelf)
    }

    /// Memory that another one left, or new memory to be left where others wait. Whoever is alone brings it along.
    fn room(&self) -> Room {
        let left = self.0.free().pop();
        let crowded = self.0.callers.load(Ordering::Acquire) > self.0.cores;
        Room(left.or_else(|| crowded.then(Vec::new)))
    }

    fn leave(self, room: Room) {
        if let Some(blocks) = room.0 {
            self.0.free().push(blocks);
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.0.callers.fetch_sub(1, Ordering::AcqRel) == 1 {
            let unused = mem::take(&mut *self.0.free());
            drop(unused);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    fn made(room: &mut Room, password: &str) -> [u8; 32] {
        let mut out = [0; 32];
        room.hash(&Argon2::default(), password.as_bytes(), b"a salt of bytes", &mut out).unwrap();
        out
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn memory_that_another_used_changes_no_hash_and_goes_back_when_nobody_waits() {
        let furnace = Furnace::new(2);
        let words = |n: usize| format!("password {}", n % 3);
        let crowd =
            (0..12).map(|n| furnace.in_turn(move |room| Ok((made(room, &words(n)), room.0.is_some()))));
        let hashes = join_all(crowd).await;
        for (n, hash) in hashes.iter().enumerate() {
            let mut alone = Room(None);
            assert_eq!(hash.as_ref().unwrap().0, made(&mut alone, &words(n)), "{n}");
        }
        assert!(
            hashes.iter().filter(|hash| hash.as_ref().unwrap().1).count() >= 8,
            "memory is not passed on"
        );
        assert!(furnace.shelf.free().is_empty(), "memory is kept for nobody");
        let alone = furnace.in_turn(|room| Ok(room.0.is_some())).await.unwrap();
        assert!(!alone);
    }
}
