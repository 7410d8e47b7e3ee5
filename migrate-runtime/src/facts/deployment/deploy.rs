//! Makes facts true, or checks that they are.

use std::collections::BTreeSet;

use embed_migrate_core::catalog::QualifiedName;
use embed_migrate_core::diff::PlannedChange;
use embed_migrate_core::facts::Fact;
use embed_migrate_core::{Error, ErrorKind, Result};
use futures_util::FutureExt;
use tokio_postgres::error::DbError;

use super::deployment::Deployment;
use super::facts_pass::FactsPass;
use super::purpose::Purpose;
use crate::facts::deploy_report::DeployReport;
use crate::facts::nested_facts::{NestedFact, walk};
use crate::pipeline::notice_log::NoticeLog;
use crate::report::event::Event;
use crate::session::session::Session;

impl Deployment<'_> {
    /// Makes the facts true. If there was anything to do, verifies afterwards that they are true.
    /// Makes facts true, and reports the server's messages meanwhile.
    pub(crate) async fn deploy_heard(
        &self,
        session: &Session,
        said: NoticeLog<'_>,
        facts: &[Fact],
    ) -> Result<DeployReport> {
        let place = |said: &DbError| self.progress.place(said);
        session.hear(Some(said.located(&place)), self.deploy(facts).boxed()).await
    }

    pub(crate) async fn deploy(&self, facts: &[Fact]) -> Result<DeployReport> {
        self.refuse(facts)?;
        let visited = walk(facts);
        let mut pass = FactsPass::begin(self, facts, &visited, Purpose::Deploy).await?;
        for visited in &visited {
            pass.fact(visited).await.map_err(|error| visited.explain("deploying", error))?;
        }
        pass.flush().await?;
        let FactsPass { mut deployed, copied, .. } = pass;
        if !deployed.is_empty() {
            self.options.tell(&Event::Verifying { what: self.what.to_owned() });
            // A fact may have set it.
            deployed.path = self.check(facts, copied, &deployed.after).await?;
        }
        Ok(deployed)
    }

    /// Checks that the facts hold, and writes nothing. All that don't are reported at once.
    pub(crate) async fn verify(&self, facts: &[Fact]) -> Result<()> {
        self.refuse(facts)?;
        self.check(facts, BTreeSet::new(), &[]).await.map(drop)
    }

    /// Checks that they hold; the search path with which they do.
    async fn check(
        &self,
        facts: &[Fact],
        copied: BTreeSet<(String, u32, QualifiedName)>,
        after: &[PlannedChange],
    ) -> Result<String> {
        let visited = walk(facts);
        let mut pass = FactsPass::begin(self, facts, &visited, Purpose::Verify).await?;
        pass.copied = copied;
        let mut problems = Vec::new();
        for visited in &visited {
            let checked = pass.fact(visited).await;
            let broken = pass.planner.take_changes();
            let late = pass.planner.take_after();
            let late = late.into_iter().filter(|change| !after.iter().any(|known| known.sql == change.sql));
            let broken: Vec<PlannedChange> = broken.into_iter().chain(late).collect();
            pass.deviates.extend(broken.iter().filter_map(PlannedChange::table));
            let reported = match checked {
                Err(error) => Some(error),
                Ok(()) => deviation(&broken, visited),
            };
            problems.extend(reported.map(|error| visited.explain(Purpose::Verify.doing(), error)));
        }
        Error::all(problems).map_or(Ok(pass.path), Err)
    }
}

/// What a fact that doesn't hold comes to.
pub(crate) fn deviation(broken: &[PlannedChange], visited: &NestedFact<'_>) -> Option<Error> {
    let first = broken.first()?;
    let fact = visited.fact;
    let message = format!("the {} fact does not hold: {first}", fact.claim.kind());
    let error = Error::new(ErrorKind::Drift, message).at(fact.place.clone());
    let sql: Vec<&str> = broken.iter().map(|change| change.sql.as_str()).collect();
    Some(
        error
            .note(format!("this would fix it:\n{}", sql.join(";\n")))
            .help("deploy the facts, or undo the change"),
    )
}
