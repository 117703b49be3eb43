//! How a world must end: every process in good order, nothing left at work, nothing told that must not be.

use std::{fs, time::Duration};

use super::{World, files_below};

/// How long letters may take to be sent.
const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Ends every process and looks at what is left.
    pub(crate) async fn ends(mut self) {
        let nodes = std::mem::take(&mut self.nodes);
        let mut below = Vec::new();
        for node in &nodes {
            below.extend(descendants(node.pid));
            below.append(&mut node.below.lock().unwrap());
        }
        let waiting = self.jobs_left().await;
        for node in &nodes {
            let asked = node.ended.lock().unwrap().is_none();
            let status = node.stops().await;
            assert!(!asked || status.success(), "the server ended with {status}");
            self.looks_through(&node.log.lines());
        }
        assert_eq!(waiting, 0, "jobs are left");
        self.looks_through_statements(nodes.iter().flat_map(|node| node.log.lines())).await;
        let left: Vec<_> = below.into_iter().filter(|process| stat(process.0) == Some(process.1)).collect();
        assert!(left.is_empty(), "processes are left: {left:?}");
        if !self.is_shared() {
            self.looks_through_files();
        }
    }

    /// Jobs that have not ended. Letters are sent after whoever caused them has their answer: they are waited for.
    async fn jobs_left(&self) -> i64 {
        let all = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')";
        let mails =
            "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running') AND kind LIKE 'identity.%'";
        let sent = async {
            while self.count(mails).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        let _asserted_below = tokio::time::timeout(PATIENCE, sent).await;
        self.count(all).await
    }

    /// mv_l6: no secret, no error that nobody expected, no panic.
    fn looks_through(&self, lines: &[String]) {
        let secrets = self.book.secrets.lock().unwrap();
        let expected = self.book.expected.lock().unwrap();
        for line in lines.iter().filter(|line| !line.starts_with("setup: ")) {
            for (what, secret) in secrets.iter() {
                assert!(!line.contains(secret.as_str()), "the log holds {what}: {line}");
            }
            let known = expected.iter().any(|text| line.contains(text));
            assert!(known || !line.contains(r#""level":"ERROR""#), "an error that nobody expected: {line}");
            assert!(!line.contains("panicked"), "a panic: {line}");
        }
    }

    /// What is kept is kept as hashes, or sealed.
    fn looks_through_files(&self) {
        let secrets = self.book.secrets.lock().unwrap();
        for file in files_below(&self.folder.0) {
            let Ok(bytes) = fs::read(&file) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            for (what, secret) in secrets.iter() {
                assert!(!text.contains(secret.as_str()), "{} holds {what}", file.display());
            }
        }
    }
}

/// A process and when it began: the number alone may be given to another.
pub(super) type Process = (i32, u64);

/// Parent and beginning of a process.
fn parent_and_beginning(process: i32) -> Option<(i32, u64)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    // A zombie is no process any more, only a note of one.
    if fields.first() == Some(&"Z") {
        return None;
    }
    Some((fields.get(1)?.parse().ok()?, fields.get(19)?.parse().ok()?))
}

fn stat(process: i32) -> Option<u64> {
    parent_and_beginning(process).map(|(_, began)| began)
}

/// Everything that a process started, and what those started.
pub(super) fn descendants(of: i32) -> Vec<Process> {
    let all: Vec<(i32, i32, u64)> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let process: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let (parent, began) = parent_and_beginning(process)?;
            Some((process, parent, began))
        })
        .collect();
    let (mut found, mut open) = (Vec::new(), vec![of]);
    while let Some(parent) = open.pop() {
        for (process, _, began) in all.iter().filter(|(_, above, _)| *above == parent) {
            found.push((*process, *began));
            open.push(*process);
        }
    }
    found
}
