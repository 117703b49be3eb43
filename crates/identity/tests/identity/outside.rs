//! Somebody else's web server.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use stoa_edge::OutConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A web server: what it says at each path, and what it was asked.
pub(crate) struct Outside {
    pub(crate) port: u16,
    pages: Arc<Mutex<BTreeMap<String, Option<String>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Outside {
    pub(crate) async fn starts() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (pages, asked) = (Arc::<Mutex<BTreeMap<String, Option<String>>>>::default(), Arc::default());
        let outside = Self {
            port: listener.local_addr().unwrap().port(),
            pages: pages.clone(),
            asked: Arc::clone(&asked),
        };
        stoa_store::Tasks::default().spawn("test.outside", async move {
            let mut held = Vec::new();
            loop {
                let (mut line, _) = listener.accept().await.unwrap();
                let Some(request) = read(&mut line).await else { continue };
                let page = pages.lock().unwrap().get(&request.path).cloned();
                asked.lock().unwrap().push(request);
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

    /// What it was asked at a path, oldest first.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// Whether nobody asked it for anything.
    pub(crate) fn is_untouched(&self) -> bool {
        self.asked.lock().unwrap().is_empty()
    }

    pub(crate) fn times_asked(&self, path: &str) -> usize {
        self.asked(path).len()
    }
}

/// A whole request; nothing where whoever came went again.
async fn read(line: &mut TcpStream) -> Option<Asked> {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.lines().next().unwrap().trim().parse::<usize>().unwrap());
            if body.len() >= length {
                let path = head.split(' ').nth(1).unwrap().to_owned();
                return Some(Asked { path, head: head.to_owned(), body: body.to_owned() });
            }
        }
        match line.read(&mut piece).await {
            Ok(read @ 1..) => all.extend_from_slice(&piece[..read]),
            Ok(0) | Err(_) => return None,
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
