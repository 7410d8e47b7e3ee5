//! Synchronous standbys: a commit waits for them if `synchronous_standby_names` names some.
//!
//! The session that holds the migration lock never waits for one: in such a wait a server process does not check
//! whether its client is there. The session's commits are on this server's disk when they are answered. Another
//! connection waits for the standby, before the record says that all is well.

use std::time::{Duration, Instant};

use embed_migrate_core::{Result, escape_controls};

use crate::connection::pooler::AnnouncedProcess;
use crate::connection::rows::rows;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::connection::source::Source;
use crate::connection::waiting_commit::WaitingCommit;
use crate::options::options::Options;
use crate::query::failure;
use crate::report::event::Event;

const NAMES: &str =
    "SELECT pg_catalog.current_setting('synchronous_standby_names'), pg_catalog.pg_backend_pid()";
const DOING: &str = "waiting for a synchronous standby";

pub(crate) const TELL_AFTER: Duration = Duration::from_secs(1);
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Waits until a synchronous standby has all commits, for as long as an answer may take.
///
/// # Errors
///
/// `Node` if no standby has them by then: they are committed on this server alone.
pub(crate) async fn confirmed(source: &Source<'_>, options: &Options) -> Result<()> {
    let connection = source.reach(options, CONNECT_WAIT).await?.take();
    let asked = connection.simple_query(NAMES);
    let names =
        crate::query::ask::with_timeout(options, asked).await.map_err(|error| failure::own(DOING, error))?;
    let cell = |column| rows(&names).next().and_then(|row| row.get(column)).unwrap_or_default();
    let announced = AnnouncedProcess::of(&connection.cancel_token()).await;
    let direct = cell(1).parse().is_ok_and(|pid| announced.is_direct(pid));
    let names = cell(0).to_owned();
    let (started, mut pause) = (Instant::now(), TELL_AFTER);
    let mut commit = WaitingCommit::send(connection, source, direct);
    loop {
        let limit = options.answer_timeout;
        let left = if limit.is_zero() { pause } else { limit.saturating_sub(started.elapsed()) };
        match tokio::time::timeout(pause.min(left), commit.answer()).await {
            Ok(answer) => return answer.map_err(|error| failure::own(DOING, error)),
            Err(_) if !limit.is_zero() && started.elapsed() >= limit => break,
            Err(_) => pause = TELL_EVERY,
        }
        let behind = vec![format!("none of `{names}` has confirmed the commit")];
        options.tell(&Event::Standbys { behind });
    }
    commit.cancel().await;
    let note = format!("`synchronous_standby_names` is `{}`", escape_controls(&names));
    Err(failure::unconfirmed(options.answer_timeout).note(note))
}
