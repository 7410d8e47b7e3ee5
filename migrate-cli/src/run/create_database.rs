use std::time::Duration;

use embed_migrate_cluster::Cluster;
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::Settings;

use crate::output::print;

/// Creates the database if it does not exist, and says so. Returns whether it did.
///
/// # Errors
///
/// `Connect` or `Login`: no server, or a refused login; `Permission` if the role may not create databases.
pub(crate) async fn missing(settings: &Settings, wait: Duration) -> Result<bool> {
    let refused = match settings.connect_within(wait, &|event| print::progress(event)).await {
        Ok(_) => return Ok(false),
        Err(error) => error,
    };
    if refused.kind() != ErrorKind::NotFound {
        return Err(refused);
    }
    let database = Cluster::connect(settings.clone()).await?.default_database();
    match database.create().await {
        Ok(()) => print::progress(format_args!("Created database {database}")),
        // Created here, but on no standby yet: what the command does next waits for the standbys as well.
        Err(error) if error.kind() == ErrorKind::Node => print::progress(error.message()),
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::Exists => return Ok(false),
        Err(error) if error.kind() == ErrorKind::Permission => {
            return Err(
                error.help("create it as another role, or give this one the right: `ALTER ROLE … CREATEDB`")
            );
        }
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// Drops a database that was created for a command that failed, and says so. Returns the command's error, with a note if the
/// database is still there.
pub(crate) async fn take_back(settings: &Settings, error: Error) -> Error {
    let dropped = async {
        let database = Cluster::connect(settings.clone()).await?.default_database();
        match database.drop().await {
            // Dropped here, but on no standby yet.
            Err(error) if error.kind() == ErrorKind::Node => Ok(database),
            dropped => dropped.map(|()| database),
        }
    };
    match dropped.await {
        Ok(database) => {
            print::progress(format_args!("Dropped database {database}"));
            error
        }
        Err(left) => error.note(format!(
            "database `{}` is there now, and empty: {}",
            settings.database(),
            left.message()
        )),
    }
}
