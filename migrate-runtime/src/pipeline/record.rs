//! What is written beside patches: how far bundles and their facts are, and what happened.

use embed_migrate_core::{Bundle, BundlePosition, Step, quote};
#[cfg(feature = "facts")]
use embed_migrate_core::{Isolation, MinApp};

use super::transaction_frame::{Commit, TransactionFrame};
#[cfg(feature = "facts")]
use crate::history::records::facts_record::FactsRecord;
use crate::history::records::patches_record::{INTERRUPTED, PatchesRecord};
use crate::history::schema::array;
#[cfg(feature = "facts")]
use crate::history::snapshot::catalog_snapshot::snapshot_query;

pub(crate) const EVENT: &str = include_str!("../history/tables/event.sql");

impl TransactionFrame<'_> {
    /// The SQL before the deployment of a bundle's facts, which reads the facts that the database has.
    #[cfg(feature = "facts")]
    pub(crate) fn before_facts(&self, bundle: &Bundle) -> (Option<String>, String) {
        let opening = (!self.nested && self.lock_each.is_some()).then(|| self.opening(Isolation::default()));
        let mut sql = if opening.is_none() { self.begin() } else { String::new() };
        sql += &self.settings(Commit::Now, self.options.lock_timeout.or(bundle.lock_timeout()));
        sql += &format!(
            "SELECT facts FROM {}.bundle WHERE name = {};\n",
            self.schema.quoted,
            quote::literal(bundle.name())
        );
        sql += &self.limits(bundle, bundle.statement_timeout());
        sql += &self.facts_path(bundle);
        sql += "SELECT pg_catalog.current_schema()";
        (opening, sql)
    }

    /// What records that a bundle's facts were deployed, and commits them.
    #[cfg(feature = "facts")]
    pub(crate) fn after_facts(&self, bundle: &Bundle, facts: FactsRecord, submitted: &[String]) -> String {
        let settings = self.settings(Commit::Now, self.options.lock_timeout.or(bundle.lock_timeout()));
        let (facts, kept) = (self.has_facts(bundle, facts), self.kept(bundle));
        let clean = self.clean(&submitted.concat());
        format!("{clean}{}{settings}{facts}{kept}{}", self.keep, self.commit())
    }

    /// What commits a part of a bundle's facts, which are recorded as open, and begins the next transaction; `None` if
    /// another process could come in between.
    #[cfg(feature = "facts")]
    pub(crate) fn between_facts(&self, bundle: &Bundle, open: FactsRecord) -> Option<String> {
        let (opening, before) = self.before_facts(bundle);
        if opening.is_some() || self.nested {
            return None;
        }
        let settings = self.settings(Commit::Now, self.options.lock_timeout.or(bundle.lock_timeout()));
        let (facts, clean) = (self.has_facts(bundle, open), self.clean(""));
        Some(format!("{clean}{}{settings}{facts}{};\n{before}", self.keep, self.commit()))
    }

    /// What records, in a transaction of its own, how far a bundle's facts are.
    #[cfg(feature = "facts")]
    pub(crate) fn facts_done(&self, bundle: &Bundle, facts: FactsRecord) -> String {
        let settings = self.settings(Commit::Now, self.options.lock_timeout.or(bundle.lock_timeout()));
        let (facts, kept) = (self.has_facts(bundle, facts), self.kept(bundle));
        format!("{}{settings}{facts}{kept}{}", self.begin(), self.commit())
    }

    /// What keeps the catalog as it is left, for [`Migrator::drift`](crate::Migrator::drift); a dry run leaves none.
    #[cfg(feature = "facts")]
    fn kept(&self, bundle: &Bundle) -> String {
        match self.nested {
            true => String::new(),
            false => snapshot_query(self.schema, self.options, bundle.revision()),
        }
    }

    #[cfg(not(feature = "facts"))]
    fn kept(&self, _: &Bundle) -> String {
        String::new()
    }

    #[cfg(feature = "facts")]
    fn has_facts(&self, bundle: &Bundle, facts: FactsRecord) -> String {
        let none =
            PatchesRecord { digest: bundle.digest(), head: None, min_app: MinApp::Any, interrupted: false };
        format!(
            "UPDATE {schema}.bundle SET facts = {facts}, updated_at = pg_catalog.clock_timestamp() WHERE name = {name};\n\
             INSERT INTO {schema}.bundle (name, patches, position, updated_at, facts)\n\
             SELECT {name}, {patches}, 0, pg_catalog.clock_timestamp(), {facts}\n\
             WHERE NOT EXISTS (SELECT FROM {schema}.bundle WHERE name = {name});\n",
            schema = self.schema.quoted,
            name = quote::literal(bundle.name()),
            patches = quote::literal(&none.to_string()),
            facts = quote::literal(&facts.to_string()),
        )
    }

    /// What records the state of the bundles, with the run's one synchronous commit.
    ///
    /// It fails if the last patch is not there: its position is looked up, and none is no position. Behind a
    /// pooler another process may have gone on meanwhile: then its record is the right one. `facts` is a bundle that has
    /// some, for which the catalog is kept.
    pub(crate) fn record(
        &self,
        positions: &[&BundlePosition<'_>],
        last: i64,
        notes: &[String],
        facts: Option<&Bundle>,
    ) -> String {
        let rows: Vec<_> = positions.iter().filter_map(bundle_row).collect();
        let mut sql = self.begin() + &self.settings(Commit::Now, self.options.lock_timeout);
        if !rows.is_empty() {
            let (schema, rows) = (&self.schema.quoted, rows.join(", "));
            let right = format!("NOT EXISTS (SELECT FROM {schema}.patch WHERE position > {last})");
            sql += &format!(
                "WITH w (name, patches) AS (VALUES {rows}),\n\
                 gone AS (DELETE FROM {schema}.bundle AS b USING w WHERE b.name = w.name AND {right} RETURNING b.name, b.facts)\n\
                 INSERT INTO {schema}.bundle (name, patches, position, updated_at, facts)\n\
                 SELECT w.*, (SELECT position FROM {schema}.patch WHERE position = {last}), \
                 pg_catalog.clock_timestamp(), (SELECT max(facts) FROM gone WHERE gone.name = w.name)\n\
                 FROM w WHERE {right};\n",
            );
        }
        for note in notes {
            sql += &self.event("noticed", None, note);
        }
        sql += &facts.map(|bundle| self.kept(bundle)).unwrap_or_default();
        sql += self.commit();
        sql
    }

    /// The SQL that records a failure, and flushes the commits before it to the disk.
    pub(crate) fn failed(&self, step: &Step<'_>, message: &str) -> String {
        let event = self.event("failed", Some(step), message);
        let settings = self.settings(Commit::Now, self.options.lock_timeout);
        format!("{}{settings}{event}{}", self.begin(), self.commit())
    }

    /// Creates the table of events if it is not there yet.
    pub(crate) fn events(&self) -> String {
        self.schema.fill(EVENT)
    }

    pub(crate) fn event(&self, what: &str, step: Option<&Step<'_>>, detail: &str) -> String {
        let (bundle, version) = match step {
            Some(step) => (quote::literal(step.bundle.name()), array(step.patch.version())),
            None => ("NULL".to_owned(), "NULL".to_owned()),
        };
        format!(
            "{}INSERT INTO {}.event (happened_at, what, bundle, version, detail, application, revision) \
             VALUES (pg_catalog.clock_timestamp(), {}, {bundle}, {version}, {}, {}, {});\n",
            self.events(),
            self.schema.quoted,
            quote::literal(what),
            quote::literal(detail),
            quote::optional(self.options.application.as_deref()),
            quote::optional(self.options.revision.as_deref()),
        )
    }

    /// Fails with [`UNWRITTEN`](super::script::UNWRITTEN) if a trigger, a rule or a policy prevented the row
    /// of a step from being written: it would be applied again and again. Later ones are asked for by their successors.
    pub(crate) fn there(&self, step: &Step<'_>) -> String {
        format!(
            "SELECT FROM {}.patch WHERE position = {} AND ended_at IS NOT NULL \
             HAVING width_bucket(0.5, 0, 1, count(*)::int4) = 0;\n",
            self.schema.quoted, step.position
        )
    }

    /// What the first patch of a bundle's writes with its row: until the record is written again, it says less than
    /// the history, and no boot may go by it.
    pub(crate) fn unrecorded(&self, step: &Step<'_>) -> String {
        let (schema, name) = (&self.schema.quoted, quote::literal(step.bundle.name()));
        format!(
            "UPDATE {schema}.bundle SET patches = '{INTERRUPTED}' || patches \
             WHERE name = {name} AND patches NOT LIKE '{INTERRUPTED}%';\n"
        )
    }
}

fn bundle_row(position: &&BundlePosition<'_>) -> Option<String> {
    // If the database is ahead of the binary, the newer binary's record stays.
    if !position.ahead.is_empty() && position.pending == 0 {
        return None;
    }
    let patches = PatchesRecord {
        digest: position.digest,
        head: Some(position.target?),
        min_app: position.min_app,
        interrupted: false,
    };
    let (name, patches) = (quote::literal(position.bundle.name()), quote::literal(&patches.to_string()));
    Some(format!("({name}, {patches})"))
}
