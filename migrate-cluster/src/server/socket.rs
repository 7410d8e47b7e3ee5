use std::path::{Path, PathBuf};

use migrate_core::Result;

use super::port;
use super::profile::Profile;
use super::program_context::Site;
use super::server_address::Address;
use crate::system::file::make_private;
use crate::system::scratch;

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
        Some(0) => port::any()?,
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
