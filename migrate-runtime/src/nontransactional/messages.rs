//! The messages of a concurrent patch.

use embed_migrate_core::recover::ObjectState;
use embed_migrate_core::{Bundle, Class, Directives, Result, Step, quote};

use super::patch_statement::PatchStatement;
use crate::pipeline::outside_transaction::LOCK_TIMEOUT;
use crate::pipeline::patch_words::PatchWords;
use crate::pipeline::script::Script;
use crate::pipeline::transaction_frame::{Commit, TransactionFrame, min_app};
use crate::session::lock::key;
use crate::session::lock_holders::own_lock;

/// The column that makes a transaction fail if the lock is gone.
pub(super) const HELD: &str = "started_at";

const STATEMENT: &str = include_str!("../history/tables/statement.sql");

impl TransactionFrame<'_> {
    /// The patch's row, without an end; if it is there already, its file is updated.
    pub(super) fn started(&self, step: &Step<'_>) -> Result<String> {
        let TransactionFrame { schema, .. } = self;
        let row = match step.started {
            false => self.row(step, step.min_app()?),
            true => format!(
                "UPDATE {}.patch SET file = {}, checksum = {}, tokens = {}, min_app = {}, draft = {} WHERE position = {};\n",
                schema.quoted,
                quote::literal(step.patch.file()),
                quote::literal(&step.patch.checksum().to_string()),
                quote::literal(&step.patch.tokens().to_string()),
                min_app(step.min_app()?),
                step.patch.is_draft(),
                step.position
            ),
        };
        let untrusted_check = TransactionFrame { gate: None, ..self.clone() }.untrusted_objects(step);
        Ok(self.apart(&format!("{untrusted_check}{}{row}{}", schema.fill(STATEMENT), self.unrecorded(step))))
    }

    /// What ends a transaction in which the patch would use objects of untrusted roles.
    pub(super) fn untrusted_objects(&self, step: &Step<'_>) -> String {
        self.untrusted_check(&self.path(step.bundle), PatchWords::Text(step.patch.text()))
    }

    /// What a transaction begins with that may only go on while the session has the migration lock, which what a patch
    /// calls may have released: it makes nothing of a column that may not be.
    pub(super) fn held(&self, step: &Step<'_>) -> String {
        format!(
            "UPDATE {}.patch SET {HELD} = NULL WHERE position = {} AND NOT EXISTS ({});\n",
            self.schema.quoted,
            step.position,
            own_lock(key(&self.schema.name)),
        )
    }

    /// A statement with its row in one transaction.
    pub(super) fn inside(
        &self,
        step: &Step<'_>,
        directives: &Directives,
        part: &PatchStatement<'_>,
    ) -> Script {
        let lock = directives.lock_timeout.or(self.options.lock_timeout).or(step.bundle.lock_timeout());
        let mut before = self.begin();
        before += &self.settings(Commit::Now, lock);
        before += &self.held(step);
        before += &self.untrusted_objects(step);
        before += &self.limits(step.bundle, directives.statement_timeout);
        before += &self.path(step.bundle);
        before += &part.settings;
        let after = format!(
            "\n;\n{}{}{}{}{}",
            self.clean(part.text),
            self.keep,
            self.settings(Commit::Now, lock),
            self.ended(step, part),
            self.commit()
        );
        Script::around(&before, part.text, &after, part.skipped)
    }

    /// What is written before a statement runs outside a transaction.
    pub(super) fn before(&self, step: &Step<'_>, part: &PatchStatement<'_>, seen: &ObjectState) -> String {
        let row = self.statement_row(step, part, "NULL", &quote::literal(&seen.to_string()));
        self.apart(&format!("{}{}{row}", self.held(step), self.untrusted_objects(step)))
    }

    /// What is written of a statement that another node carries out.
    pub(super) fn passed_over(&self, step: &Step<'_>, part: &PatchStatement<'_>) -> String {
        self.apart(&format!("{}{}", self.held(step), self.ended(step, part)))
    }

    /// What is written after it.
    pub(super) fn after(&self, step: &Step<'_>, part: &PatchStatement<'_>) -> String {
        self.apart(&format!(
            "UPDATE {}.statement SET ended_at = pg_catalog.clock_timestamp() WHERE position = {} AND number = {};\n",
            self.schema.quoted, step.position, part.number
        ))
    }

    /// Written if nothing is left of it, so that it counts as not started.
    pub(super) fn forgotten(&self, step: &Step<'_>, part: &PatchStatement<'_>) -> String {
        self.apart(&format!(
            "DELETE FROM {}.statement WHERE position = {} AND number = {};\n",
            self.schema.quoted, step.position, part.number
        ))
    }

    /// The settings with which it runs: the session's, for it has no transaction.
    pub(super) fn alone(&self, bundle: &Bundle, directives: &Directives, class: Class) -> String {
        // VACUUM FULL and CLUSTER keep everybody waiting who comes after them.
        let repeatable = [Class::Repeatable, Class::RefreshSubscription].contains(&class);
        let usual = repeatable.then(|| self.options.lock_timeout.or(bundle.lock_timeout()));
        let usual = usual
            .map_or(LOCK_TIMEOUT, |short| short.unwrap_or(crate::pipeline::transaction_frame::LOCK_TIMEOUT));
        let lock = directives.lock_timeout.unwrap_or(usual);
        self.outside(bundle, &self.path(bundle), lock, directives.statement_timeout)
    }

    /// The patch's end.
    pub(super) fn finished(&self, step: &Step<'_>) -> String {
        self.apart(&self.end(step))
    }

    /// A statement's row, with its end.
    pub(super) fn ended(&self, step: &Step<'_>, part: &PatchStatement<'_>) -> String {
        self.statement_row(step, part, "pg_catalog.clock_timestamp()", "NULL")
    }

    pub(super) fn statement_row(
        &self,
        step: &Step<'_>,
        part: &PatchStatement<'_>,
        ended: &str,
        before: &str,
    ) -> String {
        let (schema, position, number) = (&self.schema.quoted, step.position, part.number);
        let checksum = quote::literal(&part.checksum.to_string());
        format!(
            "INSERT INTO {schema}.statement AS s (position, number, checksum, started_at, ended_at, pid, before)\n\
             VALUES ({position}, {number}, {checksum}, pg_catalog.clock_timestamp(), {ended}, pg_catalog.pg_backend_pid(), {before})\n\
             ON CONFLICT (position, number) DO UPDATE SET checksum = excluded.checksum, started_at = excluded.started_at, \
             ended_at = excluded.ended_at, pid = excluded.pid, before = excluded.before;\n"
        )
    }

    /// What we write ourselves, in a transaction of its own.
    pub(super) fn apart(&self, sql: &str) -> String {
        let settings = self.settings(Commit::Now, self.options.lock_timeout);
        format!("{}{settings}{sql}{}", self.begin(), self.commit())
    }

    /// An event that concerns a patch, in a transaction of its own.
    pub(super) fn noticed(&self, step: &Step<'_>, what: &str, detail: &str) -> String {
        self.apart(&self.event(what, Some(step), detail))
    }

    /// The rows of the patch's statements that have no end, gone or with one.
    pub(super) fn settled(&self, position: i64, number: usize, done: bool) -> String {
        let schema = &self.schema.quoted;
        let which = format!("WHERE position = {position} AND number = {number} AND ended_at IS NULL");
        match done {
            true => {
                format!("UPDATE {schema}.statement SET ended_at = pg_catalog.clock_timestamp() {which};\n")
            }
            false => format!("DELETE FROM {schema}.statement {which};\n"),
        }
    }
}
