use std::time::Duration;

use migrate_cluster::Cluster;
use migrate_core::{ErrorKind, Result};
use migrate_runtime::Settings;

use crate::print;

/// Creates the database where there is none of its name, and says so.
///
/// # Errors
///
/// `Connect` or `Login`: no server, or it lets nobody in; `Permission` where the role may not create databases.
pub(crate) async fn missing(settings: &Settings, wait: Duration) -> Result<()> {
    let refused = match settings.connect_within(wait, &|event| print::progress(event)).await {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    if refused.kind() != ErrorKind::NotFound {
        return Err(refused);
    }
    let database = Cluster::connect(settings.clone()).await?.default_database();
    match database.create().await {
        Ok(()) => print::progress(format_args!("Created database {database}")),
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::Exists => {}
        Err(error) if error.kind() == ErrorKind::Permission => {
            return Err(error
                .help("create it as a role that may, or give this one the right: `ALTER ROLE … CREATEDB`"));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
