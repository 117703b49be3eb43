//! A line between a node and a server that a test can cut, freeze and mend.

use std::{net::SocketAddr, sync::Arc, sync::Mutex};

use stoa_core::Secret;
use stoa_store::Tasks;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};
use url::Url;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    /// Questions arrive; answers do not.
    Frozen,
    /// Connections end, new ones end at once.
    Cut,
}

pub(crate) struct Proxy {
    url: Url,
    line: Line,
    _tasks: Tasks,
}

#[derive(Clone)]
struct Line {
    state: watch::Sender<State>,
    freeze_at: Arc<Mutex<Option<&'static str>>>,
}

impl Proxy {
    /// Stands before the server at this address.
    pub(crate) async fn before(server: &str) -> Self {
        let mut url: Url = server.parse().unwrap();
        let server: SocketAddr =
            format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let line = Line { state: watch::Sender::new(State::Whole), freeze_at: Arc::default() };
        let tasks = Tasks::default();
        let (each, shared) = (tasks.clone(), line.clone());
        tasks.spawn("proxy", async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let line = shared.clone();
                each.spawn("proxied", async move {
                    if *line.state.borrow() == State::Cut {
                        return;
                    }
                    let Ok(far) = TcpStream::connect(server).await else { return };
                    let (mut state, (near, to_near)) = (line.state.subscribe(), near.into_split());
                    let (far, to_far) = far.into_split();
                    tokio::select! {
                        biased;
                        _ = state.wait_for(|state| *state == State::Cut) => {}
                        _ = line.questions(near, to_far) => {}
                        _ = line.answers(far, to_near) => {}
                    }
                });
            }
        });
        Self { url, line, _tasks: tasks }
    }

    pub(crate) fn url(&self) -> Secret {
        Secret::new(self.url.as_str())
    }

    /// When this returns, no connection is left.
    pub(crate) async fn cut(&self) {
        self.line.state.send_replace(State::Cut);
        self.line.state.closed().await;
    }

    pub(crate) fn mend(&self) {
        self.line.state.send_replace(State::Whole);
    }

    /// Freezes when this is next said to the server.
    pub(crate) fn freeze_at(&self, word: &'static str) {
        *self.line.freeze_at.lock().unwrap() = Some(word);
    }

    pub(crate) fn is_frozen(&self) -> bool {
        *self.line.state.borrow() == State::Frozen
    }
}

impl Line {
    async fn questions(&self, mut near: OwnedReadHalf, mut far: OwnedWriteHalf) -> std::io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = near.read(&mut buffer).await?;
            if read == 0 {
                return Ok(());
            }
            let said = String::from_utf8_lossy(&buffer[..read]);
            if self.freeze_at.lock().unwrap().take_if(|word| said.contains(*word)).is_some() {
                self.state.send_replace(State::Frozen);
            }
            far.write_all(&buffer[..read]).await?;
        }
    }

    async fn answers(&self, mut far: OwnedReadHalf, mut near: OwnedWriteHalf) -> std::io::Result<()> {
        let (mut buffer, mut state) = (vec![0; 1 << 16], self.state.subscribe());
        loop {
            let read = far.read(&mut buffer).await?;
            if read == 0 {
                return Ok(());
            }
            drop(state.wait_for(|state| *state != State::Frozen).await);
            near.write_all(&buffer[..read]).await?;
        }
    }
}
