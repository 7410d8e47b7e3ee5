use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::outline::Outline;
use super::{Action, Answer, Change, Hazard, Question, Stop};
use crate::catalog::{Catalog, ConstraintKind, Name, Oid, Relation, Rows, Table};
use crate::facts::{Claim, Fact, TableName};
use crate::{Error, ErrorKind, Place};

/// Applies facts, one after another, to a catalog, and notes the changes that make them true.
pub struct Planner {
    pub(super) catalog: Catalog,
    pub(super) schema: String,
    pub(super) outline: Outline,
    pub(super) names: HashMap<Name, Oid>,
    /// Tables that are to be made, and are not yet: they are made whole, when the changes are taken.
    pub(super) fresh: BTreeSet<Oid>,
    /// Enum types that are made just before the fresh table that uses them.
    pub(super) fresh_types: BTreeSet<Oid>,
    pending: Vec<Pending>,
    after: Vec<Change>,
    answers: HashMap<Question, Answer>,
    foreseen: HashMap<Question, Answer>,
    next: Oid,
    cause: (&'static str, Place),
    verifying: bool,
    apart: bool,
    outdated: bool,
    created: Vec<Name>,
}

/// What is to be done: a change, or a table that is made as the catalog has it by then.
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
const FIRST: Oid = 0xF000_0000;

impl Planner {
    /// A planner for these facts. `schema` is where names without a schema live.
    pub fn new(catalog: Catalog, schema: &str, facts: &[Fact]) -> Planner {
        let mut planner = Planner {
            catalog,
            schema: schema.to_owned(),
            outline: Outline::of(facts, schema),
            names: HashMap::new(),
            fresh: BTreeSet::new(),
            fresh_types: BTreeSet::new(),
            pending: Vec::new(),
            after: Vec::new(),
            answers: HashMap::new(),
            foreseen: HashMap::new(),
            next: FIRST,
            cause: ("table", Place::file("")),
            verifying: false,
            apart: false,
            outdated: false,
            created: Vec::new(),
        };
        planner.index();
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

    /// The database as it is once the pending changes are made.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Starts again from what the database contains now. Nothing may be pending.
    pub fn refresh(&mut self, catalog: Catalog) {
        self.catalog = catalog;
        self.outdated = false;
        self.fresh.clear();
        self.fresh_types.clear();
        self.index();
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

    /// Whether a table, or one that its rows link to, is among these, which are named `schema.table`.
    pub fn reaches(&self, name: &Name, tables: &BTreeSet<String>) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<Oid> = self.find(name).into_iter().collect();
        while let Some(oid) = waiting.pop() {
            let Some(table) = self.catalog.tables.get(&oid).filter(|_| seen.insert(oid)) else { continue };
            if tables.contains(&format!("{}.{}", table.name.schema, table.name.name)) {
                return true;
            }
            waiting.extend(table.constraints.values().filter_map(|constraint| match &constraint.kind {
                ConstraintKind::Foreign(reference) => Some(reference.table),
                _ => None,
            }));
        }
        false
    }

    /// Whether the pending changes do more than the planner can foresee: look at the database once they are made.
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Notes a change that has the server print things anew, or that gives them other numbers.
    pub(super) fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Notes that a table holds rows now.
    pub fn filled(&mut self, name: &Name) {
        if let Some(table) = self.find(name).and_then(|oid| self.catalog.tables.get_mut(&oid)) {
            table.rows = Rows::Perhaps;
        }
    }

    /// The name that a label's table has.
    pub fn table_name(&self, table: &TableName) -> Name {
        self.name(table)
    }

    /// The table that a fact is about.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn known_table(&mut self, fact: &Fact, table: &TableName) -> Result<Oid, Error> {
        self.cause = (fact.claim.kind(), fact.place.clone());
        self.known(table).map_err(|stop| match stop {
            Stop::Fail(error) => *error,
            Stop::Ask(_) => self.problem(ErrorKind::Missing, format!("table `{table}` is not there yet")),
        })
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

    fn index(&mut self) {
        self.names = self.catalog.tables.iter().map(|(oid, table)| (table.name.clone(), *oid)).collect();
    }

    pub(super) fn fresh_oid(&mut self) -> Oid {
        self.next += 1;
        self.next
    }

    pub(super) fn is_apart(&self) -> bool {
        self.apart
    }

    /// The views that depend on a view, each after those that it depends on.
    pub(super) fn dependants(&self, oid: Oid) -> Result<Vec<Oid>, Stop> {
        let name = self.at(oid)?.name.clone();
        let names = |table: &Table| match &table.relation {
            Relation::View { query } | Relation::Materialized { query, .. } => mentions(query, &name),
            _ => false,
        };
        let direct: Vec<Oid> = self
            .catalog
            .tables
            .iter()
            .filter(|(other, table)| **other != oid && names(table))
            .map(|(oid, _)| *oid)
            .collect();
        let mut all: Vec<Oid> = Vec::new();
        for one in direct {
            for oid in std::iter::once(one).chain(self.dependants(one)?) {
                all.retain(|known| *known != oid);
                all.push(oid);
            }
        }
        Ok(all)
    }

    pub(super) fn is_verifying(&self) -> bool {
        self.verifying
    }

    /// The answer to a question, which stops the fact where there is none yet.
    pub(super) fn ask(&self, question: Question) -> Result<&Answer, Stop> {
        // The look-up borrows the question, so that it can be handed on.
        let known = |answers: &HashMap<Question, Answer>| answers.contains_key(&question);
        let answers = match (known(&self.answers), known(&self.foreseen)) {
            (true, _) => &self.answers,
            (false, true) => &self.foreseen,
            (false, false) => return Err(Stop::Ask(question)),
        };
        Ok(answers.get(&question).unwrap_or(&Answer::Unknown))
    }

    /// A number that a query gives; one that the server refuses fails the fact.
    ///
    /// Numbers are asked for what a change would lose: verifying makes none.
    pub(super) fn number(&self, sql: String) -> Result<u64, Stop> {
        if self.verifying {
            return Ok(0);
        }
        match self.ask(Question::Value(sql))? {
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
        self.number(format!(
            "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SET LOCAL row_security = off; \
             SELECT pg_catalog.count({counted})::pg_catalog.text FROM {table}{condition}; RESET row_security"
        ))
    }

    /// Where a fact of this name lives.
    pub(super) fn name(&self, table: &TableName) -> Name {
        self.outline.name(table)
    }

    pub(super) fn find(&self, name: &Name) -> Option<Oid> {
        self.names.get(name).copied()
    }

    /// The table of a label.
    pub(super) fn known(&self, table: &TableName) -> Result<Oid, Stop> {
        let name = self.name(table);
        self.find(&name).ok_or_else(|| {
            let near = if self.outline.tables.contains(&name) {
                "its fact comes later in the list: move it before this one".to_owned()
            } else {
                format!("declare it before this fact: `- table: {}`", spoken(table))
            };
            self.problem(ErrorKind::Missing, format!("there is no table `{}`", spoken(table)))
                .help(near)
                .into()
        })
    }

    pub(super) fn at(&self, oid: Oid) -> Result<&Table, Stop> {
        self.catalog.tables.get(&oid).ok_or_else(|| self.vanished())
    }

    pub(super) fn at_mut(&mut self, oid: Oid) -> Result<&mut Table, Stop> {
        let vanished = self.vanished();
        self.catalog.tables.get_mut(&oid).ok_or(vanished)
    }

    fn vanished(&self) -> Stop {
        self.problem(ErrorKind::Missing, "a table is gone that was there a moment ago".to_owned()).into()
    }

    /// A problem with the fact that is being applied.
    pub(super) fn problem(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(self.cause.1.clone())
    }

    /// `schema.table`, for messages.
    pub(super) fn object(&self, oid: Oid) -> String {
        let name = self.catalog.tables.get(&oid).map(|table| &table.name);
        name.map(|name| format!("{}.{}", name.schema, name.name)).unwrap_or_default()
    }

    /// Notes a change.
    pub(super) fn push(&mut self, action: Action, object: String, sql: String, hazards: &[Hazard]) {
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

/// A table's label as a person writes it.
pub(super) fn spoken(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.label),
        None => table.label.clone(),
    }
}

/// Whether a view's query, as the server prints it with every name qualified, names a relation.
fn mentions(query: &str, name: &Name) -> bool {
    let forms = [
        format!("{}.{}", name.schema, name.name),
        format!("{}.\"{}\"", name.schema, name.name),
        format!("\"{}\".\"{}\"", name.schema, name.name),
    ];
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
    forms.iter().any(|form| {
        query.match_indices(form.as_str()).any(|(at, _)| {
            let before = query.get(..at).and_then(|text| text.chars().last());
            let after = query.get(at + form.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(word) && !after.is_some_and(word)
        })
    })
}
