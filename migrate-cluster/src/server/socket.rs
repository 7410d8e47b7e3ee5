use std::path::{Path, PathBuf};

use embed_migrate_core::Result;

use super::port;
use super::profile::Profile;
use super::program_context::ProgramContext;
use super::server_address::ServerAddress;
use crate::system::file::make_private;
use crate::system::scratch;

/// The longest path of a socket in bytes: 103 on macOS, 107 on Linux.
const LONGEST: usize = 103;

/// The longest part of a socket's path after its directory.
const NAME: usize = "/.s.PGSQL.65535.lock".len();

/// PostgreSQL's own port. Without TCP it is only part of the socket's name.
const PORT: u16 = 5432;

/// Chooses the address of a server, and creates the directory of its socket. If the state directory's path is too
/// long for a socket, that is a scratch directory, which is returned as well.
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
