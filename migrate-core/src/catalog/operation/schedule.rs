use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::claims::Claims;
use super::node::Node;
use super::replacement::both;
use super::step::{Phase, Step};
use super::table_graph::has_index;
use super::transition::Transition;
use crate::catalog::ddl::partition;
use crate::catalog::table::Relation;

/// The steps in an order that runs.
pub(super) struct Schedule<'a> {
    pub(super) steps: Vec<Step<'a>>,
    /// For each step, the step whose statements do it.
    pub(super) carriers: HashMap<Step<'a>, Step<'a>>,
    /// The steps that each step does besides its own.
    pub(super) carried: HashMap<Step<'a>, Vec<Step<'a>>>,
    /// Steps in a circle: dropping one drops the rest of the circle.
    pub(super) circular: BTreeSet<Step<'a>>,
}

impl<'a> Schedule<'a> {
    pub(super) fn of(transition: &Transition<'a>) -> Schedule<'a> {
        let all = transition.steps();
        let mut apart = BTreeSet::new();
        loop {
            let carriers: HashMap<Step<'a>, Step<'a>> =
                all.iter().map(|step| (*step, transition.carrier(*step, &apart))).collect();
            let edges = transition.edges(&all, &carriers);
            let late = transition.late();
            let (order, stuck) = sorted(&all, &carriers, &edges, &late);
            // What goes along with something in a circle may cut the circle if it goes by itself.
            let cuts: BTreeSet<Step<'a>> = all
                .iter()
                .filter(|step| step.0 == Phase::Drop && !apart.contains(*step))
                .filter(|step| {
                    carriers.get(step).is_some_and(|carrier| carrier != *step && stuck.contains(carrier))
                })
                .filter(|step| transition.is_cut(step.1) && !transition.is_inherited(step.1))
                .copied()
                .collect();
            if cuts.is_empty() {
                let mut carried: HashMap<Step<'a>, Vec<Step<'a>>> = HashMap::new();
                for (step, carrier) in carriers.iter().filter(|(step, carrier)| step != carrier) {
                    carried.entry(*carrier).or_default().push(*step);
                }
                return Schedule { steps: order, carriers, carried, circular: stuck };
            }
            apart.extend(cuts);
        }
    }
}

/// Whether one is the parent of the other: a child is dropped first.
fn is_above(above: Node<'_>, node: Node<'_>) -> bool {
    matches!(
        (above, node),
        (Node::Table(_), Node::Table(_))
            | (Node::Column(..), Node::Column(..))
            | (Node::Constraint(..), Node::Constraint(..))
    )
}

fn is_carried_partition<'a>(step: Step<'a>, carriers: &HashMap<Step<'a>, Step<'a>>) -> bool {
    matches!(step.1, Node::Partition(_) | Node::Parent(..))
        && carriers.get(&step).is_some_and(|carrier| *carrier != step)
}

type Edges<'a> = HashSet<(Step<'a>, Step<'a>)>;

