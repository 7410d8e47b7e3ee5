use std::collections::BTreeSet;

use migrate_core::catalog::{Catalog, Name};
use migrate_core::diff::Change;
use migrate_core::facts::{Fact, clashes, endings};
use migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;

use super::pass::{Pass, Purpose};
use crate::facts::deployed::Deployed;
use crate::facts::walk::{Walked, walk};
use crate::inspect::inspection::inspect;
use crate::inspect::scope::Scope;
use crate::options::options::Options;
use crate::query::failure;
use crate::report::event::Event;
use crate::trust::facts;

/// Facts on their way into a database, inside a transaction that the caller has begun.
pub(crate) struct Deployment<'a> {
    pub(crate) client: &'a Client,
    pub(crate) options: &'a Options,
    /// The bundle's name, if they are a bundle's.
    pub(crate) what: &'a str,
    /// Where names without a schema live.
    pub(crate) schema: &'a str,
    /// Whether the server is read-only.
    pub(crate) standby: bool,
    /// Whether the caller does what is left for after the transaction.
    pub(crate) apart: bool,
}

impl Deployment<'_> {
    /// Makes the facts true, and verifies then that they are, where anything was to be done.
    pub(crate) async fn deploy(&self, facts: &[Fact]) -> Result<Deployed> {
        self.refuse(facts)?;
        let walked = walk(facts);
        let mut pass = Pass::begin(self, facts, &walked, Purpose::Deploy).await?;
        for walked in &walked {
            pass.fact(walked).await.map_err(|error| walked.explain("deploying", error))?;
        }
        pass.flush().await?;
        let Pass { mut deployed, copied, .. } = pass;
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

    /// Refuses what can be told from the facts alone; those that were read were asked before, but for their schema.
    fn refuse(&self, facts: &[Fact]) -> Result<()> {
        Error::all(endings(facts).into_iter().chain(clashes(facts, Some(self.schema)))).map_or(Ok(()), Err)
    }

    /// Refuses what strangers own of what facts name and what the server evaluates with it; without facts, the schema.
    pub(crate) async fn refuse_planted(&self, walked: Option<&[Walked<'_>]>) -> Result<()> {
        let words: Option<Vec<String>> = walked.map(|walked| walked.iter().map(Walked::words).collect());
        let words = words.map(|words| words.join("\n"));
        let looked = self.client.simple_query(&facts::looking(self.options, words.as_deref())).await;
        let messages = looked.map_err(|error| failure::own("looking who owns what facts use", error))?;
        facts::refusal(&messages).map_or(Ok(()), Err)
    }

    /// Checks that they hold; the search path with which they do.
    async fn check(
        &self,
        facts: &[Fact],
        copied: BTreeSet<(String, u32, Name)>,
        after: &[Change],
    ) -> Result<String> {
        let walked = walk(facts);
        let mut pass = Pass::begin(self, facts, &walked, Purpose::Verify).await?;
        pass.copied = copied;
        let mut problems = Vec::new();
        for walked in &walked {
            let checked = pass.fact(walked).await;
            let broken = pass.planner.take();
            let late = pass.planner.take_after();
            let late = late.into_iter().filter(|change| !after.iter().any(|known| known.sql == change.sql));
            let broken: Vec<Change> = broken.into_iter().chain(late).collect();
            pass.deviates.extend(broken.iter().filter_map(Change::table));
            let reported = match checked {
                Err(error) => Some(error),
                Ok(()) => deviation(&broken, walked),
            };
            problems.extend(reported.map(|error| walked.explain(Purpose::Verify.doing(), error)));
        }
        Error::all(problems).map_or(Ok(pass.path), Err)
    }

    pub(crate) async fn inspect(&self, purpose: Purpose) -> Result<Catalog> {
        let history = [self.options.schema.as_str()];
        let rows = purpose == Purpose::Deploy;
        let scope = Scope { leave_out: &history, rows, facts: true, within: true };
        inspect(self.client, &scope).await
    }
}

/// What a fact that doesn't hold comes to.
fn deviation(broken: &[Change], walked: &Walked<'_>) -> Option<Error> {
    let first = broken.first()?;
    let fact = walked.fact;
    let message = format!("the {} fact does not hold: {first}", fact.claim.kind());
    let error = Error::new(ErrorKind::Drift, message).at(fact.place.clone());
    let sql: Vec<&str> = broken.iter().map(|change| change.sql.as_str()).collect();
    Some(
        error
            .note(format!("this would mend it:\n{}", sql.join(";\n")))
            .help("deploy the facts, or take the change back"),
    )
}
