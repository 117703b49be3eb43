//! Somebody else's web server, as clients have one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use stoa_edge::OutConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::way::Program;
use crate::house::World;

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
        };
        stoa_store::Tasks::default().spawn("test.outside", async move {
            let mut held = Vec::new();
            loop {
                let (mut line, _) = listener.accept().await.unwrap();
                let asked = read(&mut line).await;
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
        self.heard().iter().filter(|asked| asked.path == path).count()
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn read(line: &mut TcpStream) -> Heard {
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
                return Heard { path, head: head.to_ascii_lowercase(), body: body.to_owned() };
            }
        }
        let read = line.read(&mut piece).await.unwrap();
        assert_ne!(read, 0, "the line broke off: {text}");
        all.extend_from_slice(&piece[..read]);
    }
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// A way out that leads to this machine, and waits a second for it.
pub(crate) fn out() -> OutConfig {
    let private = [("127.0.0.1".to_owned(), vec!["127.0.0.0/8".parse().unwrap()])].into();
    OutConfig { private, idle_seconds: Duration::from_secs(1), ..OutConfig::default() }
}

/// A house that may call this machine.
pub(crate) async fn world() -> World {
    World::calling(out()).await
}