impl<'a> Transition<'a> {
    /// Pairs of steps, of which the first comes before the second.
    fn edges(&self, all: &[Step<'a>], carriers: &HashMap<Step<'a>, Step<'a>>) -> Edges<'a> {
        let mut edges: Edges<'a> = HashSet::new();
        let mut add = |before: Step<'a>, after: Step<'a>| {
            if let (Some(before), Some(after)) = (carriers.get(&before), carriers.get(&after))
                && before != after
            {
                edges.insert((*before, *after));
            }
        };
        let mut claims = Claims::default();
        for step in all {
            let (phase, node) = *step;
            match phase {
                Phase::Drop => {
                    for need in self.from.needs_of(node) {
                        add(*step, (Phase::Drop, need));
                        // A type that gets another name too is known by its number.
                        if !self.aside.contains(&node) {
                            add(*step, (Phase::Aside, need));
                        }
                        add(*step, (Phase::Alter, need));
                    }
                    let above = self.from.after.get(&node).into_iter().flatten();
                    for before in above.filter(|above| is_above(**above, node)) {
                        add(*step, (Phase::Drop, *before));
                    }
                    for key in self.keys_to_whole(node) {
                        add((Phase::Drop, key), *step);
                    }
                    let carrier = carriers.get(step).filter(|carrier| *carrier != step);
                    for join in self.joins(node) {
                        match (self.is_foreign_key(node), carrier) {
                            // It would stay with a table that leaves, while the key above it goes: it is dropped before.
                            (true, Some((_, key))) if key.table() != node.table() => {
                                add(*step, (Phase::Drop, join));
                            }
                            (true, Some(_)) => {}
                            (true, None) if !self.is_inherited(node) => {}
                            _ => add((Phase::Drop, join), *step),
                        }
                    }
                    match self.aside.contains(&node) {
                        true => add((Phase::Create, node), *step),
                        false => add(*step, (Phase::Create, node)),
                    }
                }
                Phase::Aside => add(*step, (Phase::Create, node)),
                // What its values may be has to fit the column's new type, which changes it.
                Phase::Alter if self.narrows(node) => {
                    for need in self.from.needs_of(node) {
                        add(*step, (Phase::Alter, need));
                    }
                }
                Phase::Alter => {
                    for need in self.from.needs_of(node) {
                        add(*step, (Phase::Drop, need));
                    }
                    self.needs_first(*step, &mut add);
                }
                // A table that is created as a partition is one at once.
                Phase::Create if is_carried_partition(*step, carriers) => {}
                Phase::Create => self.needs_first(*step, &mut add),
            }
            claims.note(self, *step);
        }
        self.order_extensions(all, &mut add);
        for (before, after) in claims.edges() {
            add(before, after);
        }
        edges
    }

    /// What needs a member of an extension, or an object that is known by name only, is not known: extensions are created before everything else, and dropped after.
    fn order_extensions(&self, all: &[Step<'a>], add: &mut impl FnMut(Step<'a>, Step<'a>)) {
        let is_last =
            |node: &Node<'a>| matches!(node, Node::Extension(_) | Node::Schema(_) | Node::Other(..));
        let extensions = all.iter().filter(|(_, node)| matches!(node, Node::Extension(_) | Node::Other(..)));
        for extension in extensions {
            let others = all.iter().filter(|(_, node)| !is_last(node));
            for other in others {
                match (extension.0, other.0) {
                    (Phase::Drop, Phase::Drop | Phase::Alter) => add(*other, *extension),
                    (Phase::Create | Phase::Alter, Phase::Alter | Phase::Create) => add(*extension, *other),
                    _ => {}
                }
            }
        }
    }

    /// What can be dropped by itself, and needs something else than the table that it belongs to.
    fn is_cut(&self, node: Node<'a>) -> bool {
        match node {
            Node::Constraint(table, name) => {
                let constraint = self.from.table(table).and_then(|table| table.constraints.get(name));
                constraint.is_some_and(|it| !has_index(it))
            }
            Node::Default(..)
            | Node::Rule(..)
            | Node::Policy(..)
            | Node::Trigger(..)
            | Node::DomainCheck(..) => true,
            _ => false,
        }
    }

    /// A materialized view runs functions, which may call what their bodies name.
    fn late(&self) -> HashSet<Node<'a>> {
        let tables = self.to.catalog().tables.values();
        let views = tables.filter(|table| matches!(table.relation, Relation::Materialized { .. }));
        views.map(|table| Node::Table(&table.name)).filter(|node| !self.drops(*node)).collect()
    }

    /// Whether a sequence's largest value, or its least, comes nearer to 0.
    fn narrows(&self, node: Node<'a>) -> bool {
        let Node::Sequence(name) = node else { return false };
        both(&self.from.sequences, &self.to.sequences, &name).is_some_and(|(was, is)| {
            let ([_, _, least, most, _], [_, _, least_now, most_now, _]) = (was.numbers, is.numbers);
            is.identity && (most_now < most || least_now > least)
        })
    }

    fn is_inherited(&self, node: Node<'a>) -> bool {
        let table = node.table().and_then(|name| self.from.table(name));
        table.is_some_and(|table| match node {
            Node::Constraint(_, name) => table.constraints.get(name).is_some_and(|it| it.inherited),
            Node::Trigger(_, name) => table.triggers.get(name).is_some_and(|it| it.inherited),
            _ => false,
        })
    }

    /// The foreign keys to the tables of which a table is a partition: they refer to its rows too.
    fn keys_to_whole(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let (mut keys, mut next) = (Vec::new(), node);
        while let Node::Table(name) = next {
            let above = self.from.table(name).and_then(partition).and_then(|it| self.from.name_of(it.of));
            let Some(above) = above.map(Node::Table) else { break };
            keys.extend(self.from.users_of(above).filter(|user| self.is_foreign_key(*user)));
            next = above;
        }
        keys
    }

    /// What makes a table's parts those of another table: a constraint that was inherited can be dropped after it.
    fn joins(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let (Node::Constraint(name, _)
        | Node::Column(name, _)
        | Node::Trigger(name, _)
        | Node::Index(name, _)) = node
        else {
            return Vec::new();
        };
        let parents = self.from.table(name).into_iter().flat_map(|table| &table.inherits);
        let parents = parents.filter_map(|parent| self.from.name_of(*parent));
        parents.map(|parent| Node::Parent(name, parent)).chain(Some(Node::Partition(name))).collect()
    }

    fn needs_first(&self, step: Step<'a>, add: &mut impl FnMut(Step<'a>, Step<'a>)) {
        let after = self.to.after.get(&step.1).into_iter().flatten().copied();
        for need in self.to.needs_of(step.1).chain(after) {
            add((Phase::Create, need), step);
            add((Phase::Alter, need), step);
        }
    }
}

/// Kahn's algorithm. Where only circles are left, the first of a circle comes first; those are returned too.
fn sorted<'a>(
    all: &[Step<'a>],
    carriers: &HashMap<Step<'a>, Step<'a>>,
    edges: &Edges<'a>,
    late: &HashSet<Node<'a>>,
) -> (Vec<Step<'a>>, BTreeSet<Step<'a>>) {
    let steps: BTreeSet<Step<'a>> = all.iter().filter_map(|step| carriers.get(step)).copied().collect();
    let mut waiting: BTreeMap<Step<'a>, usize> = steps.iter().map(|step| (*step, 0)).collect();
    let mut next: HashMap<Step<'a>, Vec<Step<'a>>> = HashMap::new();
    for (before, after) in edges {
        *waiting.entry(*after).or_default() += 1;
        next.entry(*before).or_default().push(*after);
    }
    let rank = |step: &Step<'a>| match step {
        // What is created before gets nothing of new default privileges.
        (Phase::Alter | Phase::Create, Node::DefaultGrant(_)) => {
            (Phase::Create, true, order_of_kind(step), *step)
        }
        _ => (step.0, late.contains(&step.1), order_of_kind(step), *step),
    };
    let mut ready: BTreeSet<_> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(step, _)| rank(step)).collect();
    let mut blocked: BTreeSet<_> =
        waiting.iter().filter(|(_, count)| **count > 0).map(|(step, _)| rank(step)).collect();
    let (mut order, mut stuck) = (Vec::with_capacity(steps.len()), BTreeSet::new());
    loop {
        let step = match ready.pop_first() {
            Some((_, _, _, step)) => step,
            None => {
                let Some(first) = circle(&blocked.iter().map(|(_, _, _, step)| *step).collect(), &next)
                else {
                    break;
                };
                stuck.extend(first.iter().copied());
                let Some(step) = first.iter().map(&rank).min() else { break };
                blocked.remove(&step);
                step.3
            }
        };
        order.push(step);
        for after in next.remove(&step).unwrap_or_default() {
            let Some(count) = waiting.get_mut(&after) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 && blocked.remove(&rank(&after)) {
                ready.insert(rank(&after));
            }
        }
    }
    (order, stuck)
}

