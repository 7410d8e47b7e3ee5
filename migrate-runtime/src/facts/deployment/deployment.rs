use embed_migrate_core::catalog::Catalog;
use embed_migrate_core::facts::{Fact, clashes, endings};
use embed_migrate_core::{Error, Result};
use tokio_postgres::Client;

use super::progress::Progress;
use super::purpose::Purpose;
use crate::facts::nested_facts::NestedFact;
use crate::inspect::inspection::inspect;
use crate::inspect::scope::Scope;
use crate::options::options::Options;
use crate::query::failure;
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
    /// Whether a program deploys its own facts while it boots.
    pub(crate) at_boot: bool,
    /// What commits the part that is made, as open, and begins again; if the caller allows it.
    pub(crate) between: Option<String>,
    /// What of the facts is being done.
    pub(crate) progress: Progress,
}

impl<'a> Deployment<'a> {
    /// A deployment on a primary, all within the caller's transaction.
    pub(crate) fn new(client: &'a Client, options: &'a Options, what: &'a str, schema: &'a str) -> Self {
        let progress = Progress::default();
        Deployment {
            client,
            options,
            what,
            schema,
            standby: false,
            apart: false,
            at_boot: false,
            between: None,
            progress,
        }
    }

    /// Refuses what the facts alone show to be wrong. Facts that were read were checked before, except for their
    /// schema.
    pub(super) fn refuse(&self, facts: &[Fact]) -> Result<()> {
        Error::all(endings(facts).into_iter().chain(clashes(facts, Some(self.schema)))).map_or(Ok(()), Err)
    }

    /// Refuses objects of untrusted roles that the facts name, or that the server evaluates with them; without facts, the schema.
    pub(crate) async fn refuse_untrusted(&self, visited: Option<&[NestedFact<'_>]>) -> Result<()> {
        let words: Option<Vec<String>> =
            visited.map(|visited| visited.iter().map(NestedFact::words).collect());
        let words = words.map(|words| words.join("\n"));
        let looked = self.client.simple_query(&facts::looking(self.options, words.as_deref())).await;
        let messages = looked.map_err(|error| failure::own("looking for untrusted owners", error))?;
        facts::refusal(&messages).map_or(Ok(()), Err)
    }

    pub(crate) async fn inspect(&self, purpose: Purpose) -> Result<Catalog> {
        let history = [self.options.history_schema.as_str()];
        let rows = purpose == Purpose::Deploy;
        let scope = Scope { leave_out: &history, rows, facts: true, within: true };
        inspect(self.client, &scope).await
    }
}
