use std::collections::BTreeSet;

use super::graph::is_view;
use super::node::Node;
use super::table_graph::has_index;
use super::transition::Transition;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::ddl::Shape;
use crate::catalog::namespace::QualifiedName;

/// When a statement runs, if nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    Drop,
    /// The node gets another name until nothing needs it any more.
    Aside,
    Alter,
    Create,
}

pub(super) type Step<'a> = (Phase, Node<'a>);

impl<'a> Transition<'a> {
    pub(super) fn steps(&self) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        for (node, fate) in &self.fates {
            if fate.drops() {
                steps.push((Phase::Drop, *node));
            }
            if self.aside.contains(node) {
                steps.push((Phase::Aside, *node));
            }
            if self.alters(*node) {
                steps.push((Phase::Alter, *node));
            }
            if fate.creates() {
                steps.push((Phase::Create, *node));
            }
        }
        steps
    }

    /// The step whose statements do this one too; the step itself if it has statements of its own.
    pub(super) fn carrier(&self, step: Step<'a>, apart: &BTreeSet<Step<'a>>) -> Step<'a> {
        let mut step = step;
        // A part, its column, the column above, their tables: the way to the carrier is short.
        for _ in 0..64 {
            let next = match step {
                _ if apart.contains(&step) => None,
                (Phase::Drop, node) => self.drop_carrier(node),
                (Phase::Create, node) => self.create_carrier(node),
                (Phase::Alter, node) => self.alter_carrier(node),
                (Phase::Aside, _) => None,
            };
            match next {
                Some(next) => step = next,
                None => break,
            }
        }
        step
    }

    fn drop_carrier(&self, node: Node<'a>) -> Option<Step<'a>> {
        let wholes = self.from.wholes.get(&node)?;
        // A sequence that stays must not be dropped with its column.
        if matches!(node, Node::OwnedBy(name) if !self.drops(Node::Sequence(name))) {
            return None;
        }
        if self.is_referenced_partition(node) {
            return None;
        }
        // An inherited key goes with the one above it.
        let mut above = wholes.iter().filter(|_| self.is_foreign_key(node));
        if let Some(key) = above.find(|it| matches!(it, Node::Constraint(..)) && self.drops(**it)) {
            return Some((Phase::Drop, *key));
        }
        let mut wholes_of_step = wholes.iter().filter(|whole| !self.leaves(node, **whole));
        if let Some(whole) = wholes_of_step.find(|whole| self.drops(**whole)) {
            return Some((Phase::Drop, *whole));
        }
        let identity = matches!(node, Node::Sequence(name) if self.from.sequences.get(name).is_some_and(|it| it.identity));
        let column = wholes.iter().find(|_| identity);
        column.map(|column| (Phase::Alter, *column))
    }

    /// Whether an index leaves that of the partitioned table before that one is dropped.
    fn leaves(&self, node: Node<'a>, whole: Node<'a>) -> bool {
        let (Node::Index(table, _) | Node::Constraint(table, _)) = node else { return false };
        whole.table() != Some(table) && !self.drops(Node::Table(table)) && self.drops(Node::Partition(table))
    }

    /// A partition of a table to which foreign keys refer must leave that table before it is dropped.
    fn is_referenced_partition(&self, node: Node<'a>) -> bool {
        let Node::Partition(_) = node else { return false };
        let parents = self.from.needs_of(node).filter(|need| need.table() != node.table());
        let mut kept = parents.filter(|parent| !self.drops(*parent));
        kept.any(|parent| self.from.users_of(parent).any(|user| self.is_foreign_key(user)))
    }

    fn alter_carrier(&self, node: Node<'a>) -> Option<Step<'a>> {
        let Node::Column(table, name) = node else { return None };
        let inherited = self.to.column(table, name).is_some_and(|(_, column)| column.inherited);
        let mut above = self.to.wholes.get(&node)?.iter().filter(|_| inherited);
        let above = above.find(|above| {
            matches!(above, Node::Column(..))
                && self.alters(**above)
                && !self.begins_to_inherit(node, **above)
        });
        above.map(|above| (Phase::Alter, *above))
    }

    /// Whether the table of one column becomes a child of the other's: until then nothing that is done to the other reaches it.
    pub(super) fn begins_to_inherit(&self, node: Node<'a>, above: Node<'a>) -> bool {
        let (Node::Column(table, _), Node::Column(parent, _)) = (node, above) else { return false };
        self.creates(Node::Partition(table)) || self.creates(Node::Parent(table, parent))
    }

    fn create_carrier(&self, node: Node<'a>) -> Option<Step<'a>> {
        let created = |node: Node<'a>| self.creates(node).then_some((Phase::Create, node));
        match node {
            Node::Column(table, name) => created(Node::Table(table)).or_else(|| {
                let inherited = self.to.column(table, name).is_some_and(|(_, column)| column.inherited);
                let mut above = self.to.wholes.get(&node)?.iter().filter(|_| inherited);
                above.find_map(|above| created(*above).filter(|(_, node)| matches!(node, Node::Column(..))))
            }),
            Node::Default(table, name) => {
                let (oid, owner) = *self.to.tables.get(table)?;
                let (number, column) = self.to.column(table, name)?;
                let with_column = self.creates(Node::Column(table, name))
                    && !is_view(owner)
                    && self.to.ddl.default_apart(oid, number, owner, column).is_none();
                with_column.then_some((Phase::Create, Node::Column(table, name)))
            }
            Node::Constraint(table, name) => self.constraint_carrier(node, table, name),
            Node::OfType(table) | Node::Parent(table, _) => created(Node::Table(table)),
            Node::Partition(name) => {
                let table = self.to.table(name)?;
                let listed = self.to.ddl.shape(table) == Shape::Partition;
                created(Node::Table(name)).filter(|_| listed)
            }
            Node::DomainCheck(domain, _) => created(Node::Type(domain)),
            Node::Published(name, _) => created(Node::Publication(name)),
            Node::Sequence(name) if self.to.sequences.get(name).is_some_and(|it| it.identity) => {
                let column = *self.to.wholes.get(&node)?.first()?;
                created(column).or(Some((Phase::Alter, column)))
            }
            _ => None,
        }
    }

    fn joins_another(&self, name: &'a QualifiedName) -> bool {
        let parents = self.to.table(name).into_iter().flat_map(|table| &table.inherits);
        let mut parents = parents.filter_map(|parent| self.to.name_of(*parent));
        self.creates(Node::Partition(name)) || parents.any(|parent| self.creates(Node::Parent(name, parent)))
    }

    fn constraint_carrier(&self, node: Node<'a>, table: &'a QualifiedName, name: &str) -> Option<Step<'a>> {
        let (oid, owner) = *self.to.tables.get(table)?;
        let constraint = owner.constraints.get(name)?;
        let is_new = self.creates(Node::Table(table));
        if is_new && self.to.ddl.is_inline(oid, owner, name, constraint) {
            return Some((Phase::Create, Node::Table(table)));
        }
        if !constraint.inherited || has_index(constraint) {
            return None;
        }
        let is_check = constraint.kind == ConstraintKind::Check;
        if is_new && is_check && !self.to.ddl.is_apart(oid, owner, name, constraint) {
            return Some((Phase::Create, Node::Table(table)));
        }
        // A table can join another only with the checks of that one.
        if !is_new && is_check && self.joins_another(table) {
            return None;
        }
        let above = self.to.wholes.get(&node)?.iter().filter(|above| matches!(above, Node::Constraint(..)));
        if let Some(above) = above.clone().find(|above| self.creates(**above)) {
            return Some((Phase::Create, *above));
        }
        let apart = self.to.ddl.is_apart(oid, owner, name, constraint);
        let joins = self.creates(Node::Partition(table)).then_some((Phase::Create, Node::Partition(table)));
        joins.filter(|_| !apart).or((is_new && !apart).then_some((Phase::Create, Node::Table(table))))
    }
}
