//! The network: a loopback of its own, and nothing else.

use std::{
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    },
};

use crate::world::World;

const TRY: &str = "
import errno, socket
def attempt(family, kind, to):
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(5)
            s.connect(to)
            s.send(b'x')
        return 'reached'
    except OSError as why: return errno.errorcode.get(why.errno, str(why))
";

#[tokio::test]
async fn row_46_48_lm_08_nothing_outside_can_be_reached() {
    let world = World::new().await;
    let source = format!(
        "{TRY}
I4, I6, T, U = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
print(attempt(I4, T, ('192.0.2.1', 80)), attempt(I4, U, ('192.0.2.1', 53)))
print(attempt(I6, T, ('2001:db8::1', 80)), attempt(I6, U, ('2001:db8::1', 53)))
print(attempt(I4, T, ('169.254.169.254', 80)), attempt(I4, T, ('10.0.0.1', 80)))
try: socket.socket(I4, U, socket.IPPROTO_ICMP).connect(('192.0.2.1', 0)); print('ping')
except OSError as why: print('no ping')
try: socket.getaddrinfo('example.org', 80); print('resolved')
except socket.gaierror: print('no names')
"
    );
    let none = "ENETUNREACH ENETUNREACH";
    assert_eq!(world.said(&source).await, format!("{none}\n{none}\n{none}\nno ping\nno names\n"));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_47_lm_08_the_loopback_is_its_own() {
    let world = World::new().await;
    let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let source = format!(
        "{TRY}
print(attempt(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', {})))
print(attempt(socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', {})))
own = socket.create_server(('127.0.0.1', 0))
print(attempt(socket.AF_INET, socket.SOCK_STREAM, own.getsockname()))
",
        tcp.local_addr().unwrap().port(),
        udp.local_addr().unwrap().port()
    );
    assert_eq!(world.said(&source).await, "ECONNREFUSED\nreached\nreached\n");
    udp.set_nonblocking(true).unwrap();
    assert!(udp.recv(&mut [0; 8]).is_err(), "the datagram stayed inside");
    tcp.set_nonblocking(true).unwrap();
    assert!(tcp.accept().is_err());
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_49_unix_sockets_of_the_machine_are_out_of_reach() {
    let world = World::new().await;
    let name = world.token.clone();
    let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let path = world.folder.with_extension("socket");
    let open = UnixListener::bind(&path).unwrap();
    let source = format!(
        "{TRY}
print(attempt(socket.AF_UNIX, socket.SOCK_STREAM, '\\0{name}'))
print(attempt(socket.AF_UNIX, socket.SOCK_STREAM, '{}'))
",
        path.display()
    );
    let said = world.said(&source).await;
    std::fs::remove_file(path).unwrap();
    assert_eq!(said, "ECONNREFUSED\nENOENT\n");
    drop((hidden, open));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_50_a_listening_socket_goes_with_the_job() {
    let world = World::new().await;
    for _ in 0..2 {
        let said = world
            .said("import socket; s = socket.create_server(('127.0.0.1', 7777)); print('listening')")
            .await;
        assert_eq!(said, "listening\n");
    }
    world.leaves_nothing().await;
}
