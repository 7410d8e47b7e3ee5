use std::collections::BTreeSet;
use std::sync::Arc;

use embed_migrate_core::catalog::QualifiedName;
use embed_migrate_core::diff::{FactProgress, PlannedChange, Planner, Question};
use embed_migrate_core::facts::{Claim, Fact, SqlFact};
use embed_migrate_core::{Error, ErrorKind, Result};
use futures_util::future;
use tokio_postgres::Client;

use super::answer::{ahead, answer};
use super::condition::holds;
use super::deployment::Deployment;
use super::parts::CreatedParts;
use super::prefetch::Prefetch;
use super::purpose::Purpose;
use super::send::{RefusedPart, make};
use crate::connection::rows::rows;
use crate::connection::statement_timeout::unlimited;
use crate::facts::deploy_report::DeployReport;
use crate::facts::fact_failure;
use crate::facts::nested_facts::NestedFact;
use crate::pipeline::execute::execute;
use crate::pipeline::script::Script;
use crate::query::failure;
use crate::report::event::Event;
use crate::rows::{DataLoad, LoadMode};
use crate::trust::facts::has_other_owners;

/// One walk over the facts.
pub(crate) struct FactsPass<'a> {
    deployment: &'a Deployment<'a>,
    visited: &'a [NestedFact<'a>],
    pub(crate) planner: Planner,
    purpose: Purpose,
    pub(crate) deployed: DeployReport,
    /// Tables that this deployment made and that hold no rows yet.
    empty_tables: BTreeSet<QualifiedName>,
    /// Data facts whose rows were just copied, and need not be compared.
    pub(crate) copied: BTreeSet<(String, u32, QualifiedName)>,
    /// What was created since the last commit.
    parts: CreatedParts,
    /// Whether SQL ran that the planner's catalog knows nothing of.
    stale: bool,
    /// How many facts were begun.
    at: usize,
    prefetch: Prefetch,
    /// When verifying: the tables that the planner's catalog has as they should be, and not as they are.
    pub(crate) deviates: BTreeSet<String>,
    /// The search path when it began.
    pub(crate) path: String,
}

