//! Why a concurrent patch is not gone on with.

use embed_migrate_core::recover::ObjectState;
use embed_migrate_core::{Error, ErrorKind, Place, Result, Statement, Step};
use tokio_postgres::error::{DbError, SqlState};

use super::concurrent_patch::ConcurrentPatch;
use super::messages::HELD;
use super::patch_statement::PatchStatement;
use super::started_statement::StartedStatement;
use crate::pipeline::patch_failure;
use crate::session::lock::Lock;
use crate::session::session::Session;

/// Refuses a concurrent patch on a connection that may be another one with each transaction.
///
/// # Errors
///
/// `Unsupported` if a pooler is in between.
pub(crate) fn refuse_pooled(session: &Session, step: &Step<'_>) -> Result<()> {
    if session.lock == Lock::Session {
        return Ok(());
    }
    let message = format!(
        "patch `{}` of `{}` is concurrent, and the connection goes through a pooler",
        step.patch.version(),
        step.bundle.name()
    );
    Err(Error::new(ErrorKind::Unsupported, message)
        .note("it takes several transactions, under one lock and with settings of its own, on one connection")
        .help("run it with the URL of the server itself: `cargo migrate up --database-url …`"))
}

impl ConcurrentPatch<'_> {
    /// Refuses statements that were edited after they were started.
    pub(super) fn check(&self, statements: &[Statement], begun: &[StartedStatement]) -> Result<()> {
        for begun in begun {
            let part = statements.get(begun.number - 1).map(|statement| self.part(begun.number, statement));
            let same = part.is_some_and(|part| part.checksum == begun.checksum);
            // What differs in looks only is no edit.
            if same || self.step.patch.tokens() == begun.tokens {
                continue;
            }
            let how = if begun.ended { "is done" } else { "was started" };
            let message = format!(
                "statement {} of patch `{}` of `{}` {how}, and was edited since",
                begun.number,
                self.step.patch.version(),
                self.step.bundle.name()
            );
            let error =
                Error::new(ErrorKind::Edited, message).note(format!("started at {}", begun.started_at));
            return Err(error.help("restore it: only the statements after it may change"));
        }
        Ok(())
    }

    fn place(&self, part: &PatchStatement<'_>) -> Place {
        patch_failure::place_at(self.step, part.statement.range.start)
    }

    pub(super) async fn flawed(&self, part: &PatchStatement<'_>, flaw: &str, now: &ObjectState) -> Error {
        let message = format!(
            "statement {} of patch `{}` of `{}` was carried out, and {flaw}",
            part.number,
            self.step.patch.version(),
            self.step.bundle.name()
        );
        let error = Error::new(ErrorKind::Sql, message).at(self.place(part));
        // As if it had not been started: the next run looks again.
        let error = match self.write(&self.frame.forgotten(self.step, part)).await {
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
            self.step.patch.version(),
            self.step.bundle.name(),
            self.options().lock_wait.as_secs()
        );
        Error::new(ErrorKind::Locked, message)
            .help(format!("wait for it, or end it: `SELECT pg_terminate_backend({pid})`"))
    }

    /// What is said of a statement that failed and may have committed something before.
    pub(super) fn partly(&self, part: &PatchStatement<'_>, error: Error) -> Error {
        let settled = self.unknown(part, "", None);
        let error =
            error.note("it may commit by itself, so its effects from before the error may be committed");
        settled.advice().map(str::to_owned).into_iter().fold(error, Error::help)
    }

    /// Whether a transaction was not begun because the session has the migration lock no more.
    pub(super) fn lost_the_lock(&self, error: Option<&DbError>) -> bool {
        error.is_some_and(|error| {
            *error.code() == SqlState::NOT_NULL_VIOLATION
                && error.schema() == Some(&self.context.schema.name)
                && (error.table(), error.column()) == (Some("patch"), Some(HELD))
        })
    }

    /// A statement released the lock that prevents other processes from continuing the same patch.
    pub(super) fn gave_up_the_lock(&self) -> Error {
        let (version, bundle) = (self.step.patch.version(), self.step.bundle.name());
        let message = format!("a statement of patch `{version}` of `{bundle}` released the migration lock");
        Error::new(ErrorKind::Locked, message)
            .note("it was carried out, and another process may be going on with the patch already")
            .help("boot again; and take locks that end with the transaction, with `pg_advisory_xact_lock`")
    }

    pub(super) fn unknown(
        &self,
        part: &PatchStatement<'_>,
        why: &str,
        begun: Option<&StartedStatement>,
    ) -> Error {
        let (version, bundle) = (self.step.patch.version(), self.step.bundle.name());
        let message = format!("a statement of patch `{version}` of `{bundle}` was started, and has no end");
        let mut error = Error::new(ErrorKind::Interrupted, message).at(self.place(part)).note(why);
        if let Some(StartedStatement { number, started_at, pid, .. }) = begun {
            error = error.note(format!("statement {number}, started at {started_at} by process {pid}"));
        }
        let (there, on) = match self.node {
            Some(node) => (format!(" on node `{node}`"), format!(" --on {}", word(node))),
            None => (String::new(), String::new()),
        };
        error.help(format!(
            "check{there} whether it is done: if it is, `cargo migrate repair {bundle}={version} --done{on}` continues with \
             the next statement;\notherwise `cargo migrate repair {bundle}={version} --retry{on}` runs it again"
        ))
    }
}

/// A name as a shell reads it.
fn word(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match name.chars().all(plain) && !name.is_empty() {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    }
}
