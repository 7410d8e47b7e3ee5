use std::collections::BTreeMap;

use super::change::{ChangeAction, ChangeHazard, PlannedChange};
use super::pending_work::PendingWork;
use super::planner::Planner;
use crate::catalog::{Oid, QualifiedName};

impl Planner {
    /// Whether changes are pending.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes the pending changes, in the order in which they must run.
    pub fn take_changes(&mut self) -> Vec<PlannedChange> {
        let pending = std::mem::take(&mut self.pending);
        let mut late = Vec::new();
        let mut changes = Vec::with_capacity(pending.len());
        let order: BTreeMap<Oid, usize> = pending
            .iter()
            .enumerate()
            .filter_map(|(at, one)| match one {
                PendingWork::Table { oid, .. } => Some((*oid, at)),
                PendingWork::Change(_) => None,
            })
            .collect();
        for one in pending {
            match one {
                PendingWork::Change(change) => changes.push(change),
                PendingWork::Table { oid, fact, place } => {
                    let (sql, links) = self.create_table_sql(oid, &order);
                    let object = self.object_name(oid);
                    let change = |object: String, sql| PlannedChange {
                        action: ChangeAction::Create,
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
        let created = self.new_tables.iter().filter_map(|oid| self.catalog.tables.get(oid));
        self.created.extend(created.map(|table| table.name.clone()));
        self.new_tables.clear();
        self.new_types.clear();
        changes.extend(late);
        // A table is created whole at the place of its first fact, so it may need objects of later facts.
        changes.sort_by_key(|change| !change.is_needed_early());
        changes
    }

    /// The tables of the changes that were taken last; they are new and have no rows.
    pub fn take_created(&mut self) -> Vec<QualifiedName> {
        std::mem::take(&mut self.created)
    }

    /// Takes the changes that run after the transaction, outside of any: indexes that are built and constraints that
    /// are validated while writers continue.
    pub fn take_after(&mut self) -> Vec<PlannedChange> {
        std::mem::take(&mut self.after)
    }

    /// Records a change.
    pub(crate) fn push(
        &mut self,
        action: ChangeAction,
        object: String,
        sql: String,
        hazards: &[ChangeHazard],
    ) {
        self.renamed |= action == ChangeAction::Rename;
        let (fact, place) = self.cause.clone();
        let change =
            PlannedChange { action, object, sql, hazards: hazards.to_vec(), fact, place, rewritten: None };
        self.pending.push(PendingWork::Change(change));
    }

    /// Marks the last recorded change as one that rewrites a table.
    pub(crate) fn rewrites(&mut self, oid: Oid) {
        let name = self.catalog.tables.get(&oid).map(|table| table.name.clone());
        if let Some(PendingWork::Change(change)) = self.pending.last_mut() {
            change.rewritten = name;
        }
    }

    /// Records a change that runs after the transaction.
    pub(crate) fn push_after(
        &mut self,
        action: ChangeAction,
        object: String,
        sql: String,
        hazards: &[ChangeHazard],
    ) {
        let (fact, place) = self.cause.clone();
        self.after.push(PlannedChange {
            action,
            object,
            sql,
            hazards: hazards.to_vec(),
            fact,
            place,
            rewritten: None,
        });
    }

    /// Records that a table will be created.
    pub(crate) fn push_table(&mut self, oid: Oid) {
        let (fact, place) = self.cause.clone();
        self.new_tables.insert(oid);
        self.pending.push(PendingWork::Table { oid, fact, place });
    }
}
