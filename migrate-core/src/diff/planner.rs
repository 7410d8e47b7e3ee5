use std::collections::{BTreeSet, HashMap};

use super::change::PlannedChange;
use super::name_index::{FIRST_PLANNED, NameIndex};
use super::outline::FactOutline;
use super::pending::PendingWork;
use super::question::{Answer, Interruption, Question};
use crate::catalog::{Catalog, Oid, QualifiedName};
use crate::error::{Error, ErrorKind, Place};
use crate::facts::{Claim, Fact};

/// Applies facts, one after another, to a catalog, and notes the changes that make them true.
#[derive(Clone)]
pub struct Planner {
    pub(crate) catalog: Catalog,
    pub(crate) schema: String,
    pub(crate) outline: FactOutline,
    pub(crate) names: NameIndex,
    /// Tables that are to be made, and are not yet: they are made whole, when the changes are taken.
    pub(crate) fresh: BTreeSet<Oid>,
    /// Enum types that are made just before the fresh table that uses them.
    pub(crate) fresh_types: BTreeSet<Oid>,
    pub(crate) pending: Vec<PendingWork>,
    pub(crate) after: Vec<PlannedChange>,
    pub(crate) answers: HashMap<Question, Answer>,
    pub(crate) foreseen: HashMap<Question, Answer>,
    /// Of the facts before the next rows or SQL.
    pub(crate) ahead: HashMap<Question, Answer>,
    next: Oid,
    pub(crate) cause: (&'static str, Place),
    verifying: bool,
    apart: bool,
    /// The caller's search path, where `pg_catalog` does not come first in it.
    pub(crate) path: Option<String>,
    outdated: bool,
    /// Whether names were changed since the catalog was inspected.
    pub(crate) renamed: bool,
    pub(crate) created: Vec<QualifiedName>,
}

/// What a planner says about a fact.
#[derive(Debug)]
pub enum FactProgress {
    /// The fact holds once the pending changes are made.
    Done,
    /// The fact waits for an answer.
    Ask(Question),
}

impl Planner {
    /// A planner for these facts. `schema` is where names without a schema live.
    pub fn new(catalog: Catalog, schema: &str, facts: &[Fact]) -> Planner {
        let mut planner = Planner {
            catalog,
            schema: schema.to_owned(),
            outline: FactOutline::of(facts, schema),
            names: NameIndex::default(),
            fresh: BTreeSet::new(),
            fresh_types: BTreeSet::new(),
            pending: Vec::new(),
            after: Vec::new(),
            answers: HashMap::new(),
            foreseen: HashMap::new(),
            ahead: HashMap::new(),
            next: FIRST_PLANNED,
            cause: ("table", Place::file("")),
            verifying: false,
            apart: false,
            path: None,
            outdated: false,
            renamed: false,
            created: Vec::new(),
        };
        planner.names = NameIndex::of(&planner.catalog);
        planner
    }

    /// The same, for facts that are to hold already: what only keeps notes up to date is no change then.
    pub fn verifying(mut self) -> Planner {
        self.verifying = true;
        self
    }

    /// The same, for a deployment after whose transaction indexes can be built and checks validated, while writers
    /// go on.
    pub fn apart(mut self) -> Planner {
        self.apart = true;
        self
    }

    /// The same for a session whose search path has other schemas before `pg_catalog`: what the plan says means the
    /// server's own types, functions and operators all the same.
    pub fn behind(mut self, path: Option<String>) -> Planner {
        self.path = path;
        self
    }

    /// The database as it is once the pending changes are made.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Starts again from what the database contains now. Nothing may be pending.
    pub fn refresh(&mut self, catalog: Catalog) {
        self.catalog = catalog;
        (self.outdated, self.renamed) = (false, false);
        self.ahead.clear();
        self.fresh.clear();
        self.fresh_types.clear();
        self.names = NameIndex::of(&self.catalog);
    }

    /// Makes one fact true, those inside it and behind an include left out.
    ///
    /// # Errors
    ///
    /// The fact can't be made true, or only by losing what it doesn't say may be lost.
    pub fn apply(&mut self, fact: &Fact) -> Result<FactProgress, Error> {
        self.cause = (fact.claim.kind(), fact.place.clone());
        match self.claim(&fact.claim) {
            Ok(()) => {
                self.answers.clear();
                Ok(FactProgress::Done)
            }
            Err(Interruption::Ask(question)) => Ok(FactProgress::Ask(question)),
            Err(Interruption::Fail(error)) => Err(*error),
        }
    }

    /// Whether the pending changes do more than the planner can foresee: look at the database once they are made.
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Notes a change that has the server print things anew, or that gives them other numbers.
    pub(crate) fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Has what is renamed made first, and looked at again: in what the server printed, it has its former name.
    pub(crate) fn printed_anew(&mut self) -> Result<(), Interruption> {
        match self.renamed && !self.verifying {
            true => {
                self.outdate();
                Err(Interruption::Ask(Question::Made))
            }
            false => Ok(()),
        }
    }

    fn claim(&mut self, claim: &Claim) -> Result<(), Interruption> {
        match claim {
            Claim::Table(table) => self.table(table),
            Claim::Column(column) => self.column(column),
            Claim::Link(link) => self.link(link),
            Claim::Identity(identity) => self.identity(identity),
            Claim::Alias(alias) => self.alias(alias),
            Claim::Schema(schema) => self.schema(schema),
            Claim::Extension(extension) => self.extension(extension),
            Claim::Index(index) => self.index_fact(index),
            Claim::Check(check) => self.check(check),
            Claim::View(view) => self.view(view),
            Claim::Function(function) => self.function(function),
            Claim::Trigger(trigger) => self.trigger(trigger),
            Claim::Grant(grant) => self.grant(grant),
            // These read and write rows: the driver's part.
            Claim::Data(_) | Claim::Sql(_) | Claim::Include(_) => Ok(()),
        }
    }

    pub(crate) fn fresh_oid(&mut self) -> Oid {
        self.next += 1;
        self.next
    }

    pub(crate) fn is_apart(&self) -> bool {
        self.apart
    }

    pub(crate) fn is_verifying(&self) -> bool {
        self.verifying
    }

    /// A problem with the fact that is being applied.
    pub(crate) fn problem(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(self.cause.1.clone())
    }

    /// Has everything made that is pending, where the table itself is: renaming it, say, needs that it is there.
    pub(crate) fn made(&self, oid: Oid) -> Result<(), Interruption> {
        match self.fresh.contains(&oid) {
            true => Err(Interruption::Ask(Question::Made)),
            false => Ok(()),
        }
    }
}