impl<'a> FactsPass<'a> {
    /// Looks at the database, and asks ahead what the facts will.
    pub(crate) async fn begin(
        deployment: &'a Deployment<'a>,
        facts: &[Fact],
        visited: &'a [NestedFact<'a>],
        purpose: Purpose,
    ) -> Result<FactsPass<'a>> {
        let Deployment { client, schema, standby, apart, at_boot, .. } = *deployment;
        // Both go out at once.
        let (looked, catalog) = future::join(look(client), deployment.inspect(purpose)).await;
        let Looked { path, behind, somebody } = looked?;
        if somebody {
            deployment.refuse_untrusted(Some(visited)).await?;
        }
        let mut planner =
            Planner::new(catalog?, schema, facts).with_search_path(behind.then(|| path.clone()));
        if purpose == Purpose::Verify {
            planner = planner.for_verification();
        }
        if apart {
            planner = planner.with_deferred_builds();
        }
        if at_boot {
            planner = planner.at_boot();
        }
        let questions = planner.foreseeable_questions(facts);
        if !standby && !questions.is_empty() {
            let answers = ahead(client, &questions).await?;
            for (question, answer) in questions.into_iter().zip(answers) {
                planner.answer_ahead(question, answer);
            }
        }
        Ok(FactsPass {
            deployment,
            visited,
            planner,
            purpose,
            deployed: DeployReport::default(),
            empty_tables: BTreeSet::new(),
            copied: BTreeSet::new(),
            parts: CreatedParts::default(),
            stale: false,
            at: 0,
            prefetch: Prefetch::default(),
            deviates: BTreeSet::new(),
            path,
        })
    }

    pub(crate) async fn fact(&mut self, visited: &NestedFact<'_>) -> Result<()> {
        self.at += 1;
        match &visited.fact.claim {
            Claim::Include(include) if include.facts.is_none() => {
                Err(Error::new(ErrorKind::Missing, format!("`{}` can't be read from here", include.path))
                    .at(visited.fact.place.clone())
                    .help("deploy it together with the bundle that it is of"))
            }
            Claim::Include(_) => Ok(()),
            Claim::Sql(sql) => self.sql(visited, sql).await,
            Claim::Data(_) => self.data(visited).await,
            _ => self.plan(visited).await,
        }
    }

    async fn plan(&mut self, visited: &NestedFact<'_>) -> Result<()> {
        self.refresh().await?;
        loop {
            let question = match self.planner.apply(visited.fact)? {
                FactProgress::Done => return Ok(()),
                FactProgress::Ask(question) => question,
            };
            if self.purpose == Purpose::Verify && self.is_idle(&question) {
                return Ok(());
            }
            self.flush().await?;
            self.refresh().await?;
            self.answer(question).await?;
        }
    }

    /// Has a question answered, and those that the next facts will ask.
    async fn answer(&mut self, question: Question) -> Result<()> {
        let Deployment { client, standby, .. } = *self.deployment;
        let mut questions = Vec::new();
        if question != Question::MakeFirst && !standby && self.prefetch.is_due() {
            questions =
                self.planner.look_ahead(self.visited.iter().skip(self.at).map(|visited| visited.fact));
            questions.retain(|other| *other != question);
            self.prefetch.found(questions.len());
        }
        if questions.is_empty() {
            let answer = answer(client, &question, standby).await?;
            self.planner.answer(question, answer);
            return Ok(());
        }
        questions.insert(0, question);
        let mut answers = questions.iter().cloned().zip(ahead(client, &questions).await?);
        if let Some((question, answer)) = answers.next() {
            self.planner.answer(question, answer);
        }
        answers.for_each(|(question, answer)| self.planner.answer_next(question, answer));
        Ok(())
    }

    /// Whether a question would be asked of a database that isn't there: one in which the facts hold that don't.
    fn is_idle(&self, question: &Question) -> bool {
        let deviates = !self.deviates.is_empty() || self.planner.is_pending();
        match question {
            Question::MakeFirst => true,
            Question::Value(_) | Question::Locked { .. } => deviates,
            // It is rolled back, whatever becomes of it.
            Question::Printed { .. } => self.planner.is_pending(),
        }
    }

    async fn sql(&mut self, visited: &NestedFact<'_>, fact: &SqlFact) -> Result<()> {
        let client = self.deployment.client;
        self.flush().await?;
        if let Some(unless) = &fact.unless {
            let script = Arc::default();
            let working = self.deployment.progress.sql(unless, &script);
            let met = holds(client, &unless.text).await;
            drop(working);
            let met = met.map_err(|error| fact_failure::in_text(unless, &script, error))?;
            if met {
                return Ok(());
            }
            if self.purpose == Purpose::Verify {
                return Err(Error::new(ErrorKind::Drift, "the check of the sql fact does not hold")
                    .at(visited.fact.place.clone())
                    .note(unless.text.trim().to_owned())
                    .help("its `sql` must make its `unless` true"));
            }
        }
        if self.purpose == Purpose::Verify {
            return Ok(());
        }
        self.deployment.options.tell(&Event::statement(&fact.sql.text));
        let script = Arc::new(Script::around("", &fact.sql.text, "", 0));
        let working = self.deployment.progress.sql(&fact.sql, &script);
        let executed = execute(client, &script).await;
        drop(working);
        executed.map_err(|error| fact_failure::in_text(&fact.sql, &script, error))?;
        self.deployed.submitted.push(fact.sql.text.clone());
        self.parts.note_sql();
        self.stale = true;
        self.empty_tables.clear();
        self.copied.clear();
        Ok(())
    }

    async fn data(&mut self, visited: &NestedFact<'_>) -> Result<()> {
        let Claim::Data(data) = &visited.fact.claim else { return Ok(()) };
        let place = &visited.fact.place;
        let key = (place.path().to_owned(), place.line());
        let name = self.planner.table_name(&data.of);
        if self.purpose == Purpose::Verify
            && (self.planner.reaches(&name, &self.deviates)
                || self.copied.contains(&(key.0.clone(), key.1, name.clone())))
        {
            return Ok(());
        }
        self.refresh().await?;
        self.flush().await?;
        let mode = match self.purpose {
            Purpose::Deploy => LoadMode::Deploy,
            Purpose::Verify => LoadMode::Verify,
        };
        let known_empty = self.empty_tables.remove(&name);
        let table = self.planner.known_table(visited.fact, &data.of)?;
        let options = self.deployment.options;
        let progress = |done: usize, total: usize| {
            options.tell(&Event::Rows { table: name.name.clone(), done, total });
        };
        let load = DataLoad {
            client: self.deployment.client,
            catalog: self.planner.catalog(),
            table,
            fact: data,
            place,
            mode,
            known_empty,
            progress: &progress,
        };
        let working = self.deployment.progress.fact(place);
        let loaded = load.run().await;
        drop(working);
        let loaded = loaded?;
        if let Some(differences) = Error::all(loaded.differences) {
            return Err(differences);
        }
        self.planner.mark_filled(&name);
        self.deployed.inserted += loaded.inserted as u64;
        self.deployed.updated += loaded.updated as u64;
        self.deployed.deleted += loaded.deleted as u64;
        if self.purpose == Purpose::Deploy {
            self.proven(&name, key, loaded.proven, loaded.inserted + loaded.updated + loaded.deleted > 0);
        }
        Ok(())
    }

    /// Keeps which data facts need not be compared again: those that are known to hold, until something else is
    /// written that might change their rows.
    fn proven(&mut self, table: &QualifiedName, key: (String, u32), proven: bool, wrote: bool) {
        if wrote {
            self.copied.retain(|(_, _, other)| other != table);
        }
        if proven {
            self.copied.insert((key.0, key.1, table.clone()));
        }
    }

    /// Makes what is planned so far.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        let after = self.planner.take_after();
        self.deployed.after.extend(after);
        if self.purpose == Purpose::Verify {
            return Ok(());
        }
        let changes = self.planner.take_changes();
        if changes.is_empty() {
            return Ok(());
        }
        let created = self.planner.take_created();
        self.parts.note(&changes, created.iter().map(QualifiedName::to_string));
        let looks = self.deployment.options.rewrite_check.is_some();
        let full: Vec<bool> = changes.iter().map(|change| self.parts.is_full(change)).collect();
        let begins = |at: usize| full.get(at).copied().unwrap_or_default();
        let mut from = 0;
        for at in 1..=changes.len() {
            // What comes before such a change may make or rename its table.
            let looked = looks && changes.get(at).is_some_and(|next| next.rewrites().is_some());
            if at < changes.len() && !begins(at) && !looked {
                continue;
            }
            if begins(from) {
                self.commit_part().await?;
            }
            let part = changes.get(from..at).unwrap_or_default();
            self.look(part).await?;
            self.make(part).await?;
            from = at;
        }
        self.empty_tables.extend(created);
        self.deployed.changes.extend(changes);
        Ok(())
    }

    /// Commits what is made, if the caller allows it, and begins the next transaction.
    async fn commit_part(&self) -> Result<()> {
        let Deployment { client, between, .. } = self.deployment;
        let Some(sql) = between else { return Ok(()) };
        let committed = client.simple_query(sql).await;
        committed.map(drop).map_err(|error| failure::own("committing a part of a deployment", error))
    }

    /// Shows the application's callback the tables that are about to be rewritten.
    async fn look(&self, changes: &[PlannedChange]) -> Result<()> {
        let Deployment { client, options, .. } = *self.deployment;
        let Some(look) = &options.rewrite_check else { return Ok(()) };
        for change in changes {
            if let Some(table) = change.rewrites() {
                look(client, table).await.map_err(|error| self.blame(change, error))?;
            }
        }
        Ok(())
    }

    async fn make(&self, changes: &[PlannedChange]) -> Result<()> {
        for change in changes {
            self.deployment.options.tell(&Event::statement(&change.sql));
        }
        let messages: Vec<&str> = changes.iter().map(|change| change.sql.as_str()).collect();
        make(self.deployment.client, &messages).await.map_err(|RefusedPart { index, error, offset }| {
            let Some(change) = changes.get(index) else { return failure::lost(error) };
            let place = offset.and_then(|offset| self.cause(change)?.place_in(&change.sql, offset));
            let blamed = self.blame(change, fact_failure::fact(&change.sql, error));
            place.into_iter().fold(blamed, Error::at)
        })
    }

    /// Why a change can't be made, with the facts that asked for it: an earlier one, perhaps, than the one that is under
    /// way.
    fn blame(&self, change: &PlannedChange, error: Error) -> Error {
        let error = error.at(change.place.clone());
        match self.cause(change) {
            Some(visited) => visited.explain("deploying", error),
            None => error,
        }
    }

    /// The fact that asked for a change.
    fn cause(&self, change: &PlannedChange) -> Option<&NestedFact<'_>> {
        self.visited
            .iter()
            .find(|visited| visited.fact.place == change.place && visited.fact.claim.kind() == change.fact)
    }

    /// Reads the catalog again if SQL ran that the planner does not know.
    async fn refresh(&mut self) -> Result<()> {
        if self.purpose == Purpose::Deploy && self.planner.is_outdated() {
            self.flush().await?;
            self.stale = true;
        }
        if !std::mem::take(&mut self.stale) {
            return Ok(());
        }
        let catalog = self.deployment.inspect(self.purpose).await?;
        self.planner.refresh(catalog);
        Ok(())
    }
}

/// What a pass must know of its transaction.
struct Looked {
    /// The search path.
    path: String,
    /// Whether `pg_catalog` does not come first in it.
    behind: bool,
    /// Whether anybody else owns something here.
    somebody: bool,
}

async fn look(client: &Client) -> Result<Looked> {
    const PATH: &str = "SELECT pg_catalog.current_setting('search_path'), 'pg_catalog' OPERATOR(pg_catalog.<>) \
        (SELECT s.name FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY AS s (name, place) \
        WHERE NOT pg_catalog.starts_with(s.name::pg_catalog.text, 'pg_temp_') ORDER BY s.place LIMIT 1)";
    let messages = client.simple_query(&unlimited(&format!("{PATH};\n{}", has_other_owners()))).await;
    let messages = messages.map_err(|error| failure::own("reading the search path", error))?;
    let row = rows(&messages).find(|row| row.len() == 2);
    let cell = |column| row.and_then(|row| row.get(column));
    let somebody = rows(&messages).last().and_then(|row| row.get(0)) == Some("t");
    Ok(Looked { path: cell(0).unwrap_or_default().to_owned(), behind: cell(1) == Some("t"), somebody })
}
