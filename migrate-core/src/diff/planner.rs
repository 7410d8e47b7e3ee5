use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::lookup::Names;
use super::outline::Outline;
use super::{Action, Answer, Change, Hazard, Question, Stop};
use crate::catalog::{Catalog, Name, Oid};
use crate::facts::{Claim, Fact};
use crate::{Error, ErrorKind, Place};

/// Applies facts, one after another, to a catalog, and notes the changes that make them true.
#[derive(Clone)]
pub struct Planner {
    pub(super) catalog: Catalog,
    pub(super) schema: String,
    pub(super) outline: Outline,
    pub(super) names: Names,
    /// Tables that are to be made, and are not yet: they are made whole, when the changes are taken.
    pub(super) fresh: BTreeSet<Oid>,
    /// Enum types that are made just before the fresh table that uses them.
    pub(super) fresh_types: BTreeSet<Oid>,
    pending: Vec<Pending>,
    after: Vec<Change>,
    answers: HashMap<Question, Answer>,
    foreseen: HashMap<Question, Answer>,
    /// Of the facts before the next rows or SQL.
    pub(super) ahead: HashMap<Question, Answer>,
    next: Oid,
    pub(super) cause: (&'static str, Place),
    verifying: bool,
    apart: bool,
    /// The caller's search path, where `pg_catalog` does not come first in it.
    pub(super) path: Option<String>,
    outdated: bool,
    /// Whether names were changed since the catalog was inspected.
    renamed: bool,
    created: Vec<Name>,
}

/// What is to be done: a change, or a table that is made as the catalog has it by then.
#[derive(Clone)]
pub(super) enum Pending {
    Change(Change),
    Table { oid: Oid, fact: &'static str, place: Place },
}

/// What a planner says about a fact.
#[derive(Debug)]
pub enum Next {
    /// The fact holds once the pending changes are made.
    Done,
    /// The fact waits for an answer.
    Ask(Question),
}

/// Where the numbers of objects begin that are not made yet: the server counts from below.
pub(super) const FIRST: Oid = 0xF000_0000;

/// How many questions are asked together.
const MOST_AHEAD: usize = 1000;

impl Planner {
    /// A planner for these facts. `schema` is where names without a schema live.
    pub fn new(catalog: Catalog, schema: &str, facts: &[Fact]) -> Planner {
        let mut planner = Planner {
            catalog,
            schema: schema.to_owned(),
            outline: Outline::of(facts, schema),
            names: Names::default(),
            fresh: BTreeSet::new(),
            fresh_types: BTreeSet::new(),
            pending: Vec::new(),
            after: Vec::new(),
            answers: HashMap::new(),
            foreseen: HashMap::new(),
            ahead: HashMap::new(),
            next: FIRST,
            cause: ("table", Place::file("")),
            verifying: false,
            apart: false,
            path: None,
            outdated: false,
            renamed: false,
            created: Vec::new(),
        };
        planner.names = Names::of(&planner.catalog);
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
        self.names = Names::of(&self.catalog);
    }

    /// Makes one fact true, those inside it and behind an include left out.
    ///
    /// # Errors
    ///
    /// The fact can't be made true, or only by losing what it doesn't say may be lost.
    pub fn apply(&mut self, fact: &Fact) -> Result<Next, Error> {
        self.cause = (fact.claim.kind(), fact.place.clone());
        match self.claim(&fact.claim) {
            Ok(()) => {
                self.answers.clear();
                Ok(Next::Done)
            }
            Err(Stop::Ask(question)) => Ok(Next::Ask(question)),
            Err(Stop::Fail(error)) => Err(*error),
        }
    }

    /// Answers a question of the fact that is being applied; apply it again then.
    pub fn answer(&mut self, question: Question, answer: Answer) {
        if matches!(question, Question::Value(_)) {
            // The next fact may ask the same.
            self.answer_next(question.clone(), answer.clone());
        }
        self.answers.insert(question, answer);
    }

