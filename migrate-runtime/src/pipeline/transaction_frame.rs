use embed_migrate_core::{Bundle, HISTORY_BUNDLE, Isolation, MinApp, Result, Step, Timeout, Version, quote};
use tokio_postgres::error::SqlState;

use super::patch_words::{BODY, PatchWords};
use super::script::Script;
use crate::history::schema::{HistorySchema, array};
use crate::options::options::Options;
use crate::session::reset::{PreparedStatements, clean_before};
use crate::session::server_process::PROCESS_COLUMNS;
use crate::trust::untrusted_search::OtherOwners;

/// How the scripts of a run are wrapped.
#[derive(Debug, Clone)]
pub(crate) struct TransactionFrame<'a> {
    pub(crate) options: &'a Options,
    pub(crate) schema: &'a HistorySchema,
    /// The migration lock's key, if each transaction must take the lock itself: behind a pooler.
    pub(crate) lock_each: Option<i64>,
    /// What each transaction begins with there.
    pub(crate) each: String,
    /// Settings of the session, to be made again after a patch may have changed them.
    pub(crate) keep: String,
    /// Whether the history's schema has to be made.
    pub(crate) create_schema: bool,
    /// Whether a commit would wait for a standby: a connection that holds no lock waits for it.
    pub(crate) synchronous: bool,
    /// What is asked instead of what a patch uses, as long as nobody else is known to own anything in the database.
    pub(crate) gate: Option<OtherOwners>,
    /// Where a patch's text does not all stand in the message that begins its transaction: what decides, beside the path,
    /// which objects its names mean.
    pub(crate) apart: Option<&'a str>,
    /// Whether all run in one transaction that someone else begins and ends.
    pub(crate) nested: bool,
    /// What is checked or done on this server at the end of each patch's transaction.
    pub(crate) closing: String,
    /// What becomes of statements that SQL prepared.
    pub(crate) prepared: PreparedStatements,
}

