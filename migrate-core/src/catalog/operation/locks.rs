use super::node::Node;
use super::operation::{Action, LockMode, TableLock};
use super::step::{Phase, Step};
use super::transition::Transition;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::namespace::QualifiedName;

impl<'a> Transition<'a> {
    /// The locks that a step takes on tables that were there before (PostgreSQL manual, 13.3 and ALTER TABLE).
    pub(super) fn locks(&self, step: Step<'a>, action: Action, statements: &[String]) -> Vec<TableLock> {
        let (phase, node) = step;
        let mut locks: Vec<TableLock> = Vec::new();
        let mut lock = |table: &QualifiedName, mode: LockMode| {
            if self.from.tables.contains_key(table) {
                locks.push(TableLock { table: table.clone(), mode });
            }
        };
        let mode = match (action, phase, node) {
            (Action::Grant, ..) => return locks,
            (Action::Comment, ..) => LockMode::ShareUpdateExclusive,
            (_, Phase::Create, Node::Index(..)) => LockMode::Share,
            (_, Phase::Create, Node::Trigger(..)) => LockMode::ShareRowExclusive,
            (_, Phase::Create, Node::Constraint(..)) if self.is_foreign_key(node) => {
                LockMode::ShareRowExclusive
            }
            (_, Phase::Create | Phase::Alter, Node::Cluster(_)) => LockMode::ShareUpdateExclusive,
            _ if !statements.is_empty() && statements.iter().all(|it| is_light(it)) => {
                LockMode::ShareUpdateExclusive
            }
            _ => LockMode::AccessExclusive,
        };
        if let Some(table) = node.table() {
            lock(table, mode);
        }
        match node {
            Node::Statistics(name) => {
                let table = self.to.statistics.get(name).and_then(|it| self.to.name_of(it.table));
                table.into_iter().for_each(|table| lock(table, LockMode::ShareUpdateExclusive));
            }
            Node::Published(..) => {
                let graph = if phase == Phase::Drop { &self.from } else { &self.to };
                let tables = graph.needs_of(node).filter_map(Node::table);
                tables.for_each(|table| lock(table, LockMode::ShareUpdateExclusive));
            }
            Node::Parent(_, parent) => lock(parent, LockMode::ShareUpdateExclusive),
            Node::Partition(_) => {
                let graph = if phase == Phase::Drop { &self.from } else { &self.to };
                let parents =
                    graph.needs_of(node).filter_map(Node::table).filter(|it| Some(*it) != node.table());
                let mode = match phase {
                    Phase::Drop => LockMode::AccessExclusive,
                    _ => LockMode::ShareUpdateExclusive,
                };
                parents.for_each(|table| lock(table, mode));
            }
            Node::Constraint(table, name) => {
                let graph = if phase == Phase::Drop { &self.from } else { &self.to };
                let constraint = graph.table(table).and_then(|table| table.constraints.get(name));
                if let Some(ConstraintKind::Foreign(reference)) = constraint.map(|it| &it.kind) {
                    graph.name_of(reference.table).into_iter().for_each(|table| lock(table, mode));
                }
            }
            _ => {}
        }
        locks.sort();
        locks.dedup();
        locks
    }
}

/// Whether a statement lets others read and write.
fn is_light(statement: &str) -> bool {
    [" VALIDATE CONSTRAINT ", " SET STATISTICS ", " CLUSTER ON "]
        .iter()
        .any(|words| statement.contains(words))
        && statement.starts_with("ALTER TABLE ")
}
