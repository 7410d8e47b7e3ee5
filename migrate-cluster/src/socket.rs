use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use migrate_core::{Error, ErrorKind, Result};

use crate::Profile;
use crate::address::Address;
use crate::file::make_private;
use crate::scratch;
use crate::site::Site;

/// The longest path of a socket in bytes: 103 on macOS, 107 on Linux.
const LONGEST: usize = 103;

/// The part of a socket's path after its directory, at its longest.
const NAME: usize = "/.s.PGSQL.65535.lock".len();

/// PostgreSQL's own port, which only names the socket where there is no TCP.
const PORT: u16 = 5432;

/// Chooses where a server is to listen, and makes the directory of its socket. The second is that
/// directory if it is a scratch one, because the state directory's path is too long for a socket.
pub(crate) fn choose(site: &Site, profile: &Profile) -> Result<(Address, Option<PathBuf>)> {
    let port = match profile.port {
        None => PORT,
        Some(0) => free()?,
        Some(port) => port,
    };
    let near = site.state.socket();
    let tcp = profile.port.is_some();
    if fits(&near) {
        make_private(&near)?;
        site.account.give(&near)?;
        return Ok((Address { socket: near, port, tcp }, None));
    }
    let far = scratch::make(&profile.temporary, "migrate-", &site.account)?;
    Ok((Address { socket: far.clone(), port, tcp }, Some(far)))
}

fn fits(directory: &Path) -> bool {
    directory.as_os_str().len() + NAME <= LONGEST
}

/// A port of 127.0.0.1 that nobody listens on; until the server does, another may still take it.
fn free() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new(ErrorKind::Instance, "no free TCP port on 127.0.0.1").caused_by(error))
}
