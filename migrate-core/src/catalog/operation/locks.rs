use std::collections::BTreeMap;

use super::graph::{Graph, is_view};
use super::node::Node;
use super::operation::{Action, LockMode, TableLock};
use super::step::{Phase, Step};
use super::transition::Transition;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::ddl::partition;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::types::TypeKind;

impl<'a> Transition<'a> {
    /// The locks that a step takes on tables that were there before (PostgreSQL manual, 13.3 and ALTER TABLE), with those of
    /// the steps that it does besides.
    pub(super) fn locks(
        &self,
        step: Step<'a>,
        carried: &[Step<'a>],
        action: Action,
        statements: &[String],
    ) -> Vec<TableLock> {
        if action == Action::Grant {
            return Vec::new();
        }
        let mut locks: BTreeMap<&QualifiedName, LockMode> = BTreeMap::new();
        let mode = self.mode(step, action, statements);
        let only_own = statements.iter().all(|it| it.contains(" ONLY "));
        self.lock_tables(step, mode, only_own, &mut locks);
        let joins = |node: Node<'a>| self.is_foreign_key(node) || matches!(node, Node::Partition(_));
        for other in carried.iter().filter(|it| action != Action::Comment && joins(it.1)) {
            self.lock_tables(*other, mode, false, &mut locks);
        }
        let locks = locks.into_iter().filter(|(table, _)| self.from.tables.contains_key(table));
        locks.map(|(table, mode)| TableLock { table: table.clone(), mode }).collect()
    }

    fn mode(&self, step: Step<'a>, action: Action, statements: &[String]) -> LockMode {
        let (phase, node) = step;
        match (action, phase, node) {
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
        }
    }

    fn lock_tables(
        &self,
        step: Step<'a>,
        mode: LockMode,
        only_own: bool,
        locks: &mut BTreeMap<&'a QualifiedName, LockMode>,
    ) {
        let (phase, node) = step;
        let mut lock = |table: &'a QualifiedName, mode: LockMode| {
            let known = locks.entry(table).or_insert(mode);
            *known = mode.max(*known);
        };
        let graph = if phase == Phase::Drop { &self.from } else { &self.to };
        // Attaching an index locks indexes.
        if let Some(table) = node.table().filter(|_| !matches!(node, Node::IndexPart(..))) {
            lock(table, mode);
            let whole =
                matches!(node, Node::Column(..) | Node::Constraint(..) | Node::Index(..) | Node::Trigger(..));
            let below = self.from.descendants(table).into_iter().filter(|_| whole && !only_own);
            below.for_each(|table| lock(table, mode));
        }
        match node {
            Node::Statistics(name) => {
                let table = graph.statistics.get(name).and_then(|it| graph.name_of(it.table));
                table.into_iter().for_each(|table| lock(table, LockMode::ShareUpdateExclusive));
            }
            Node::Published(..) => {
                let tables = graph.needs_of(node).filter_map(Node::table);
                tables.for_each(|table| lock(table, LockMode::ShareUpdateExclusive));
            }
            Node::Parent(_, parent) => lock(parent, LockMode::ShareUpdateExclusive),
            Node::Partition(table) => {
                let ancestors = graph.ancestors(table);
                let Some(partitioned) = ancestors.first() else { return };
                let above = if phase == Phase::Drop { mode } else { LockMode::ShareUpdateExclusive };
                lock(partitioned, above);
                self.from.default_partition(partitioned).into_iter().for_each(|it| lock(it, mode));
                let all = std::iter::once(table).chain(ancestors);
                all.flat_map(|it| graph.references(it)).for_each(|it| lock(it, mode));
            }
            // The columns hold text while a range is replaced.
            Node::Type(name) if phase == Phase::Aside && self.from.is_range(name) => {
                self.from.stored_in(node).into_iter().for_each(|it| lock(it, mode));
            }
            // The values of a domain are checked.
            Node::Type(name) if phase == Phase::Alter && mode == LockMode::AccessExclusive => {
                let tables = self.from.stored_in(node).into_iter().filter(|_| self.from.is_domain(name));
                tables.for_each(|it| lock(it, LockMode::Share));
            }
            Node::DomainCheck(domain, _) if phase != Phase::Drop => {
                let tables = self.from.stored_in(Node::Type(domain));
                tables.into_iter().for_each(|it| lock(it, LockMode::Share));
            }
            Node::Constraint(table, name) => {
                let constraint = graph.table(table).and_then(|table| table.constraints.get(name));
                if let Some(ConstraintKind::Foreign(reference)) = constraint.map(|it| &it.kind)
                    && let Some(other) = graph.name_of(reference.table)
                {
                    lock(other, mode);
                    self.from.descendants(other).into_iter().for_each(|table| lock(table, mode));
                }
            }
            _ => {}
        }
    }
}

