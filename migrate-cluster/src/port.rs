use std::io;
use std::net::{Ipv4Addr, TcpListener};

use migrate_core::{Error, ErrorKind, Result};

/// The first port after PostgreSQL's own, and how many from there are tried.
const FIRST: u16 = 5433;
const MANY: u16 = 1000;

/// Chooses a port of 127.0.0.1 for a new instance: the one that was asked for, or the first that neither an
/// instance has, be it stopped, nor a program listens on. `taken` are the instances' ports and names.
pub(crate) fn choose(asked: Option<u16>, taken: &[(u16, String)]) -> Result<u16> {
    let owner = |port: u16| taken.iter().find(|(other, _)| *other == port).map(|(_, name)| name);
    if let Some(port) = asked {
        return match owner(port) {
            Some(name) => Err(in_use(port, &format!("instance `{name}`"))),
            None => listens_nobody(port).map(|()| port),
        };
    }
    let is_free = |port: &u16| owner(*port).is_none() && listens_nobody(*port).is_ok();
    (FIRST..FIRST + MANY).find(is_free).ok_or_else(|| {
        Error::new(
            ErrorKind::Busy,
            format!("no port of 127.0.0.1 from {FIRST} to {} is free", FIRST + MANY - 1),
        )
        .help("name a free port")
    })
}

/// Refuses a port that a program listens on.
pub(crate) fn listens_nobody(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(in_use(port, "another program")),
        Err(error) => {
            Err(Error::new(ErrorKind::Value, format!("port {port} can't be listened on")).caused_by(error))
        }
    }
}

/// The error for a port that somebody else has.
pub(crate) fn in_use(port: u16, by: &str) -> Error {
    Error::new(ErrorKind::Exists, format!("port {port} of 127.0.0.1 is in use by {by}"))
        .help("take another port, or end what listens there")
}
