//! Why a concurrent patch is not gone on with.

use migrate_core::recover::Seen;
use migrate_core::{Error, ErrorKind, Place, Result, Statement, Step};

use super::begun::Begun;
use super::work::Work;
use crate::failure;
use crate::session::{Lock, Session};

/// Refuses a concurrent patch on a connection that may be another one with each transaction.
///
/// # Errors
///
/// `Unsupported` where there is a pooler in between.
pub(crate) fn refuse_pooled(session: &Session, step: &Step<'_>) -> Result<()> {
    if session.lock == Lock::Session {
        return Ok(());
    }
    let message = format!(
        "patch `{}` of `{}` is concurrent, and the connection goes through a pooler",
        step.patch.version, step.bundle.name
    );
    Err(Error::new(ErrorKind::Unsupported, message)
        .note("it takes several transactions, under one lock and with settings of its own, on one connection")
        .help("run it with the URL of the server itself: `cargo migrate up --database-url …`"))
}

impl Work<'_> {
    /// Refuses statements that were edited after they were started.
    pub(super) fn check(&self, statements: &[Statement], begun: &[Begun]) -> Result<()> {
        for begun in begun {
            let text = statements.get(begun.number - 1).map(|statement| self.part(statement));
            if text.as_ref().is_some_and(|part| part.checksum == begun.checksum) {
                continue;
            }
            let how = if begun.ended { "is done" } else { "was started" };
            let message = format!(
                "statement {} of patch `{}` of `{}` {how}, and was edited since",
                begun.number, self.step.patch.version, self.step.bundle.name
            );
            let error =
                Error::new(ErrorKind::Edited, message).note(format!("started at {}", begun.started_at));
            return Err(error.help("put it back as it was: only what comes after it may change"));
        }
        Ok(())
    }

    fn place(&self, statement: &Statement) -> Place {
        failure::place_at(self.step, statement.range.start)
    }

    pub(super) async fn flawed(&self, number: usize, statement: &Statement, flaw: &str, now: &Seen) -> Error {
        let message = format!(
            "statement {number} of patch `{}` of `{}` was carried out, and {flaw}",
            self.step.patch.version, self.step.bundle.name
        );
        let error = Error::new(ErrorKind::Sql, message).at(self.place(statement));
        // As if it had not been started: the next run looks again.
        let error = match self.write(&self.frame.forgotten(self.step, number)).await {
            Ok(()) => error,
            Err(lost) => error.note(format!("that could not be written down: {lost}")),
        };
        let name = now.names.first().map_or("…", String::as_str);
        error.help(format!(
            "it was there before this patch, and `IF NOT EXISTS` passed over it: \
             `DROP INDEX CONCURRENTLY {name}` if nobody needs it, and run again"
        ))
    }

    pub(super) fn builds(&self, pid: i32) -> Error {
        let message = format!(
            "another process builds the index of patch `{}` of `{}`, and did so for {} s",
            self.step.patch.version,
            self.step.bundle.name,
            self.options().lock_wait.as_secs()
        );
        Error::new(ErrorKind::Locked, message)
            .help(format!("wait for it, or end it: `SELECT pg_terminate_backend({pid})`"))
    }

    pub(super) fn unknown(&self, statement: &Statement, why: &str, begun: Option<&Begun>) -> Error {
        let (version, bundle) = (self.step.patch.version, &self.step.bundle.name);
        let message = format!("a statement of patch `{version}` of `{bundle}` was started, and has no end");
        let mut error = Error::new(ErrorKind::Interrupted, message).at(self.place(statement)).note(why);
        if let Some(Begun { number, started_at, pid, .. }) = begun {
            error = error.note(format!("statement {number}, started at {started_at} by process {pid}"));
        }
        error.help(format!(
            "look whether it is done, and say so: `cargo migrate repair {bundle}={version} --done` goes on with the next \
             statement,\n`cargo migrate repair {bundle}={version} --retry` runs it again"
        ))
    }
}
