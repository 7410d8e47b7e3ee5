use std::collections::HashMap;

use super::graph::Graph;
use super::node::Node;
use super::step::{Phase, Step};
use super::transition::Transition;

/// Which steps give up a name, and which take it: a relation's name is given up before another relation takes it.
#[derive(Default)]
pub(super) struct Claims<'a> {
    given_up: HashMap<(&'a str, &'a str), Vec<Step<'a>>>,
    taken: HashMap<(&'a str, &'a str), Vec<Step<'a>>>,
}

impl<'a> Claims<'a> {
    pub(super) fn note(&mut self, transition: &Transition<'a>, step: Step<'a>) {
        let (phase, node) = step;
        let (side, graph) = match phase {
            Phase::Drop => (&mut self.given_up, &transition.from),
            Phase::Create => (&mut self.taken, &transition.to),
            Phase::Aside | Phase::Alter => return,
        };
        for name in names(graph, node) {
            side.entry(name).or_default().push(step);
        }
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = (Step<'a>, Step<'a>)> {
        self.taken.iter().flat_map(|(name, takers)| {
            let givers = self.given_up.get(name).into_iter().flatten();
            givers.flat_map(|giver| {
                takers.iter().filter(|taker| taker.1 != giver.1).map(|taker| (*giver, *taker))
            })
        })
    }
}

/// The names of relations and types that a node has.
fn names<'a>(graph: &Graph<'a>, node: Node<'a>) -> Vec<(&'a str, &'a str)> {
    match node {
        Node::Table(name) | Node::Type(name) | Node::Sequence(name) => vec![(&name.schema, &name.name)],
        Node::Index(table, name) => vec![(&table.schema, name)],
        Node::Constraint(table, name) => {
            let indexes = graph.table(table).map(|table| &table.indexes);
            let own =
                indexes.into_iter().flatten().find(|(_, index)| index.constraint.as_deref() == Some(name));
            own.map(|(name, _)| (table.schema.as_str(), name.as_str())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
