//! Physical standbys of the server that a run is given.

use std::time::{Duration, Instant};

use embed_migrate_core::{Error, ErrorKind, Result, quote};
use tokio_postgres::Client;

use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::report::event::Event;

/// How far the log is, and whether who asks may see the standbys at all.
const LOOK: &str = "SET LOCAL search_path = pg_catalog, pg_temp; SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END, pg_has_role('pg_monitor', 'USAGE')";

/// The connected standbys that have not replayed what was written up to a place in the log, and the slots of standbys that
/// are not connected. Subscribers have slots of another type.
const BEHIND: &str = "SET LOCAL search_path = pg_catalog, pg_temp; \
    SELECT r.application_name, host(r.client_addr), r.replay_lsn, 'replays' FROM pg_stat_replication AS r \
    LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid \
    WHERE coalesce(s.slot_type, 'physical') = 'physical' AND r.state <> 'backup' AND (r.replay_lsn < {lsn}::pg_lsn) IS NOT FALSE \
    UNION ALL SELECT s.slot_name, NULL, s.restart_lsn, 'away' FROM pg_replication_slots AS s \
    WHERE s.slot_type = 'physical' AND NOT s.active AND NOT s.temporary ORDER BY 4, 1";

const POLL: Duration = Duration::from_millis(20);
const POLL_MOST: Duration = Duration::from_millis(500);

/// Waits until the server's standbys have replayed all that was committed, so that who reads there finds it.
///
/// # Errors
///
/// `Permission` where the role may not see them, `Locked` with those that are behind; what was applied stays.
pub(crate) async fn wait(client: &Client, options: &Options, limit: Duration) -> Result<()> {
    let doing = |error| failure::own("waiting for the standbys", error);
    let asked = with_timeout(options, client.simple_query(LOOK)).await.map_err(doing)?;
    let row = rows(&asked).next();
    // A standby writes nothing that others would wait for.
    if row.is_none_or(|row| row.get(0).is_none()) {
        return Ok(());
    }
    let cell = |column| row.and_then(|row| row.get(column)).unwrap_or_default();
    if cell(1) != "t" {
        let message = "the standbys can't be waited for: this role can't see their positions";
        return Err(Error::new(ErrorKind::Permission, message).note("the pending patches are applied").help(
            "`GRANT pg_monitor TO …` to the role that connects, or do without `RunOptions::standby_wait`",
        ));
    }
    let (sql, since, mut pause) = (BEHIND.replace("{lsn}", &quote::literal(cell(0))), Instant::now(), POLL);
    loop {
        let asked = with_timeout(options, client.simple_query(&sql)).await.map_err(doing)?;
        let behind: Vec<_> = rows(&asked)
            .map(|row| {
                let cell = |column| row.get(column).unwrap_or_default();
                match (cell(3), cell(1)) {
                    ("away", _) => format!("the standby of the slot `{}` is not connected", cell(0)),
                    (_, "") => format!("`{}` has replayed up to {}", cell(0), cell(2)),
                    (_, address) => format!("`{}` at {address} has replayed up to {}", cell(0), cell(2)),
                }
            })
            .collect();
        if behind.is_empty() {
            return Ok(());
        }
        if since.elapsed() >= limit {
            let message = format!("{} standbys are behind", behind.len());
            let error = Error::new(ErrorKind::Locked, message).note("the pending patches are applied");
            return Err(behind.into_iter().fold(error, Error::note).help(
                "a query there may delay the replay, until `max_standby_streaming_delay` ends it; run again when they have \
                 caught up, or allow more time",
            ));
        }
        options.tell(&Event::Standbys { behind });
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(POLL_MOST);
    }
}
