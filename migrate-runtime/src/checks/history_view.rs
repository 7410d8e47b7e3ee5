//! What a database has of the bundles, for commands that only look.

use embed_migrate_core::{Error, ErrorKind, History, Kind, Plan, Result, resolve};
use tokio_postgres::Client;

use crate::history::ask::ask_history;
use crate::history::history_check::HistoryCheck;
use crate::history::missing_table::in_part;
use crate::history::others::other_histories::OtherHistories;
use crate::history::read::{read_all, read_together};
use crate::history::records::bundle_record::{BundleRecord, records_query};
use crate::history::schema::HistorySchema;
use crate::history::statement_row::read_statements;
use crate::migrator::Migrator;

/// What was found, and what is wrong with it.
#[derive(Default)]
pub(crate) struct HistoryView {
    pub(crate) history: History,
    pub(crate) recorded: Vec<BundleRecord>,
    /// Why a run would be refused, or should be, apart from what the plan says.
    pub(crate) problems: Vec<Error>,
    /// What was noticed and is no problem.
    pub(crate) notes: Vec<String>,
}

impl<'a> Migrator<'a> {
    /// Reads the history and its records; if they have nothing of a bundle, also other histories in the database.
    ///
    /// # Errors
    ///
    /// They can't be read.
    pub(crate) async fn view(&self, client: &Client) -> Result<HistoryView> {
        let (schema, bundles) = (self.schema(), self.all());
        let mut view = self.read(client, &schema).await?;
        let statements = match view.history.applied.iter().any(|row| row.kind == Kind::Concurrent) {
            true => read_statements(client, &self.options, &schema).await?,
            false => Vec::new(),
        };
        let plan = resolve(&bundles, &view.history, self.targets()).ok();
        let HistoryView { history, recorded, .. } = &view;
        let agreement = HistoryCheck { schema: &schema, history, recorded, statements: &statements };
        // What can't be understood says more than that it is not the same.
        if view.problems.is_empty() {
            let problems = agreement.problems(&bundles, plan.as_ref());
            view.problems.extend(problems);
        }
        let other_histories = OtherHistories { options: &self.options, schema: &schema, bundles: &bundles };
        match other_histories.refuse(client, &view.history, &view.recorded).await {
            Ok(notes) => view.notes = notes,
            Err(error) if error.kind() == ErrorKind::Identity => view.problems.extend(error.split()),
            Err(error) => return Err(error),
        }
        Ok(view)
    }

    async fn read(&self, client: &Client, schema: &HistorySchema) -> Result<HistoryView> {
        if let Some((history, recorded, problems)) = read_together(client, &self.options, schema).await? {
            return Ok(HistoryView { history, recorded, problems, notes: Vec::new() });
        }
        // There is none yet, or a table of it is gone.
        let history = read_all(client, &self.options, schema).await?;
        let records =
            ask_history(client, &self.options, schema, &records_query(schema, &self.options)).await?;
        let gone = match (history.applied.is_empty(), &records) {
            (false, None) => Some("bundle"),
            (true, Some(_)) => Some("patch"),
            (true, None) | (false, Some(_)) => None,
        };
        let recorded = BundleRecord::parse(&records.unwrap_or_default())?;
        let problems = gone.map(|gone| in_part(schema, gone)).into_iter().collect();
        Ok(HistoryView { history, recorded, problems, notes: Vec::new() })
    }
}

impl HistoryView {
    /// What a run would do.
    ///
    /// # Errors
    ///
    /// All that is wrong.
    pub(crate) fn plan<'a>(self, migrator: &Migrator<'a>) -> Result<Plan<'a>> {
        let plan = resolve(&migrator.all(), &self.history, migrator.targets());
        match (plan, Error::all(self.problems)) {
            (Ok(mut plan), None) => {
                plan.notes.extend(self.notes);
                Ok(plan)
            }
            (Ok(_), Some(problem)) => Err(problem),
            (Err(refused), None) => Err(refused),
            (Err(refused), Some(problem)) => Err(problem.and(refused)),
        }
    }

    /// Adds all for which a run would be refused.
    pub(crate) fn refused(&mut self, migrator: &Migrator<'_>) {
        let refused = resolve(&migrator.all(), &self.history, migrator.targets()).err();
        self.problems.extend(refused.into_iter().flat_map(Error::split));
    }
}