impl TransactionFrame<'_> {
    /// The script of one step; `begins`: it is the first one of its bundle in this run.
    ///
    /// # Errors
    ///
    /// A malformed directive; never for a patch that was checked when it was embedded.
    pub(crate) fn script(&self, step: &Step<'_>, begins: bool) -> Result<Script> {
        let (opening, before, after) = self.around(step, begins)?;
        // A last line may be a comment, and a last statement may lack its semicolon.
        let after = format!("\n;\n{after}");
        Ok(Script { opening, ..Script::around(&before, step.patch.text(), &after, 0).counting() })
    }

    /// The SQL before the body of a step and after it: the transaction, with the step's row. The first is a
    /// message of its own, if there is one.
    ///
    /// # Errors
    ///
    /// As [`TransactionFrame::script`].
    pub(crate) fn around(&self, step: &Step<'_>, begins: bool) -> Result<(Option<String>, String, String)> {
        self.around_text(step, begins, step.patch.text())
    }

    /// The same around another text than the patch's.
    ///
    /// # Errors
    ///
    /// As [`TransactionFrame::script`].
    pub(crate) fn around_text(
        &self,
        step: &Step<'_>,
        begins: bool,
        text: &str,
    ) -> Result<(Option<String>, String, String)> {
        let directives = step.patch.directives()?;
        // The first patch makes the tables that its row goes into.
        let first = step.bundle.name() == HISTORY_BUNDLE && step.patch.version() == Version::new(1, 0, 0);
        let row = self.row(step, step.min_app()?);
        let lock = directives.lock_timeout.or(self.options.lock_timeout).or(step.bundle.lock_timeout());
        let isolation = directives.isolation.unwrap_or_default();
        let opening = (!self.nested && self.lock_each.is_some()).then(|| self.opening(isolation));
        let path = match step.patch.is_facts() {
            true => self.facts_path(step.bundle),
            false => self.path(step.bundle),
        };
        let mut before = String::with_capacity(1000);
        if opening.is_none() {
            before += &self.begin_at(isolation);
        }
        before += &self.settings(Commit::Later, lock);
        before += &match self.apart {
            Some(settings) => {
                self.untrusted_check(&format!("{path}{settings}"), PatchWords::Text(step.patch.text()))
            }
            None => self.beginning(begins).untrusted_check(&path, PatchWords::Message),
        };
        if first && self.create_schema {
            before += &format!("CREATE SCHEMA {};\n", self.schema.quoted);
        }
        if !first {
            before += &row;
        }
        before += &self.limits(step.bundle, directives.statement_timeout);
        before += &path;
        before += BODY;
        let mut after = String::from(BODY);
        after += &self.clean(text);
        after += &self.keep;
        after += &self.closing;
        after += &self.settings(Commit::Later, lock);
        if first {
            after += &row;
        }
        after += &self.end(step);
        if begins {
            after += &self.there(step);
            after += &self.unrecorded(step);
        }
        after += self.commit();
        Ok((opening, before, after))
    }

    /// The frame of the first patch of a bundle, which asks more than those behind it.
    fn beginning(&self, begins: bool) -> Self {
        let gate = self.gate.map(|gate| if begins { OtherOwners::Predefined } else { gate });
        TransactionFrame { gate, ..self.clone() }
    }

    /// How long the statements of a step wait for a lock.
    ///
    /// # Errors
    ///
    /// As [`TransactionFrame::script`].
    pub(crate) fn lock_timeout(&self, step: &Step<'_>) -> Result<Timeout> {
        let stated = step.patch.directives()?.lock_timeout;
        Ok(stated.or(self.options.lock_timeout).or(step.bundle.lock_timeout()).unwrap_or(LOCK_TIMEOUT))
    }

    /// Begins a transaction by a message of its own. The server reads a message as its settings were before it, so
    /// that behind a pooler, where no session is ours to set, what strings mean has to be said in the one before. It answers
    /// which process the transaction has.
    pub(crate) fn opening(&self, isolation: Isolation) -> String {
        let strings = if self.lock_each.is_some() { STRINGS } else { "" };
        let clean = if self.lock_each.is_some() { clean_before() } else { String::new() };
        format!("{}{clean}{strings}{}SELECT {PROCESS_COLUMNS}", begin(isolation), self.each)
    }

    pub(crate) fn begin(&self) -> String {
        self.begin_at(Isolation::default())
    }

    /// Begins a transaction of this isolation level.
    pub(crate) fn begin_at(&self, isolation: Isolation) -> String {
        if self.nested { String::new() } else { begin(isolation) }
    }

    pub(crate) fn commit(&self) -> &'static str {
        match self.nested {
            // What a commit would check; and the next patch begins as if after one.
            true => "SET CONSTRAINTS ALL IMMEDIATE;\nSET CONSTRAINTS ALL DEFERRED",
            false => "COMMIT",
        }
    }

    /// Our settings, for our own statements, which wait for a lock no longer than the patch. A patch may have
    /// changed any of them.
    pub(crate) fn settings(&self, commit: Commit, lock: Option<Timeout>) -> String {
        let lock = lock.unwrap_or(LOCK_TIMEOUT).milliseconds();
        let mut sql =
            format!("SET LOCAL search_path = pg_catalog, pg_temp;\nSET LOCAL lock_timeout = {lock};\n");
        sql += match commit {
            Commit::Later if !self.nested => "SET LOCAL synchronous_commit = off;\n",
            Commit::Now if self.synchronous => "SET LOCAL synchronous_commit = local;\n",
            Commit::Later | Commit::Now => "SET LOCAL synchronous_commit TO DEFAULT;\n",
        };
        if let Some(key) = self.lock_each {
            sql += &format!("SET LOCAL statement_timeout = 0;\n{STRINGS}{}\n", lock_or_fail(key));
        }
        if let Some(role) = &self.options.role {
            sql += &format!("SET LOCAL ROLE {};\n", quote::identifier(role));
        }
        sql
    }

    /// How long the patch may run.
    pub(crate) fn limits(&self, bundle: &Bundle, statement: Option<Timeout>) -> String {
        let statement = statement.or(bundle.statement_timeout());
        format!("SET LOCAL statement_timeout = {};\n", statement.unwrap_or(Timeout::NONE).milliseconds(),)
    }

    pub(crate) fn path(&self, bundle: &Bundle) -> String {
        let own = (bundle.name() == HISTORY_BUNDLE).then(|| format!("{}, pg_temp", self.schema.quoted));
        let named = bundle.schema().map(|schema| format!("{}, public, pg_temp", quote::identifier(schema)));
        let path = own.or(named).map(|path| format!("= {path}"));
        format!("SET LOCAL search_path {};\n", path.as_deref().unwrap_or("TO DEFAULT"))
    }

    /// That of its facts.
    pub(crate) fn facts_path(&self, bundle: &Bundle) -> String {
        match bundle.schema() {
            Some(_) => self.path(bundle),
            None => FACTS_PATH.to_owned(),
        }
    }

    pub(crate) fn row(&self, step: &Step<'_>, oldest: MinApp) -> String {
        let patch = step.patch;
        // Null, which the check refuses, if the predecessor is not there.
        let previous = match step.position {
            1 => "NULL".to_owned(),
            position => format!(
                "(SELECT position FROM {}.patch WHERE position = {})",
                self.schema.quoted,
                position - 1
            ),
        };
        format!(
            "INSERT INTO {}.patch (position, previous, bundle, version, kind, file, checksum, tokens, min_app, draft, baseline, \
             started_at, applied_by, application, revision) \
             VALUES ({}, {previous}, {}, {}, {}, {}, {}, {}, {}, {}, {}, pg_catalog.clock_timestamp(), session_user, {}, {});\n",
            self.schema.quoted,
            step.position,
            quote::literal(step.bundle.name()),
            array(patch.version()),
            quote::literal(patch.kind().as_str()),
            quote::literal(patch.file()),
            quote::literal(&patch.checksum().to_string()),
            quote::literal(&patch.tokens().to_string()),
            min_app(oldest),
            patch.is_draft(),
            step.baseline,
            quote::optional(self.options.application.as_deref()),
            quote::optional(self.options.revision.as_deref().or(step.bundle.revision())),
        )
    }

    pub(crate) fn end(&self, step: &Step<'_>) -> String {
        let HistorySchema { quoted, .. } = self.schema;
        let position = step.position;
        format!(
            "UPDATE {quoted}.patch SET ended_at = pg_catalog.clock_timestamp() WHERE position = {position};\n"
        )
    }
}