/// The steps of a circle that waits for nothing outside of it: from any step back to one that was seen.
fn circle<'a>(
    blocked: &BTreeSet<Step<'a>>,
    next: &HashMap<Step<'a>, Vec<Step<'a>>>,
) -> Option<Vec<Step<'a>>> {
    let mut before: HashMap<Step<'a>, Step<'a>> = HashMap::new();
    for (from, all) in next {
        if blocked.contains(from) {
            all.iter().filter(|step| blocked.contains(*step)).for_each(|step| {
                let known = before.entry(*step).or_insert(*from);
                *known = (*known).min(*from);
            });
        }
    }
    let mut path: Vec<Step<'a>> = Vec::new();
    let mut step = *blocked.first()?;
    loop {
        if let Some(at) = path.iter().position(|seen| *seen == step) {
            return Some(path.split_off(at));
        }
        path.push(step);
        step = *before.get(&step)?;
    }
}

/// Within a phase: drops from the outside in, creations from the inside out.
fn order_of_kind(step: &Step<'_>) -> u8 {
    let kind = match step.1 {
        Node::Schema(_) => 0,
        Node::Extension(_) => 1,
        Node::Wrapper(_) | Node::Server(_) => 2,
        Node::Other(..) | Node::Shell(_) | Node::Generic(..) => 3,
        Node::Type(_) | Node::DomainCheck(..) => 4,
        Node::Function(..) => 5,
        Node::Sequence(_) => 6,
        Node::Table(_) | Node::Column(..) => 7,
        Node::OwnedBy(_) | Node::OfType(_) | Node::Default(..) => 8,
        Node::Index(..) | Node::Constraint(..) => 9,
        Node::Parent(..) | Node::Partition(_) | Node::IndexPart(..) => 10,
        Node::ReplicaIdentity(_) | Node::Cluster(_) | Node::Statistics(_) => 11,
        Node::Rule(..) | Node::Trigger(..) | Node::Policy(..) => 12,
        Node::Publication(_) | Node::Published(..) | Node::Late(..) => 13,
        Node::DefaultGrant(_) => 14,
        Node::EventTrigger(_) => 15,
    };
    match step.0 {
        Phase::Drop => 15 - kind,
        _ => kind,
    }
}
