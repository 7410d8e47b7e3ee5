use std::path::{Path, PathBuf};

use migrate_core::Result;

use super::port;
use super::profile::Profile;
use super::program_context::ProgramContext;
use super::server_address::ServerAddress;
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
pub(crate) fn choose(
    context: &ProgramContext,
    profile: &Profile,
) -> Result<(ServerAddress, Option<PathBuf>)> {
    let port = match profile.port {
        None => PORT,
        Some(0) => port::find_free()?,
        Some(port) => port,
    };
    let near = context.directory.socket();
    let tcp = profile.port.is_some();
    if fits(&near) {
        make_private(&near)?;
        context.account.give(&near)?;
        return Ok((ServerAddress { socket: near, port, tcp }, None));
    }
    let far = scratch::make(&profile.temporary, "migrate-", &context.account)?;
    Ok((ServerAddress { socket: far.clone(), port, tcp }, Some(far)))
}

fn fits(directory: &Path) -> bool {
    directory.as_os_str().len() + NAME <= LONGEST
}
