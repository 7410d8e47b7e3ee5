use embed_migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::Client;

use crate::server::server_error::server_error;

/// Refuses a server that can't reload its files. If one line of its settings is wrong, the server reloads nothing,
/// and it would be unknown whether it has read the rules.
pub(crate) async fn readable(client: &Client, clause: &str) -> Result<()> {
    let doing = "can't ask whether the server can read its files";
    let rows = client.query_typed(UNREADABLE, &[]).await.map_err(server_error(doing))?;
    let faults = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)));
    let faults = faults.collect::<std::result::Result<Vec<Fault>, tokio_postgres::Error>>();
    let faults = faults.map_err(server_error(doing))?;
    let Some((file, _, _)) = faults.first() else { return Ok(()) };
    let error = Error::new(ErrorKind::Format, clause).at(Place::file(file.clone()));
    let error = faults.iter().fold(error, |error, (file, line, fault)| {
        error.note(format!("{file}, line {}: {fault}", line.unwrap_or_default()))
    });
    Err(error.help(REPAIR))
}

/// A file, the number of a line, and the error in it.
type Fault = (String, Option<i32>, String);

// The server ignores a setting that can't be applied, and reads the others.
const UNREADABLE: &str = "SELECT coalesce(sourcefile, ''), sourceline, \
    error || coalesce(' \"' || name || '\"', '') FROM pg_catalog.pg_file_settings \
    WHERE error IS NOT NULL AND error <> 'setting could not be applied' ORDER BY seqno";

pub(crate) const REPAIR: &str = "correct or remove these lines, and try again";
