use migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::failure;
use crate::history::rows;

/// Whether a pooler hands each transaction of ours to whatever server process is free.
///
/// While another connection keeps a process busy with an open transaction, ours is asked twice which process
/// serves it. Tried on pgbouncer: in transaction mode the answers change, in session mode they don't.
///
/// # Errors
///
/// `Connect` where a connection breaks meanwhile.
pub(crate) async fn is_transaction_pooled(ours: &Client, other: &Client) -> Result<bool> {
    // A busy pool may hand out the same process by chance, so it is asked more than once.
    for _ in 0..3 {
        let before = pid(ours.simple_query(PID).await)?;
        let held = pid(other.simple_query(&format!("BEGIN; {PID}")).await)?;
        let after = pid(ours.simple_query(PID).await)?;
        other.simple_query("ROLLBACK").await.map_err(|error| failure::own("looking for a pooler", error))?;
        if before == held || before != after {
            return Ok(true);
        }
    }
    Ok(false)
}

const PID: &str = "SELECT pg_catalog.pg_backend_pid()";

fn pid(messages: std::result::Result<Vec<SimpleQueryMessage>, tokio_postgres::Error>) -> Result<i32> {
    let messages = messages.map_err(|error| failure::own("looking for a pooler", error))?;
    let pid = rows(&messages).next().and_then(|row| row.get(0)?.parse().ok());
    pid.ok_or_else(|| Error::new(ErrorKind::Unsupported, "the server does not say which process serves us"))
}
