use std::collections::{BTreeSet, HashMap};

use super::change::PlannedChange;
use super::name_index::{FIRST_PLANNED, NameIndex};
use super::outline::FactOutline;
use super::pending_work::PendingWork;
use super::question::{Answer, Interruption, Question};
use crate::catalog::{Catalog, Oid, QualifiedName};
use crate::error::{Error, ErrorKind, Place};
use crate::facts::{Claim, Fact};

/// Applies facts, one after another, to a catalog, and records the changes that make them true.
#[derive(Clone)]
pub struct Planner {
    pub(crate) catalog: Catalog,
    pub(crate) schema: String,
    pub(crate) outline: FactOutline,
    pub(crate) names: NameIndex,
    /// Tables that are planned but not created yet: each is created whole when the changes are taken.
    pub(crate) new_tables: BTreeSet<Oid>,
    /// Enum types that are created just before the new table that uses them.
    pub(crate) new_types: BTreeSet<Oid>,
    pub(crate) pending: Vec<PendingWork>,
    pub(crate) after: Vec<PlannedChange>,
    pub(crate) answers: HashMap<Question, Answer>,
    pub(crate) foreseen: HashMap<Question, Answer>,
    /// Answers for the facts before the next rows or SQL.
    pub(crate) ahead: HashMap<Question, Answer>,
    next: Oid,
    pub(crate) cause: (&'static str, Place),
    verifying: bool,
    deferred_builds: bool,
    at_boot: bool,
    /// The caller's search path, if `pg_catalog` is not the first schema in it.
    pub(crate) path: Option<String>,
    outdated: bool,
    /// Whether objects were renamed since the catalog was inspected.
    pub(crate) renamed: bool,
    pub(crate) created: Vec<QualifiedName>,
}

/// The result of applying a fact.
#[derive(Debug)]
pub enum FactProgress {
    /// The fact holds after the pending changes.
    Done,
    /// The fact waits for an answer.
    Ask(Question),
}

impl Planner {
    /// A planner for these facts. `schema` is the schema of names without one.
    pub fn new(catalog: Catalog, schema: &str, facts: &[Fact]) -> Planner {
        let mut planner = Planner {
            catalog,
            schema: schema.to_owned(),
            outline: FactOutline::of(facts, schema),
            names: NameIndex::default(),
            new_tables: BTreeSet::new(),
            new_types: BTreeSet::new(),
            pending: Vec::new(),
            after: Vec::new(),
            answers: HashMap::new(),
            foreseen: HashMap::new(),
            ahead: HashMap::new(),
            next: FIRST_PLANNED,
            cause: ("table", Place::file("")),
            verifying: false,
            deferred_builds: false,
            at_boot: false,
            path: None,
            outdated: false,
            renamed: false,
            created: Vec::new(),
        };
        planner.names = NameIndex::of(&planner.catalog);
        planner
    }

    /// The same, for facts that should already hold: updates of recorded comments are no changes then.
    pub fn for_verification(mut self) -> Planner {
        self.verifying = true;
        self
    }

    /// The same, for a deployment that can build indexes and validate checks after its transaction, while writers
    /// continue.
    pub fn with_deferred_builds(mut self) -> Planner {
        self.deferred_builds = true;
        self
    }

    /// The same, while a program boots: a populated materialized view is built again only if its fact allows it.
    pub fn at_boot(mut self) -> Planner {
        self.at_boot = true;
        self
    }

    /// The same, for a session whose search path has other schemas before `pg_catalog`: the plan still uses the
    /// server's own types, functions and operators.
    pub fn with_search_path(mut self, path: Option<String>) -> Planner {
        self.path = path;
        self
    }

    /// The database as it will be after the pending changes.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Starts again from the current contents of the database. Nothing may be pending.
    pub fn refresh(&mut self, catalog: Catalog) {
        self.catalog = catalog;
        (self.outdated, self.renamed) = (false, false);
        self.ahead.clear();
        self.new_tables.clear();
        self.new_types.clear();
        self.names = NameIndex::of(&self.catalog);
    }

    /// Makes one fact true, without the facts inside it or in an included file.
    ///
    /// # Errors
    ///
    /// The fact can't be made true, or only with a loss that the fact does not allow.
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

    /// Whether the pending changes have effects that the planner can't predict: the database must be inspected after
    /// them.
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Records that a change makes the server print objects in another way, or gives them other numbers.
    pub(crate) fn mark_outdated(&mut self) {
        self.outdated = true;
    }

    /// Interrupts until pending renames are made and the catalog is inspected again, because printed definitions
    /// contain the former names.
    pub(crate) fn require_renamed(&mut self) -> Result<(), Interruption> {
        match self.renamed && !self.verifying {
            true => {
                self.mark_outdated();
                Err(Interruption::Ask(Question::MakeFirst))
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
            Claim::Key(key) => self.key_fact(key),
            Claim::ForeignKey(key) => self.foreign_key_fact(key),
            Claim::Exclude(exclude) => self.exclude_fact(exclude),
            Claim::Policy(policy) => self.policy(policy),
            Claim::Partition(partition) => self.partition(partition),
            Claim::Grant(grant) => self.grant(grant),
            // The driver handles these: they read and write rows.
            Claim::Data(_) | Claim::Sql(_) | Claim::Include(_) => Ok(()),
        }
    }

    pub(crate) fn planned_oid(&mut self) -> Oid {
        self.next += 1;
        self.next
    }

    pub(crate) fn defers_builds(&self) -> bool {
        self.deferred_builds
    }

    pub(crate) fn is_at_boot(&self) -> bool {
        self.at_boot
    }

    pub(crate) fn is_verifying(&self) -> bool {
        self.verifying
    }

    /// A problem with the fact that is being applied.
    pub(crate) fn problem(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(self.cause.1.clone())
    }

    /// Interrupts until the pending changes are made, if the table is among them: renaming it, for example, requires
    /// that it exists.
    pub(crate) fn require_created(&self, oid: Oid) -> Result<(), Interruption> {
        match self.new_tables.contains(&oid) {
            true => Err(Interruption::Ask(Question::MakeFirst)),
            false => Ok(()),
        }
    }
}
