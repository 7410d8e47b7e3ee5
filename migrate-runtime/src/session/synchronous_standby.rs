//! Synchronous standbys: what a commit waits for where `synchronous_standby_names` has some.
//!
//! The session that holds the migration lock never waits for one: a server process does not look meanwhile whether its
//! client is there. Its commits are on this server's disk when they are answered, and a connection of its own waits for the
//! standby, before the record says that all is well.

use std::time::{Duration, Instant};

use embed_migrate_core::{Result, escape_controls};

use crate::connection::announced_pid::announced_pid;
use crate::connection::rows::rows;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::connection::source::Source;
use crate::options::options::Options;
use crate::query::failure;
use crate::report::event::Event;

/// A commit that comes after all that were made, and has nothing else in it.
const COMMIT: &str = "SELECT pg_catalog.pg_logical_emit_message(true, 'migrate', '')";
const NAMES: &str =
    "SELECT pg_catalog.current_setting('synchronous_standby_names'), pg_catalog.pg_backend_pid()";
const DOING: &str = "waiting for a synchronous standby";

pub(crate) const TELL_AFTER: Duration = Duration::from_secs(1);
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Waits until a synchronous standby has all that was committed, for as long as an answer may take.
///
/// # Errors
///
/// `Node` where none has it by then: it is committed here alone.
pub(crate) async fn confirmed(source: &Source<'_>, options: &Options) -> Result<()> {
    let connection = source.reach(options, CONNECT_WAIT).await?.take();
    let asked = connection.simple_query(NAMES);
    let names =
        crate::query::ask::with_timeout(options, asked).await.map_err(|error| failure::own(DOING, error))?;
    let cell = |column| rows(&names).next().and_then(|row| row.get(column)).unwrap_or_default();
    let direct =
        announced_pid(&connection.cancel_token()).await.is_some_and(|pid| cell(1) == pid.to_string());
    let names = cell(0).to_owned();
    let (started, mut pause) = (Instant::now(), TELL_AFTER);
    let mut commit = std::pin::pin!(connection.simple_query(COMMIT));
    loop {
        let limit = options.answer_timeout;
        let left = if limit.is_zero() { pause } else { limit.saturating_sub(started.elapsed()) };
        match tokio::time::timeout(pause.min(left), &mut commit).await {
            Ok(answer) => return answer.map(drop).map_err(|error| failure::own(DOING, error)),
            Err(_) if !limit.is_zero() && started.elapsed() >= limit => break,
            Err(_) => pause = TELL_EVERY,
        }
        let behind = vec![format!("none of `{names}` has confirmed what was committed")];
        options.tell(&Event::Standbys { behind });
    }
    // The server would go on waiting without us. Not through a pooler: a cancellation that comes with the end of its client
    // makes pgbouncer 1.18 end itself.
    if direct {
        connection.cancel().await;
    }
    let note = format!("`synchronous_standby_names` is `{}`", escape_controls(&names));
    Err(failure::unconfirmed(options.answer_timeout).note(note))
}
