use std::fmt;
use std::time::Duration;

use embed_migrate_core::{escape_controls, list_names, redact_excerpt, redact_statement};

use super::lock_holder::LockHolder;
use super::notice::Notice;
use super::patch_status::PatchStatus;

/// What a run does, reported while it runs.
///
/// Each event prints itself; those that are not listed here may change with each release.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The server is not there yet, is full, or does not take writes yet.
    Connecting {
        /// Why there is no connection so far.
        why: String,
        /// How long we have waited so far.
        waited: Duration,
    },
    /// The connection is not encrypted: TLS was tried first, and failed.
    Unencrypted {
        /// Why it failed.
        #[doc(hidden)]
        why: String,
    },
    /// Another process holds the migration lock.
    Waiting {
        /// How long we have waited so far.
        waited: Duration,
        /// Who holds it, if the server reports it.
        #[doc(hidden)]
        holder: Option<LockHolder>,
    },
    /// Another process builds the index of an interrupted patch.
    #[doc(hidden)]
    Building {
        /// Its process id.
        pid: i32,
        /// How long we have waited so far.
        waited: Duration,
    },
    /// The next events are about this node.
    #[doc(hidden)]
    Node {
        /// Its name.
        name: String,
    },
    /// Standbys have not replayed yet what was applied.
    #[doc(hidden)]
    Standbys {
        /// Each with how far it is.
        behind: Vec<String>,
    },
    /// Nodes of a replicated set have yet to do their part.
    #[doc(hidden)]
    Nodes {
        /// What is waited for: nodes, with how far they are behind, or their daemons.
        waits_for: Vec<String>,
        /// How long we have waited so far.
        waited: Duration,
    },
    /// A patch is in the database.
    Applied {
        /// The patch.
        patch: PatchStatus,
        /// The time since the patch before it was done.
        elapsed: Duration,
    },
    /// A patch that only changes rows found none to change. It is applied, but this may not be what its author meant.
    NoRows {
        /// The patch.
        patch: PatchStatus,
    },
    /// The server sent a notice, by `RAISE` or by itself, while a patch was applied or facts were deployed.
    Notice(#[doc(hidden)] Notice),
    /// The server sent more notices than are reported.
    #[doc(hidden)]
    NoticesLeftOut {
        /// The patch's file, or that of the facts.
        file: String,
        /// How many more notices there were.
        count: usize,
    },
    /// The server's notices can't be read: a task that is not ours reads this connection of a pool.
    #[doc(hidden)]
    NoticesUnavailable,
    /// A patch waits for a lock that others hold.
    Blocked {
        /// The patch's file.
        file: String,
        /// Who holds it.
        #[doc(hidden)]
        blockers: Vec<LockHolder>,
    },
    /// A patch did not get a lock in time and will be tried again.
    Retrying {
        /// The patch's file.
        file: String,
        /// How many times it was tried so far.
        attempt: u32,
        /// How long we wait before the next time.
        #[doc(hidden)]
        pause: Duration,
        /// Who held it.
        #[doc(hidden)]
        blockers: Vec<LockHolder>,
    },
    /// Facts are being made true.
    #[doc(hidden)]
    Deploying {
        /// The bundle's name, or the file's.
        what: String,
    },
    /// Facts were made true, or are to be true already, and are being verified.
    #[doc(hidden)]
    Verifying {
        /// The bundle's name; empty if a [`Driver`](crate::Driver) deploys facts of no bundle.
        what: String,
    },
    /// SQL of a deployment goes out.
    Statement {
        /// One statement or several, without passwords.
        sql: String,
    },
    /// Rows are being loaded.
    #[doc(hidden)]
    Rows {
        /// The table.
        table: String,
        /// How many are done.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// A batch of a concurrent patch is in the database.
    #[doc(hidden)]
    Batch {
        /// The patch's file.
        file: String,
        /// How many rows were changed so far.
        changed: u64,
        /// About how long it will take, if the server can say how many rows the table has.
        left: Option<Duration>,
    },
    /// The deployment is rolled back.
    #[doc(hidden)]
    RollingBack,
    /// Another process applied a patch of ours through the same pooler; the history is read again.
    #[doc(hidden)]
    Overtaken,
}

impl Event {
    /// SQL as an event shows it.
    pub(crate) fn statement(sql: &str) -> Event {
        Event::Statement { sql: redact_statement(sql).into_owned() }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Connecting { why, waited } => {
                write!(f, "waiting for the server ({} s): {}", waited.as_secs(), escape_controls(why))
            }
            Event::Unencrypted { why } => write!(
                f,
                "the connection is not encrypted: TLS failed ({}); `sslmode=require` insists on it, `sslmode=disable` does \
                 without",
                escape_controls(why)
            ),
            Event::Waiting { waited, holder } => {
                write!(f, "waiting for the migration lock ({} s)", waited.as_secs())?;
                holder.iter().try_for_each(|holder| write!(f, ", held by {holder}"))
            }
            Event::Building { pid, waited } => {
                write!(f, "waiting for process {pid}, which builds an index there ({} s)", waited.as_secs())
            }
            Event::Standbys { behind } => write!(f, "waiting for standbys: {}", escape_controls(&list_names(behind, SHOWN))),
            Event::Node { name } => write!(f, "on node `{}`", escape_controls(name)),
            Event::Nodes { waits_for, waited } => {
                write!(f, "waiting for {} ({} s)", escape_controls(&list_names(waits_for, SHOWN)), waited.as_secs())
            }
            Event::Applied { patch: PatchStatus { bundle, version, file, .. }, elapsed } => {
                write!(f, "applied {bundle} {version} ({file}, {} ms)", elapsed.as_millis())
            }
            Event::NoRows { patch: PatchStatus { file, .. } } => {
                write!(f, "{}: no row was changed: no row matches the conditions of its statements", escape_controls(file))
            }
            Event::Notice(notice) => notice.fmt(f),
            Event::NoticesLeftOut { file, count } => {
                write!(f, "{}: {count} more notices are not shown", escape_controls(file))
            }
            Event::NoticesUnavailable => f.write_str(
                "messages of `RAISE NOTICE` are not reported: the pool's own task reads the connection, and logs them (crate \
                 `log`, level `info`); use `Settings`, or a pool of `Settings::pool`",
            ),
            Event::Blocked { file, blockers } => write!(f, "{file} waits for a lock{}", by(blockers)),
            Event::Retrying { file, attempt, pause, blockers } => {
                let pause = pause.as_millis();
                write!(f, "{file} did not get a lock (try {attempt}){}; again in {pause} ms", by(blockers))
            }
            Event::Deploying { what } => write!(f, "Deploying {what}"),
            Event::Verifying { what } if what.is_empty() => f.write_str("Validating"),
            Event::Verifying { what } => write!(f, "Validating {what}"),
            Event::Statement { sql } => f.write_str(&redact_excerpt(sql, LONGEST, redact_statement)),
            Event::Rows { table, done, total } => write!(f, "{table}: {done} of {total} rows"),
            Event::Batch { file, changed, left } => {
                write!(f, "{file}: {changed} rows changed")?;
                left.iter().try_for_each(|left| write!(f, ", about {} s left", left.as_secs()))
            }
            Event::RollingBack => f.write_str("Rolling back changes"),
            Event::Overtaken => f.write_str("another process was faster; reading the history again"),
        }
    }
}

/// How many of a list an event shows, and how many characters of a statement; its fields have all.
const SHOWN: usize = 10;
const LONGEST: usize = 2_000;

fn by(blockers: &[LockHolder]) -> String {
    let shown = blockers.iter().take(SHOWN).map(|holder| format!(", held by {holder}"));
    let more = blockers.len().saturating_sub(SHOWN);
    shown.chain((more > 0).then(|| format!(", and by {more} more"))).collect()
}
