use std::collections::BTreeMap;

use super::{Action, Change, Hazard, Planner};
use crate::Place;
use crate::catalog::{Name, Oid};

/// What is to be done: a change, or a table that is made as the catalog has it by then.
#[derive(Clone)]
pub(super) enum Pending {
    Change(Change),
    Table { oid: Oid, fact: &'static str, place: Place },
}

impl Planner {
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
                        rewritten: None,
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

    /// Takes what is to be done after the transaction, outside of one: indexes that are built and constraints that
    /// are validated while writers go on.
    pub fn take_after(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.after)
    }

    /// Notes a change.
    pub(super) fn push(&mut self, action: Action, object: String, sql: String, hazards: &[Hazard]) {
        self.renamed |= action == Action::Rename;
        let (fact, place) = self.cause.clone();
        let change = Change { action, object, sql, hazards: hazards.to_vec(), fact, place, rewritten: None };
        self.pending.push(Pending::Change(change));
    }

    /// Says of the change that was noted last that it stores a table anew.
    pub(super) fn rewrites(&mut self, oid: Oid) {
        let name = self.catalog.tables.get(&oid).map(|table| table.name.clone());
        if let Some(Pending::Change(change)) = self.pending.last_mut() {
            change.rewritten = name;
        }
    }

    /// Notes a change for after the transaction.
    pub(super) fn push_after(&mut self, action: Action, object: String, sql: String, hazards: &[Hazard]) {
        let (fact, place) = self.cause.clone();
        self.after.push(Change {
            action,
            object,
            sql,
            hazards: hazards.to_vec(),
            fact,
            place,
            rewritten: None,
        });
    }

    /// Notes that a table is to be made.
    pub(super) fn push_table(&mut self, oid: Oid) {
        let (fact, place) = self.cause.clone();
        self.fresh.insert(oid);
        self.pending.push(Pending::Table { oid, fact, place });
    }
}
