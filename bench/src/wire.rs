//! A client that costs next to nothing.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;
use stoa_core::{Error, Result};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that speaks as much HTTP/1.1 as is needed: one request after another, answers with a length.
pub struct Wire(BufReader<TcpStream>);

/// An answer, read whole.
pub struct Answer {
    /// What it says of itself.
    pub status: u16,
    head: Vec<String>,
    /// What it holds.
    pub body: Vec<u8>,
}

/// A request: `head` has more header lines, each with its end; a `body` is JSON, or a form if it does not look like it.
pub fn request(method: &str, path: &str, host: SocketAddr, head: &str, body: &str) -> String {
    let kind = if body.starts_with('{') { "json" } else { "x-www-form-urlencoded" };
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/{kind}\r\nContent-Length: {length}\r\n"),
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{head}{length}\r\n{body}")
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::with_capacity(64 << 10, stream)))
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// When there is none in time, or it has no length.
    pub fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.0.get_mut().write_all(request)?;
        let mut head = Vec::new();
        loop {
            let mut text = String::new();
            if self.0.read_line(&mut text)? == 0 {
                return Err(Error::internal("the connection was closed"));
            }
            match text.trim_end() {
                "" => break,
                text => head.push(text.to_owned()),
            }
        }
        let status = head.first().and_then(|first| first.split(' ').nth(1)).unwrap_or_default().parse()?;
        let mut answer = Answer { status, head, body: Vec::new() };
        answer.body.resize(answer.header("content-length").unwrap_or("0").parse()?, 0);
        self.0.read_exact(&mut answer.body)?;
        Ok(answer)
    }
}

impl Answer {
    /// Refuses one that is not as it is meant: another status, or shorter.
    ///
    /// # Errors
    /// When it is another.
    pub fn is(&self, status: u16, least: usize) -> Result<()> {
        if self.status == status && self.body.len() >= least {
            return Ok(());
        }
        let body = String::from_utf8_lossy(&self.body);
        Err(Error::internal(format!("{} instead of what was asked: {body}", self.status)))
    }

    /// What it says, as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// A header of it.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.iter().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}