/// The schema for names without a schema, if the bundle names none: never a schema of the role's name.
pub(crate) const FACTS_PATH: &str = "SET LOCAL search_path = public, pg_temp;\n";

pub(crate) fn begin(isolation: Isolation) -> String {
    format!("BEGIN ISOLATION LEVEL {} READ WRITE;\n", isolation.as_str().to_ascii_uppercase())
}

pub(crate) const STRINGS: &str = "SET LOCAL standard_conforming_strings = on;\n";

/// When a transaction's commit reaches the disk.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Commit {
    /// As the server is set: synchronously, unless its owner wants otherwise.
    Now,
    /// With the next one that is synchronous: WAL is written in order, so a crash loses whole patches together
    /// with their rows, and the last ones first.
    Later,
}

/// How long a statement waits for a lock if nothing else is said. Every session after it in the queue
/// waits as long, so it is short, and the patch is tried again.
pub(crate) const LOCK_TIMEOUT: Timeout = Timeout::new(2_000);

pub(crate) fn min_app(oldest: MinApp) -> String {
    match oldest {
        MinApp::Any => "NULL::integer[]".to_owned(),
        MinApp::Version(version) => array(version),
    }
}

/// What a transaction says that did not get the migration lock. No code of PostgreSQL's begins so.
pub(crate) const LOCKED: &str = "MG001";

/// What the server says of a count that is not greater than zero, and hardly ever of anything in a patch.
pub(crate) const UNWRITTEN: SqlState = SqlState::INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION;

pub(crate) fn lock_or_fail(key: i64) -> String {
    format!(
        "DO $lock$ BEGIN IF NOT pg_catalog.pg_try_advisory_xact_lock({key}) THEN RAISE EXCEPTION USING \
         ERRCODE = '{LOCKED}', MESSAGE = 'another process holds the migration lock'; END IF; END $lock$;"
    )
}
