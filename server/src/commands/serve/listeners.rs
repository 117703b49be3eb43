//! The sockets, taken before anything else: whoever connects while the rest starts waits in the system's queue.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use stoa_core::{Error, Result};
use tokio::net::TcpListener;

use crate::config::{AdminListen, Loaded};

/// The sockets of this process, as far as its role has any.
pub(super) struct Listeners {
    /// For people.
    pub(super) people: Option<TcpListener>,
    /// For whoever looks after the machine.
    pub(super) admin: Option<TcpListener>,
    /// The usual admin address, if it was taken and another one had to do.
    missed: Option<SocketAddr>,
}

impl Listeners {
    /// Takes the addresses.
    ///
    /// # Errors
    /// `unavailable`, with what to do, where one cannot be had.
    pub(super) async fn open(loaded: &Loaded) -> Result<Self> {
        let server = &loaded.config.server;
        let people = match server.role.serves() {
            true => Some(take(server.listen, "--listen").await?),
            false => None,
        };
        let mut missed = None;
        let admin = match server.admin_listen {
            AdminListen::Off => None,
            AdminListen::At(address) if loaded.chosen("server.admin_listen") => {
                Some(take(address, "--admin-listen").await?)
            }
            // Nobody asked for just this one: a second house on this machine shall start all the same.
            AdminListen::At(address) => match TcpListener::bind(address).await {
                Ok(listener) => Some(listener),
                Err(_) => {
                    missed = Some(address);
                    Some(take((Ipv4Addr::LOCALHOST, 0).into(), "--admin-listen").await?)
                }
            },
        };
        Ok(Self { people, admin, missed })
    }

    /// Where people are served; the port is the one the system gave.
    pub(super) fn address(&self) -> Result<Option<SocketAddr>> {
        Ok(self.people.as_ref().map(TcpListener::local_addr).transpose()?)
    }

    /// What to say about the admin address.
    pub(super) fn admin_note(&self) -> Result<String> {
        let Some(listener) = &self.admin else { return Ok("metrics: off".into()) };
        let why = self.missed.map_or_else(String::new, |missed| format!(" ({missed} is taken)"));
        Ok(format!("metrics: http://{}/metrics{why}", listener.local_addr()?))
    }
}

async fn take(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|cause| {
        let why = match cause.kind() {
            io::ErrorKind::AddrInUse => "another program uses it",
            io::ErrorKind::AddrNotAvailable => "this machine does not have it",
            io::ErrorKind::PermissionDenied => "this user may not use that port",
            _ => "the system refuses it",
        };
        Error::unavailable(format!(
            "{address} cannot be listened on: {why}; choose another one, as `{flag} 127.0.0.1:8081`"
        ))
        .because(cause)
    })
}
