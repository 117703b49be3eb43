//! A client that costs next to nothing.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use stoa_core::{Error, Result};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that speaks as much HTTP/1.1 as is needed: one request after another, answers with a length.
pub(crate) struct Wire(BufReader<TcpStream>);

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::with_capacity(64 << 10, stream)))
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Answer> {
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
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.iter().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}
