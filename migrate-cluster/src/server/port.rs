use std::io;
use std::net::{IpAddr, Ipv4Addr};

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio::net::TcpSocket;

use super::listen_address::ListenAddress;

/// The first port after PostgreSQL's own, and how many ports are tried.
const FIRST: u16 = 5433;
const MANY: u16 = 1000;

/// Chooses a port for a new instance: the requested one, or the first that is free. A port is free if no instance has
/// it, even a stopped one, and no program listens on it at these addresses. `taken` are the ports and names of
/// instances.
pub(crate) fn choose(asked: Option<u16>, listen: &[ListenAddress], taken: &[(u16, String)]) -> Result<u16> {
    let owner = |port: u16| taken.iter().find(|(other, _)| *other == port).map(|(_, name)| name);
    if asked == Some(0) {
        return Err(Error::new(ErrorKind::Value, "a port is a number from 1 to 65535, and not 0")
            .help("leave it out to take the first free port"));
    }
    if let Some(port) = asked {
        return match owner(port) {
            Some(name) => Err(in_use(port, &format!("instance `{name}`"))),
            None => check_free(port, listen).map(|()| port),
        };
    }
    // First refuses wrong addresses, which no other port would help.
    listen.iter().try_for_each(|address| check_free(0, &[*address]))?;
    let is_free = |port: &u16| owner(*port).is_none() && check_free(*port, listen).is_ok();
    (FIRST..FIRST + MANY).find(is_free).ok_or_else(|| {
        Error::new(ErrorKind::Busy, format!("no port from {FIRST} to {} is free", FIRST + MANY - 1))
            .help("name a free port")
    })
}

/// Refuses a port that a program listens on, and an address that this machine does not have: PostgreSQL ignores such
/// an address if it can listen on another one.
pub(crate) fn check_free(port: u16, listen: &[ListenAddress]) -> Result<()> {
    listen.iter().try_for_each(|listen| {
        let mut free = listen.bound().into_iter().map(|address| is_free(port, address));
        match listen {
            // On a machine without IPv6, IPv4 is enough for all addresses.
            ListenAddress::Every => free.next().unwrap_or(Ok(())),
            ListenAddress::At(_) => free.collect(),
        }
    })
}

fn is_free(port: u16, address: IpAddr) -> Result<()> {
    match bind(port, address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(port_in_use(port, address, "another program"))
        }
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            Err(Error::new(ErrorKind::Value, format!("this machine does not have the address {address}"))
                .help("give an address of this machine, or `*` for all"))
        }
        Err(error) => {
            let clause = format!("port {port} of {address} can't be listened on");
            Err(Error::new(ErrorKind::Value, clause).caused_by(error))
        }
    }
}

/// A free port. Another program may still take it before the server does.
pub(crate) fn find_free() -> Result<u16> {
    bind(0, Ipv4Addr::LOCALHOST.into())
        .and_then(|socket| socket.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new(ErrorKind::Instance, "no free TCP port on 127.0.0.1").caused_by(error))
}

/// Binds a port without listening. A child process that this program is starting has a copy of the socket until it
/// runs its program: a listening copy would keep the port.
fn bind(port: u16, address: IpAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind((address, port).into())?;
    Ok(socket)
}

/// The error for a port that is in use.
pub(crate) fn in_use(port: u16, by: &str) -> Error {
    port_in_use(port, Ipv4Addr::LOCALHOST.into(), by)
}

fn port_in_use(port: u16, address: IpAddr, by: &str) -> Error {
    Error::new(ErrorKind::Exists, format!("port {port} of {address} is in use by {by}"))
        .help("take another port, or end the program that listens there; `cargo migrate instance port` changes the port of an instance")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_port_that_is_looked_at_while_processes_start_stays_free() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(check_free(port, &[crate::server::listen_address::LOOPBACK]).is_err());
        drop(listener);
        let done = AtomicBool::new(false);
        let taken = thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        // A process of another user starts as a copy of this one, with its sockets.
                        let user = rustix::process::getuid().as_raw();
                        Command::new("true").uid(user).status().unwrap();
                    }
                });
            }
            let look = || {
                thread::sleep(Duration::from_micros(100));
                check_free(port, &[crate::server::listen_address::LOOPBACK]).is_err()
            };
            let taken = (0..2000).filter(|_| look()).count();
            done.store(true, Ordering::Relaxed);
            taken
        });
        assert_eq!(taken, 0);
    }
}
