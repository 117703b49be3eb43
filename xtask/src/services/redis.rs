//! Redis: in memory only, with a random password.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::keeper::{Keeper, random_hex};
use crate::trouble::{Result, While};
use crate::{process, say};

/// Starts it; gives back its address.
pub(super) fn start(keeper: &Keeper) -> Result<String> {
    let folder = keeper.folder("redis")?;
    let (port, password, log) = (super::free_port()?, random_hex(16)?, folder.join("log"));
    // The settings come from a file: what stands on a command line, everyone on the machine can read.
    let settings = format!(
        "bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave \"\"\nappendonly no\ndir {}\n",
        folder.display()
    );
    let file = folder.join("redis.conf");
    std::fs::write(&file, settings).cannot("write the settings of Redis")?;
    let mut child = super::start_logging(keeper, process::command("redis-server").arg(&file), &log)?;
    super::until("Redis", &mut child, &log, || answers(port))?;
    say::line(&format!("Redis on 127.0.0.1:{port}"));
    Ok(format!("redis://:{password}@127.0.0.1:{port}/"))
}

/// Before we signed in it answers with an error, which is answer enough.
fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 7];
    stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && stream.write_all(b"PING\r\n").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"-NOAUTH"
}
