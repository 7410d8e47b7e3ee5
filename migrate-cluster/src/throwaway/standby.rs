use std::path::Path;
use std::process::Command;

use migrate_core::{Error, ErrorKind, Result};

use super::directory::site;
use super::throwaway::Throwaway;
use crate::server::program_context::Site;
use crate::server::server_address::Address;

impl Throwaway {
    /// Starts a physical standby of a throwaway server, with its profile, that follows it through its socket.
    ///
    /// The primary must run with `wal_level` at `replica` and at least 2 `max_wal_senders`: the copy takes two,
    /// and each standby one from then on.
    ///
    /// # Errors
    ///
    /// `Instance` if the primary does not let itself be copied; `NotInstalled` if there is no `pg_basebackup`.
    pub async fn standby_of(primary: &Throwaway) -> Result<Throwaway> {
        let instance = primary.instance();
        let Some(ours) = instance.ours() else {
            return Err(Error::new(ErrorKind::Instance, "the primary is stopped"));
        };
        let site = site(&ours.site.installation, &ours.profile)?;
        let guard = site.make(|data| copy(&site, instance.address(), data)).await.map_err(|error| {
            error.help("the primary needs `wal_level` `replica` and at least 2 `max_wal_senders`")
        })?;
        Throwaway::serve(site, ours.profile.clone(), guard).await
    }
}

fn copy(site: &Site, primary: &Address, data: &Path) -> Result<Command> {
    let mut command = site.command("pg_basebackup")?;
    command.arg("--pgdata").arg(data).arg("--host").arg(&primary.socket);
    command.args(["--port", &primary.port.to_string(), "--username=postgres", "--no-password"]);
    command.args(["--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync"]);
    Ok(command)
}
