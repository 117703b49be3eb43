//! A zip that is written as it is sent: what is packed goes on at once, so that memory stays small whatever the size.

use std::{
    collections::HashSet,
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use sha2::{Digest as _, Sha256};
use stoa_core::{Digest, Error, Result};
use stoa_edge::Files;
use stoa_jobs::Run;
use tokio::sync::mpsc;
use zip::{
    ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::model::{BYTES, Entry, FILES};

/// Longest name of a file or folder in it, in characters.
const NAME: usize = 120;

/// A zip on its way.
pub(super) struct Archive {
    run: Run,
    /// Boxed: it is large, and moves from one future to another.
    zip: Box<ZipWriter<StreamWriter<Spool>>>,
    spool: Spool,
    out: mpsc::Sender<Result<Bytes>>,
    folder: &'static str,
    names: HashSet<String>,
    entries: Vec<Entry>,
    bytes: u64,
}

impl Archive {
    /// An empty one, and its bytes as they come. They end when the archive is dropped.
    pub(super) fn new(run: Run) -> (Self, BoxStream<'static, Result<Bytes>>) {
        let (out, sent) = mpsc::channel(4);
        let spool = Spool::default();
        let archive = Self {
            run,
            zip: Box::new(ZipWriter::new_stream(spool.clone())),
            spool,
            out,
            folder: "",
            names: HashSet::new(),
            entries: Vec::new(),
            bytes: 0,
        };
        let bytes = stream::unfold(sent, |mut sent| async { sent.recv().await.map(|piece| (piece, sent)) });
        (archive, bytes.boxed())
    }

    /// What is put from now on lies in this folder.
    pub(super) fn open(&mut self, folder: &'static str) {
        self.folder = folder;
    }

    /// What was put.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Writes the directory at the end. Without it, the file is none.
    pub(super) async fn finish(self) {
        let last = self.zip.finish().map(|_| self.spool.taken()).map_err(Error::from);
        // Whoever read has gone, for a reason of their own.
        let _told = self.out.send(last).await;
    }

    /// Says why there will be no whole file: whoever reads the bytes ends with this.
    pub(super) async fn fail(self, why: Error) {
        // Whoever read has gone, for a reason of their own.
        let _told = self.out.send(Err(why)).await;
    }

    /// A path of its own below the folder.
    fn path(&mut self, path: &str) -> String {
        let clean = clean(path);
        let mut path = if self.folder.is_empty() { clean } else { format!("{}/{clean}", self.folder) };
        let wanted = path.clone();
        let mut number = 2;
        while !self.names.insert(path.to_lowercase()) {
            path = format!("{wanted} ({number})");
            number += 1;
        }
        path
    }

    async fn piece(&mut self, piece: &[u8]) -> Result<()> {
        /// So much is packed before it is sent on.
        const STEP: usize = 64 << 10;
        for step in piece.chunks(STEP) {
            if self.run.stopped().is_cancelled() {
                return Err(Error::unavailable("the export was told to stop"));
            }
            self.zip.write_all(step)?;
            let packed = self.spool.taken();
            if !packed.is_empty() {
                send(&self.out, Ok(packed)).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Files for Archive {
    async fn put(&mut self, path: &str, mut bytes: BoxStream<'_, Result<Bytes>>) -> Result<()> {
        if self.entries.len() >= FILES {
            return Err(too_large());
        }
        let path = self.path(path);
        self.zip.start_file(path.as_str(), SimpleFileOptions::default())?;
        let (mut sha256, mut size) = (Sha256::new(), 0_u64);
        while let Some(piece) = bytes.next().await {
            let piece = piece?;
            size += piece.len() as u64;
            self.bytes += piece.len() as u64;
            if self.bytes > BYTES {
                return Err(too_large());
            }
            sha256.update(&piece);
            self.piece(&piece).await?;
        }
        let sha256: [u8; 32] = sha256.finalize().into();
        let sha256 = Digest::from_slice(&sha256).ok_or_else(|| Error::internal("a digest has 32 bytes"))?;
        self.entries.push(Entry { path, bytes: size, sha256: sha256.hex() });
        Ok(())
    }
}

async fn send(out: &mpsc::Sender<Result<Bytes>>, piece: Result<Bytes>) -> Result<()> {
    out.send(piece).await.map_err(|_| Error::unavailable("the export can no longer be stored"))
}

fn too_large() -> Error {
    Error::too_large(
        "all that is kept of you is more than 4 GB or 65,000 files; delete labs that you have saved, or ask whoever looks \
         after the house",
    )
}

/// A path that stays where it is unpacked, on every system. Names came from people and their programs.
fn clean(path: &str) -> String {
    let names = path.split(['/', '\\']).map(|name| {
        let bad = |c: char| c.is_control() || "<>:\"|?*".contains(c);
        let name: String = name.chars().take(NAME).map(|c| if bad(c) { '_' } else { c }).collect();
        // Dots and blanks at the end are left out by some systems, and only dots lead elsewhere.
        name.trim_end_matches(['.', ' ']).to_owned()
    });
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    if names.is_empty() { "file".to_owned() } else { names.join("/") }
}

/// What was packed and not sent yet.
#[derive(Clone, Default)]
struct Spool(Arc<Mutex<Vec<u8>>>);

impl Spool {
    fn taken(&self) -> Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder_that_it_is_unpacked_in() {
        for (name, kept) in [
            ("id/runs/left.txt", "id/runs/left.txt"),
            ("../../etc/passwd", "etc/passwd"),
            ("/etc/passwd", "etc/passwd"),
            ("a/.. /b", "a/b"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("C:\\x", "C_/x"),
            ("a\nb\0c", "a_b_c"),
            (".profile", ".profile"),
            ("Ünïcode 🦀.docx", "Ünïcode 🦀.docx"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(clean(name), kept, "{name:?}");
        }
        assert_eq!(clean(&"x".repeat(500)).len(), NAME);
    }
}
