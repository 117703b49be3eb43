//! Somebody else's web server, as clients have one.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use stoa_edge::OutConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{house::World, oauth::way::Program};

/// What it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// What it says at each path, and what it was asked.
pub(crate) struct Outside {
    pub(crate) port: u16,
    pages: Arc<Mutex<BTreeMap<String, Option<String>>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// How often somebody connected, whatever they said then.
    calls: Arc<AtomicUsize>,
}

impl Outside {
    pub(crate) async fn starts() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (pages, heard) =
            (Arc::<Mutex<BTreeMap<_, Option<String>>>>::default(), Arc::<Mutex<Vec<Heard>>>::default());
        let outside = Self {
            port: listener.local_addr().unwrap().port(),
            pages: pages.clone(),
            heard: Arc::clone(&heard),
            calls: Arc::default(),
        };
        let calls = outside.calls.clone();
        stoa_store::Tasks::default().spawn("test.outside", async move {
            let mut held = Vec::new();
            loop {
                let (mut line, _) = listener.accept().await.unwrap();
                calls.fetch_add(1, Ordering::SeqCst);
                let Some(asked) = read(&mut line).await else { continue };
                let page = pages.lock().unwrap().get(&asked.path).cloned();
                heard.lock().unwrap().push(asked);
                match page.unwrap_or_else(|| Some(answer("404 Not Found", "", ""))) {
                    Some(page) => line.write_all(page.as_bytes()).await.unwrap_or_default(),
                    // It says nothing, and does not go either.
                    None => held.push(line),
                }
            }
        });
        outside
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Puts a whole answer at a path; nothing is silence.
    pub(crate) fn puts(&self, path: &str, answer: Option<String>) {
        self.pages.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// A client whose document stands at a path.
    pub(crate) fn describes(&self, path: &str, document: &Value, headers: &str) -> Program {
        self.puts(path, Some(answer("200 OK", headers, &document.to_string())));
        Program { id: self.url(path), secret: None }
    }

    pub(crate) fn times_asked(&self, path: &str) -> usize {
        self.asked(path).len()
    }

    /// What it was asked at a path, oldest first.
    pub(crate) fn asked(&self, path: &str) -> Vec<Heard> {
        self.heard().into_iter().filter(|asked| asked.path == path).collect()
    }

    /// Whether nobody so much as connected.
    pub(crate) fn is_untouched(&self) -> bool {
        self.calls.load(Ordering::SeqCst) == 0
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// A whole request; nothing where whoever came went again, or speaks TLS.
async fn read(line: &mut TcpStream) -> Option<Heard> {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                let path = head.split(' ').nth(1).unwrap().to_owned();
                return Some(Heard { path, head: head.to_owned(), body: body.to_owned() });
            }
        }
        match line.read(&mut piece).await {
            Ok(read @ 1..) if all.first().or(piece.first()) != Some(&0x16) => {
                all.extend_from_slice(&piece[..read]);
            }
            _ => return None,
        }
    }
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// A way out that leads to this machine too, and waits a second for it.
pub(crate) fn to_this_machine() -> OutConfig {
    let private = [("127.0.0.1".to_owned(), vec!["127.0.0.0/8".parse().unwrap()])].into();
    OutConfig { private, idle_seconds: Duration::from_secs(1), ..OutConfig::default() }
}

/// A house that may call this machine.
pub(crate) async fn world() -> World {
    World::calling(to_this_machine()).await
}