    /// What the facts will ask on a database that they hold in already: to be asked at once, rather than one by one.
    pub fn foresee(&self, facts: &[Fact]) -> Vec<Question> {
        let mut questions = Vec::new();
        for fact in facts {
            let inner = match &fact.claim {
                Claim::Table(table) => self.foresee(&table.with),
                Claim::Include(include) => self.foresee(include.facts.as_deref().unwrap_or_default()),
                Claim::Column(column) => self.default_question(column).into_iter().collect(),
                _ => continue,
            };
            questions.extend(inner);
        }
        questions
    }

    /// What these facts, which come next, will ask, as far as neither rows nor SQL come in between and what is planned
    /// until then does not matter to it. Nothing may be pending.
    pub fn look_ahead<'f>(&self, facts: impl IntoIterator<Item = &'f Fact>) -> Vec<Question> {
        let (mut planner, mut questions) = (self.clone(), Vec::new());
        for fact in facts {
            if matches!(fact.claim, Claim::Data(_) | Claim::Sql(_)) || questions.len() >= MOST_AHEAD {
                break;
            }
            let known = planner.pending.len();
            let next = planner.apply(fact);
            let new = planner.pending.get(known..).unwrap_or_default();
            let moved = new.iter().any(|one| match one {
                Pending::Change(change) => matches!(change.action, Action::Rename | Action::Drop),
                Pending::Table { .. } => false,
            });
            match next {
                // What was begun of it would be in the way.
                Ok(Next::Ask(_)) | Err(_) if !new.is_empty() => break,
                Ok(Next::Ask(Question::Made)) | Err(_) => {}
                Ok(Next::Ask(Question::Printed { .. })) if known > 0 => {}
                Ok(Next::Ask(question)) => questions.push(question),
                Ok(Next::Done) if moved && !self.verifying => break,
                Ok(Next::Done) => {}
            }
            // When verifying, nothing of it will be made.
            if self.verifying {
                planner.pending.clear();
            }
        }
        questions
    }

    /// Answers a question that [`Planner::look_ahead`] found. A refusal says nothing yet.
    pub fn answer_next(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.ahead.insert(question, answer);
        }
    }

