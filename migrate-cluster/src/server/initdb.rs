use embed_migrate_core::Result;

use super::program_context::ProgramContext;
use crate::program::guard::Guard;

/// The arguments that every cluster is created with.
pub(crate) const ARGUMENTS: [&str; 4] =
    ["--username=postgres", "--encoding=UTF8", "--locale=C", "--auth-local=trust"];

/// Creates a cluster: UTF-8, C locale, superuser `postgres`.
///
/// The Unix socket needs no password: only the server's user may enter its directory. On TCP, a durable cluster asks
/// for a password.
pub(crate) async fn initdb(context: &ProgramContext) -> Result<Guard> {
    let (host, sync) = if context.throwaway { ("trust", Some("--no-sync")) } else { ("scram-sha-256", None) };
    context
        .make(|data| {
            let mut command = context.command("initdb")?;
            command.arg("--pgdata").arg(data).args(ARGUMENTS).arg(format!("--auth-host={host}")).args(sync);
            Ok(command)
        })
        .await
}
