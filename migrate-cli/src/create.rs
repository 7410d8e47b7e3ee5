use std::error::Error as _;

use migrate_core::{Error, ErrorKind, Result, quote};
use migrate_runtime::Settings;
use tokio_postgres::error::SqlState;

use crate::print;

/// Creates the database where there is none of its name, and says so.
///
/// # Errors
///
/// `Connect`: no server, or it lets nobody in; `Sql` where the role may not create databases.
pub(crate) async fn missing(settings: &Settings) -> Result<()> {
    let refused = match settings.connect().await {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    if !is_missing(&refused) {
        return Err(refused);
    }
    let link = settings.with_database("postgres").connect().await?;
    let name = settings.database();
    let created = link.client.batch_execute(&format!("CREATE DATABASE {}", quote::identifier(name))).await;
    match created {
        Ok(()) => print::progress(format_args!("Created database {name}")),
        // Another process was faster.
        Err(error) if error.code() == Some(&SqlState::DUPLICATE_DATABASE) => {}
        Err(error) => {
            return Err(Error::new(
                ErrorKind::Sql,
                format!("database `{name}` does not exist, and can't be created"),
            )
            .help("create it as a role that may, or give this one the right: `ALTER ROLE … CREATEDB`")
            .caused_by(error));
        }
    }
    Ok(())
}

fn is_missing(error: &Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<tokio_postgres::Error>());
    cause.and_then(tokio_postgres::Error::code) == Some(&SqlState::INVALID_CATALOG_NAME)
}