impl<'a> Graph<'a> {
    /// The tables that inherit from a table, and its partitions, at any depth.
    pub(super) fn descendants(&self, table: &QualifiedName) -> Vec<&'a QualifiedName> {
        let (mut found, mut next) = (Vec::new(), vec![table]);
        while let Some(above) = next.pop() {
            let Some((name, _)) = self.tables.get_key_value(above) else { continue };
            let joins = self.users_of(Node::Table(name)).filter_map(|user| match user {
                Node::Partition(child) => Some(child),
                Node::Parent(child, _) => Some(child),
                _ => None,
            });
            let below: Vec<&'a QualifiedName> =
                joins.filter(|child| *child != above && !found.contains(child)).collect();
            next.extend(below.iter().copied());
            found.extend(below);
        }
        found
    }

    /// The partitioned tables above a partition, the next one first.
    fn ancestors(&self, table: &QualifiedName) -> Vec<&'a QualifiedName> {
        let above = |name: &QualifiedName| self.name_of(partition(self.table(name)?)?.of);
        std::iter::successors(above(table), |name| above(name)).collect()
    }

    fn default_partition(&self, table: &QualifiedName) -> Option<&'a QualifiedName> {
        let (name, _) = self.tables.get_key_value(table)?;
        self.users_of(Node::Table(name)).find_map(|user| match user {
            Node::Partition(child) => {
                let partition = partition(self.table(child)?)?;
                (partition.bound == "DEFAULT").then_some(child)
            }
            _ => None,
        })
    }

    fn is_range(&self, name: &QualifiedName) -> bool {
        self.types.get(name).is_some_and(|it| matches!(it.kind, TypeKind::Range(_)))
    }

    fn is_domain(&self, name: &QualifiedName) -> bool {
        self.types.get(name).is_some_and(|it| matches!(it.kind, TypeKind::Domain { .. }))
    }

    /// The tables with columns of a type, or of a type that is made of it.
    pub(super) fn stored_in(&self, node: Node<'a>) -> Vec<&'a QualifiedName> {
        let users = self.users_of(node).flat_map(|user| match user {
            Node::Column(table, _) => vec![table],
            Node::Type(_) => self.stored_in(user),
            _ => Vec::new(),
        });
        users.filter(|name| self.table(name).is_some_and(|it| !is_view(it))).collect()
    }

    /// The tables to which a table's foreign keys refer, and those whose keys refer to it.
    fn references(&self, table: &'a QualifiedName) -> Vec<&'a QualifiedName> {
        let own = self.table(table).into_iter().flat_map(|it| it.constraints.values());
        let to = own.filter_map(|it| match &it.kind {
            ConstraintKind::Foreign(reference) => self.name_of(reference.table),
            _ => None,
        });
        let by = self.users_of(Node::Table(table)).filter_map(|user| match user {
            Node::Constraint(other, _) => Some(other),
            _ => None,
        });
        to.chain(by).filter(|other| *other != table).collect()
    }
}

/// Whether a statement lets others read and write.
fn is_light(statement: &str) -> bool {
    [" VALIDATE CONSTRAINT ", " SET STATISTICS ", " CLUSTER ON "]
        .iter()
        .any(|words| statement.contains(words))
        && statement.starts_with("ALTER TABLE ")
}
