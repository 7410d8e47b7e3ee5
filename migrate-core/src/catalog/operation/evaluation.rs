use std::collections::{BTreeSet, HashMap};

use super::graph::{Graph, is_generated, is_view};
use super::node::Node;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::table::Relation;

impl<'a> Graph<'a> {
    /// What runs functions when it is created comes after all that their bodies name. The server does not know what that is.
    pub(super) fn order_evaluation(&mut self) {
        let evaluated: Vec<Node<'a>> =
            self.nodes.iter().copied().filter(|it| self.is_evaluated(*it)).collect();
        if evaluated.is_empty() || self.functions.is_empty() {
            return;
        }
        let names = self.names();
        let mut bodies = HashMap::new();
        for node in evaluated {
            let needs: Vec<Node<'a>> = self.needs_of(node).collect();
            for named in self.named_in_bodies(needs, &names, &mut bodies) {
                if Some(named) != node.table().map(Node::Table) {
                    self.order(node, named);
                }
            }
        }
    }

    /// Whether its creation computes values.
    fn is_evaluated(&self, node: Node<'a>) -> bool {
        let table = node.table().and_then(|name| self.table(name));
        table.is_some_and(|table| match node {
            Node::Table(_) => matches!(table.relation, Relation::Materialized { .. }),
            Node::Index(_, name) => table.indexes.get(name).is_some_and(|index| !index.plain),
            Node::Constraint(_, name) => table
                .constraints
                .get(name)
                .is_some_and(|it| matches!(it.kind, ConstraintKind::Check | ConstraintKind::Exclude)),
            Node::Default(..) => true,
            Node::Column(_, name) => self.column(&table.name, name).is_some_and(|(_, it)| is_generated(it)),
            _ => false,
        })
    }

    /// What bodies may name: functions, tables and views, by name without a schema.
    fn names(&self) -> HashMap<&'a str, Vec<Node<'a>>> {
        let mut names: HashMap<&'a str, Vec<Node<'a>>> = HashMap::new();
        let functions =
            self.functions.keys().map(|(name, types)| (name.name.as_str(), Node::Function(name, types)));
        let tables = self.tables.keys().map(|name| (name.name.as_str(), Node::Table(name)));
        functions.chain(tables).for_each(|(name, node)| names.entry(name).or_default().push(node));
        names
    }

    /// What the bodies of functions among the nodes name, the views among these need, and so on.
    fn named_in_bodies(
        &self,
        mut next: Vec<Node<'a>>,
        names: &HashMap<&'a str, Vec<Node<'a>>>,
        bodies: &mut HashMap<Node<'a>, Vec<Node<'a>>>,
    ) -> BTreeSet<Node<'a>> {
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        while let Some(node) = next.pop() {
            if !seen.insert(node) {
                continue;
            }
            match node {
                Node::Function(name, types) => {
                    let body = bodies.entry(node).or_insert_with(|| {
                        let function = self.functions.get(&(name, types));
                        let words = function.map(|it| words(&it.definition)).unwrap_or_default();
                        words.iter().filter_map(|word| names.get(word)).flatten().copied().collect()
                    });
                    found.extend(body.iter().copied().filter(|it| *it != node));
                    next.extend(body.iter().copied());
                }
                Node::Table(name) if self.table(name).is_some_and(is_view) => {
                    next.extend(self.needs_of(node));
                }
                Node::Column(name, _) => next.push(Node::Table(name)),
                _ => {}
            }
        }
        found
    }
}

/// The identifiers in a text.
fn words(text: &str) -> BTreeSet<&str> {
    let ends = |letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '$'));
    text.split(ends).filter(|word| !word.is_empty()).collect()
}
