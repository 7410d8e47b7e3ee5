use std::collections::{BTreeSet, HashMap};

use super::graph::{Graph, is_generated, is_view, mentions};
use super::node::Node;
use super::options::PlanOptions;
use crate::catalog::catalog::Catalog;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::ddl::partition;
use crate::catalog::table::Relation;

/// Two catalogs, and what happens to each node on the way from one to the other.
pub(super) struct Transition<'a> {
    pub(super) from: Graph<'a>,
    pub(super) to: Graph<'a>,
    /// What happens to each node that does not stay as it is.
    pub(super) fates: HashMap<Node<'a>, Fate>,
    /// The columns that get another type.
    pub(super) retyped: BTreeSet<Node<'a>>,
    /// The types that get another name until the columns have the new type.
    pub(super) aside: BTreeSet<Node<'a>>,
}

/// What happens to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Drop,
    Create,
    Alter,
    /// It is dropped and created again.
    Replace,
}

impl Fate {
    pub(super) fn drops(self) -> bool {
        matches!(self, Fate::Drop | Fate::Replace)
    }

    pub(super) fn creates(self) -> bool {
        matches!(self, Fate::Create | Fate::Replace)
    }
}

impl<'a> Transition<'a> {
    pub(super) fn of(from: &'a Catalog, to: &'a Catalog, options: &PlanOptions) -> Transition<'a> {
        let script = |catalog: &'a Catalog| match options.access {
            true => catalog.ddl(),
            false => catalog.ddl().without_access(),
        };
        let mut transition = Transition {
            from: Graph::of(from, script(from)),
            to: Graph::of(to, script(to).beside(from)),
            fates: HashMap::new(),
            retyped: BTreeSet::new(),
            aside: BTreeSet::new(),
        };
        transition.match_nodes();
        transition.set_partitions_apart();
        transition
    }

    pub(super) fn fate(&self, node: Node<'a>) -> Option<Fate> {
        self.fates.get(&node).copied()
    }

    pub(super) fn drops(&self, node: Node<'a>) -> bool {
        self.fate(node).is_some_and(Fate::drops)
    }

    pub(super) fn creates(&self, node: Node<'a>) -> bool {
        self.fate(node).is_some_and(Fate::creates)
    }

    pub(super) fn alters(&self, node: Node<'a>) -> bool {
        self.fate(node) == Some(Fate::Alter)
    }

    /// Finds what differs, and follows it to what depends on it.
    fn match_nodes(&mut self) {
        let mut changed: Vec<Node<'a>> = Vec::new();
        let all: BTreeSet<Node<'a>> = self.from.nodes.union(&self.to.nodes).copied().collect();
        for node in all {
            let fate = match (self.from.nodes.contains(&node), self.to.nodes.contains(&node)) {
                (true, false) => Some(Fate::Drop),
                (false, true) => Some(Fate::Create),
                _ if self.must_replace(node) => Some(Fate::Replace),
                // The type of an inherited column changes with that of the column above it.
                _ => (self.has_other_type(node) || !self.alter(node).is_empty()).then_some(Fate::Alter),
            };
            if let Some(fate) = fate {
                self.fates.insert(node, fate);
                changed.push(node);
                if fate == Fate::Alter && self.has_other_type(node) {
                    self.retyped.insert(node);
                }
            }
        }
        while let Some(node) = changed.pop() {
            for dependent in self.disturbed(node) {
                changed.extend(self.disturb(node, dependent));
            }
        }
        self.set_parts_aside();
    }

    /// What a type that is set aside is made of is set aside too, if it is replaced: otherwise its DROP would take the columns
    /// along.
    fn set_parts_aside(&mut self) {
        let mut types: Vec<Node<'a>> = self.aside.iter().copied().collect();
        while let Some(node) = types.pop() {
            let parts = self.from.needs_of(node).filter(|it| matches!(it, Node::Type(_)));
            let parts: Vec<Node<'a>> = parts.filter(|it| self.fate(*it) == Some(Fate::Replace)).collect();
            types.extend(parts.into_iter().filter(|part| self.aside.insert(*part)));
        }
    }

    /// The nodes that cannot stay while a node is changed.
    fn disturbed(&self, node: Node<'a>) -> Vec<Node<'a>> {
        match self.fate(node) {
            Some(Fate::Drop | Fate::Replace) => {
                let mut all: Vec<Node<'a>> = self.from.users_of(node).collect();
                all.extend(self.disturbed_indexes(node));
                all
            }
            Some(Fate::Alter) if self.retyped.contains(&node) => {
                let users = self.from.users_of(node);
                users.filter(|user| self.is_bound_to_type(*user)).collect()
            }
            Some(Fate::Alter) => self.disturbed_by_alter(node),
            Some(Fate::Create) | None => Vec::new(),
        }
    }

    /// An index cannot be taken from that of the partitioned table, and is dropped with it.
    fn disturbed_indexes(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let Node::IndexPart(table, _) = node else { return Vec::new() };
        match self.drops(Node::Table(table)) || self.drops(Node::Partition(table)) {
            true => Vec::new(),
            false => self.from.needs_of(node).collect(),
        }
    }

    fn disturbed_by_alter(&self, node: Node<'a>) -> Vec<Node<'a>> {
        match node {
            // The columns of a typed table are those of its type.
            Node::Type(_) => {
                self.from.users_of(node).filter(|user| matches!(user, Node::OfType(_))).collect()
            }
            Node::Table(name) => {
                let unlogged = |graph: &Graph<'a>| graph.table(name).map(|table| table.unlogged);
                let moves = unlogged(&self.from) != unlogged(&self.to);
                let keys = |user: &Node<'a>| moves && self.is_foreign_key(*user);
                self.from.users_of(node).filter(keys).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether PostgreSQL refuses to change a column's type because of this, or changes this in its own way.
    fn is_bound_to_type(&self, user: Node<'a>) -> bool {
        match user {
            Node::Constraint(table, name) => {
                let constraint = self.from.table(table).and_then(|table| table.constraints.get(name));
                constraint
                    .is_some_and(|it| !matches!(it.kind, ConstraintKind::Primary | ConstraintKind::Unique))
            }
            Node::Index(table, name) => {
                let index = self.from.table(table).and_then(|table| table.indexes.get(name));
                index.is_some_and(|index| !index.plain)
            }
            Node::Sequence(_) | Node::OwnedBy(_) | Node::Cluster(_) | Node::ReplicaIdentity(_) => false,
            _ => true,
        }
    }

    /// Gives a node the fate that follows from that of a node that it needs; returns it if it changed.
    fn disturb(&mut self, cause: Node<'a>, node: Node<'a>) -> Option<Node<'a>> {
        if self.drops(node) || !self.to.nodes.contains(&node) {
            return None;
        }
        if let (Node::Type(_), Node::Column(table, name)) = (cause, node)
            && !self.from.column(table, name).is_some_and(|(_, column)| is_generated(column))
            && self.from.table(table).is_some_and(|table| !is_view(table))
        {
            // PostgreSQL can't change the type of a partition key.
            if self.is_in_partition_key(node) {
                self.fates.insert(Node::Table(table), Fate::Replace);
                return Some(Node::Table(table));
            }
            self.fates.insert(node, Fate::Alter);
            if self.to.nodes.contains(&cause) {
                self.aside.insert(cause);
            }
            return self.retyped.insert(node).then_some(node);
        }
        // A table that inherits from another stays without it.
        if let (Node::Table(_), Node::Table(name)) = (cause, node)
            && self.from.table(name).is_some_and(|table| matches!(table.relation, Relation::Table { .. }))
        {
            return None;
        }
        if let (Node::Schema(_), Node::Extension(_)) = (cause, node) {
            return None;
        }
        self.fates.insert(node, Fate::Replace);
        Some(node)
    }

    fn has_other_type(&self, node: Node<'a>) -> bool {
        let Node::Column(table, name) = node else { return false };
        let of = |graph: &Graph<'a>| {
            let is_view = graph.table(table).is_none_or(is_view);
            let column = graph.column(table, name).filter(|_| !is_view);
            column.map(|(_, column)| (column.kind.clone(), column.collation.clone()))
        };
        of(&self.from) != of(&self.to)
    }

    /// A partition of a table that was there before is attached when it has its indexes: otherwise PostgreSQL would create
    /// them under other names.
    fn set_partitions_apart(&mut self) {
        let tables = self.to.catalog().tables.iter();
        let apart = tables.filter(|(_, table)| {
            let parent = partition(table).and_then(|it| self.to.name_of(it.of));
            self.creates(Node::Table(&table.name))
                && parent.is_some_and(|parent| !self.creates(Node::Table(parent)))
        });
        let apart: Vec<_> = apart.map(|(_, table)| &table.name).collect();
        self.to.ddl.set_apart(apart);
    }

    pub(super) fn is_foreign_key(&self, node: Node<'a>) -> bool {
        let Node::Constraint(table, name) = node else { return false };
        let constraint = |graph: &Graph<'a>| {
            let table = graph.table(table)?;
            table.constraints.get(name).map(|it| matches!(it.kind, ConstraintKind::Foreign(_)))
        };
        constraint(&self.from).or_else(|| constraint(&self.to)) == Some(true)
    }

    /// Whether a column is a part of its table's partition key.
    pub(super) fn is_in_partition_key(&self, node: Node<'a>) -> bool {
        let Node::Column(table, name) = node else { return false };
        match self.from.table(table).map(|table| &table.relation) {
            Some(Relation::Table { partitioned_by: Some(key), .. }) => mentions(key, name),
            _ => false,
        }
    }
}