    /// Answers a question ahead of the fact that will ask it. A refusal says nothing yet: what a fact needs may be made
    /// by one before it.
    pub fn answer_ahead(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.foreseen.insert(question, answer);
        }
    }

    /// Whether changes are pending.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes the changes that are pending, in the order in which they are to be made.
    pub fn take(&mut self) -> Vec<Change> {
        let pending = std::mem::take(&mut self.pending);
        let mut late = Vec::new();
        let mut changes = Vec::with_capacity(pending.len());
        let order: BTreeMap<Oid, usize> = pending
            .iter()
            .enumerate()
            .filter_map(|(at, one)| match one {
                Pending::Table { oid, .. } => Some((*oid, at)),
                Pending::Change(_) => None,
            })
            .collect();
        for one in pending {
            match one {
                Pending::Change(change) => changes.push(change),
                Pending::Table { oid, fact, place } => {
                    let (sql, links) = self.whole_table(oid, &order);
                    let object = self.object(oid);
                    let change = |object: String, sql| Change {
                        action: Action::Create,
                        object,
                        sql,
                        hazards: Vec::new(),
                        fact,
                        place: place.clone(),
                    };
                    late.extend(links.into_iter().map(|(name, sql)| change(format!("{object}.{name}"), sql)));
                    changes.push(change(object, sql));
                }
            }
        }
        let created = self.fresh.iter().filter_map(|oid| self.catalog.tables.get(oid));
        self.created.extend(created.map(|table| table.name.clone()));
        self.fresh.clear();
        self.fresh_types.clear();
        changes.extend(late);
        // A table is made where its first fact stands, and whole: what facts after that one bring may be needed.
        changes.sort_by_key(|change| !change.is_needed_early());
        changes
    }

    /// The tables of the changes that were taken last: they are new, and hold no rows.
    pub fn created(&mut self) -> Vec<Name> {
        std::mem::take(&mut self.created)
    }

    /// Whether the pending changes do more than the planner can foresee: look at the database once they are made.
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Notes a change that has the server print things anew, or that gives them other numbers.
    pub(super) fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Has what is renamed made first, and looked at again: in what the server printed, it has its former name.
    pub(super) fn printed_anew(&mut self) -> Result<(), Stop> {
        match self.renamed && !self.verifying {
            true => {
                self.outdate();
                Err(Stop::Ask(Question::Made))
            }
            false => Ok(()),
        }
    }

    /// Takes what is to be done after the transaction, outside of one: indexes that are built and constraints that
    /// are validated while writers go on.
    pub fn take_after(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.after)
    }

    fn claim(&mut self, claim: &Claim) -> Result<(), Stop> {
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

    pub(super) fn fresh_oid(&mut self) -> Oid {
        self.next += 1;
        self.next
    }

    pub(super) fn is_apart(&self) -> bool {
        self.apart
    }

    pub(super) fn is_verifying(&self) -> bool {
        self.verifying
    }

    /// The answer to a question, which stops the fact where there is none yet.
    pub(super) fn ask(&self, question: Question) -> Result<&Answer, Stop> {
        let known =
            [&self.answers, &self.ahead, &self.foreseen].into_iter().find_map(|all| all.get(&question));
        known.ok_or(Stop::Ask(question))
    }

    /// A number that a query gives; one that the server refuses fails the fact.
    ///
    /// Numbers are asked for what a change would lose: verifying makes none.
    pub(super) fn number(&self, sql: String) -> Result<u64, Stop> {
        self.counted(Question::Value(sql))
    }

    fn counted(&self, question: Question) -> Result<u64, Stop> {
        if self.verifying {
            return Ok(0);
        }
        match self.ask(question)? {
            Answer::Value(Some(number)) => Ok(number.parse().unwrap_or(u64::MAX)),
            Answer::Value(None) | Answer::Unknown => Ok(0),
            Answer::Refused(reason) => Err(self.problem(ErrorKind::Sql, reason.clone()).into()),
        }
    }

    /// How many rows of a table a change would lose: once nobody can write to it any more, and of all rows, whatever
    /// row security lets this role see.
    pub(super) fn locked_number(&self, oid: Oid, counted: &str, condition: &str) -> Result<u64, Stop> {
        // What this deployment made, nobody else can see.
        if oid >= FIRST {
            return Ok(0);
        }
        let table = super::edit::qualified(&self.at(oid)?.name);
        let query = format!("SELECT pg_catalog.count({counted})::pg_catalog.text FROM {table}{condition}");
        self.counted(Question::Locked { table, query })
    }

    /// A problem with the fact that is being applied.
    pub(super) fn problem(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(self.cause.1.clone())
    }

    /// Notes a change.
    pub(super) fn push(&mut self, action: Action, object: String, sql: String, hazards: &[Hazard]) {
        self.renamed |= action == Action::Rename;
        let (fact, place) = self.cause.clone();
        let change = Change { action, object, sql, hazards: hazards.to_vec(), fact, place };
        self.pending.push(Pending::Change(change));
    }

    /// Notes a change for after the transaction.
    pub(super) fn push_after(&mut self, action: Action, object: String, sql: String, hazards: &[Hazard]) {
        let (fact, place) = self.cause.clone();
        self.after.push(Change { action, object, sql, hazards: hazards.to_vec(), fact, place });
    }

    /// Notes that a table is to be made.
    pub(super) fn push_table(&mut self, oid: Oid) {
        let (fact, place) = self.cause.clone();
        self.fresh.insert(oid);
        self.pending.push(Pending::Table { oid, fact, place });
    }

    /// Has everything made that is pending, where the table itself is: renaming it, say, needs that it is there.
    pub(super) fn made(&self, oid: Oid) -> Result<(), Stop> {
        match self.fresh.contains(&oid) {
            true => Err(Stop::Ask(Question::Made)),
            false => Ok(()),
        }
    }
}
