//! A mail server for tests: a few commands of SMTP, and what it was told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What the server says to a whole letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Takes,
    Later,
    Never,
}

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
}

impl Arrived {
    /// Its headers, with folded lines put together.
    pub(crate) fn head(&self) -> String {
        self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ")
    }

    /// What it says, with the soft line ends of quoted-printable taken away.
    pub(crate) fn text(&self) -> String {
        let (_, body) = self.data.split_once("\r\n\r\n").unwrap();
        body.replace("=\r\n", "").replace("=3D", "=").replace("\r\n", "\n")
    }
}

#[derive(Clone)]
pub(crate) struct Post(Arc<Inside>);

struct Inside {
    address: SocketAddr,
    mood: Mutex<Mood>,
    arrived: Mutex<Vec<Arrived>>,
    asked: watch::Sender<usize>,
}

impl Post {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let post = Self(Arc::new(Inside {
            address: listener.local_addr().unwrap(),
            mood: Mutex::new(Mood::Takes),
            arrived: Mutex::default(),
            asked: watch::Sender::new(0),
        }));
        let server = post.clone();
        let tasks = stoa_store::Tasks::default();
        tasks.spawn("post", async move {
            while let Ok((line, _)) = listener.accept().await {
                server.serves(line).await.ok();
            }
        });
        post
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.0.address)
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.0.arrived.lock().unwrap().clone()
    }

    /// Waits until so many letters were brought, taken or not.
    pub(crate) async fn was_asked(&self, times: usize) {
        self.0.asked.subscribe().wait_for(|asked| *asked >= times).await.unwrap();
    }

    async fn serves(&self, line: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = line.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut letter = Arrived { from: String::new(), to: Vec::new(), data: String::new() };
        write.write_all(b"220 post.example\r\n").await?;
        while let Some(said) = lines.next_line().await? {
            let (command, rest) = said.split_at(said.len().min(4));
            let answer = match command.to_ascii_uppercase().as_str() {
                "EHLO" => "250-post.example\r\n250 8BITMIME",
                "MAIL" => {
                    letter.from = rest.to_owned();
                    "250 so"
                }
                "RCPT" => {
                    letter.to.push(rest.to_owned());
                    "250 so"
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    while let Some(data) = lines.next_line().await?.filter(|data| data != ".") {
                        letter.data.push_str(&data);
                        letter.data.push_str("\r\n");
                    }
                    let mood = *self.0.mood.lock().unwrap();
                    if mood == Mood::Takes {
                        self.0.arrived.lock().unwrap().push(letter.clone());
                    }
                    self.0.asked.send_modify(|asked| *asked += 1);
                    match mood {
                        Mood::Takes => "250 taken",
                        Mood::Later => "451 come again",
                        Mood::Never => "550 no such user",
                    }
                }
                "QUIT" => {
                    write.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "502 what?",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
