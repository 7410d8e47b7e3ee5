//! Which objects of a bundle's patches a database has already, although no history has the patches.

use embed_migrate_core::{CreatedKind, Error, Plan, Step, created_objects, list_names, quote};

use crate::connection::rows::rows;
use crate::query::ask::with_timeout;
use crate::run::run::Run;
use crate::session::session::Session;

/// How many names are looked for, and how many are shown.
const MOST: usize = 1_000;
const SHOWN: usize = 10;

impl Run<'_> {
    /// Adds to an error of a bundle's first patch what of all its patches is there already, and the ways out. The patch is
    /// rolled back: if there are none, the patch itself created the existing object, or it is one that all databases share, such as a role.
    pub(crate) async fn with_existing_objects(
        &self,
        session: &Session,
        plan: &Plan<'_>,
        step: &Step<'_>,
        error: Error,
    ) -> Error {
        let Some((all, there)) = self.there(session, plan, step).await else { return error };
        let schema = &self.context.schema.name;
        let error = error.note(format!(
            "the history in the schema `{schema}` has nothing of this bundle, but the database has objects that its patches create"
        ));
        let error = error.note(format!(
            "there already: {} ({} of {all} tables, types, functions and the like that its pending patches create)",
            list_names(&there, SHOWN),
            there.len()
        ));
        error.help(
            "if its history is in another schema: `--history-schema NAME`, or `RunOptions::history_schema`\n\
             if that schema was dropped, or left out of a dump: restore it from the same time as the rest\n\
             if the database was made without this tool: make a baseline with `pg_dump`, and move the rows into a new database; \
             drop objects that were created for a trial and have no rows, and run again",
        )
    }

    /// How many objects the patches of the step's bundle make, and which of them are there; nothing if there is none, or
    /// if that can't be asked.
    async fn there(
        &self,
        session: &Session,
        plan: &Plan<'_>,
        step: &Step<'_>,
    ) -> Option<(usize, Vec<String>)> {
        let steps = plan.steps.iter().filter(|other| other.bundle.name() == step.bundle.name());
        let mut objects: Vec<(CreatedKind, String)> = Vec::new();
        for object in steps.flat_map(|step| created_objects(step.patch.text())) {
            if objects.len() < MOST && !objects.contains(&object) {
                objects.push(object);
            }
        }
        let path = self.frame(session).path(step.bundle);
        let (lookups, names): (Vec<&str>, Vec<String>) =
            objects.into_iter().map(|(kind, name)| (lookup(kind), name)).unzip();
        let sql = format!(
            "BEGIN;\n{path}SELECT n FROM ROWS FROM (pg_catalog.unnest({}), pg_catalog.unnest({})) WITH ORDINALITY AS u (k, n, i) \
             WHERE CASE k WHEN 'regclass' THEN pg_catalog.to_regclass(n) IS NOT NULL \
             WHEN 'regtype' THEN pg_catalog.to_regtype(n) IS NOT NULL \
             WHEN 'regproc' THEN pg_catalog.to_regproc(n) IS NOT NULL \
             ELSE pg_catalog.to_regnamespace(n) IS NOT NULL END ORDER BY i;\nROLLBACK",
            quote::texts(&lookups),
            quote::texts(&names)
        );
        let asked = with_timeout(self.context.options, session.simple_query(&sql)).await;
        let Ok(messages) = asked else {
            // The error is reported without the existing objects.
            let _ = with_timeout(self.context.options, session.simple_query("ROLLBACK")).await;
            return None;
        };
        let there = rows(&messages).filter_map(|row| row.get(0)).map(str::to_owned).collect::<Vec<_>>();
        (!there.is_empty()).then_some((names.len(), there))
    }
}

/// The type that looks a name up.
fn lookup(kind: CreatedKind) -> &'static str {
    match kind {
        CreatedKind::Relation => "regclass",
        CreatedKind::Type => "regtype",
        CreatedKind::Function => "regproc",
        CreatedKind::Schema => "regnamespace",
    }
}
