use std::path::Path;
use std::process::Command;

use embed_migrate_core::{Error, ErrorKind, Result};

use super::directory::create_context;
use super::throwaway::Throwaway;
use crate::server::program_context::ProgramContext;
use crate::server::server_address::ServerAddress;

impl Throwaway {
    /// Starts a physical standby of a throwaway server. It has the same profile and replicates through the socket.
    ///
    /// The primary needs `wal_level` `replica` and at least 2 `max_wal_senders`: the copy takes two, and afterwards
    /// each standby takes one.
    ///
    /// # Errors
    ///
    /// `Instance` if the primary can't be copied; `NotInstalled` if there is no `pg_basebackup`.
    #[doc(hidden)]
    pub async fn standby_of(primary: &Throwaway) -> Result<Throwaway> {
        let instance = primary.instance();
        let Some(owned) = instance.owned_server() else {
            return Err(Error::new(ErrorKind::Instance, "the primary is stopped"));
        };
        let context = create_context(&owned.context.installation, &owned.profile)?;
        let guard = context.make(|data| copy(&context, instance.address(), data)).await.map_err(|error| {
            error.help("the primary needs `wal_level` `replica` and at least 2 `max_wal_senders`")
        })?;
        Throwaway::serve(context, owned.profile.clone(), guard).await
    }
}

fn copy(context: &ProgramContext, primary: &ServerAddress, data: &Path) -> Result<Command> {
    let mut command = context.command("pg_basebackup")?;
    command.arg("--pgdata").arg(data).arg("--host").arg(&primary.socket);
    command.args(["--port", &primary.port.to_string(), "--username=postgres", "--no-password"]);
    command.args(["--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync"]);
    Ok(command)
}
