use std::collections::BTreeMap;

use super::alter::is_earlier;
use super::create::aside_name;
use super::graph::Graph;
use super::node::Node;
use super::operation::{Action, Operation};
use super::options::PlanOptions;
use super::schedule::Schedule;
use super::step::{Phase, Step};
use super::transition::Transition;
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::type_word;
use crate::catalog::difference::{CatalogObject, Difference, DifferenceKind};
use crate::catalog::function::FunctionKind;
use crate::catalog::types::TypeKind;
use crate::text::quote;

/// The operations that turn one catalog into another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The operations, in an order that runs.
    pub operations: Vec<Operation>,
    /// What differs and cannot be changed by SQL that is known here.
    pub impossible: Vec<Difference>,
    /// For each object, the position of the last operation that changes it.
    pub(in crate::catalog) last: BTreeMap<CatalogObject, usize>,
}

/// The operations that turn one catalog into another, in an order that runs. The way back is the plan with both catalogs
/// exchanged.
///
/// What depends on something that must be dropped, or that PostgreSQL does not change while other objects depend on it,
/// is dropped before and created again after. The order of a table's columns is not changed.
///
/// ```
/// use embed_migrate_core::catalog::{Catalog, Namespace, PlanOptions, plan};
///
/// let (from, mut to) = (Catalog::default(), Catalog::default());
/// to.namespaces.insert("audit".to_owned(), Namespace { owner: "app".to_owned(), ..Namespace::default() });
/// let plan = plan(&from, &to, &PlanOptions::default());
/// assert_eq!(plan.operations[0].statements[0], r#"CREATE SCHEMA "audit""#);
/// ```
pub fn plan(from: &Catalog, to: &Catalog, options: &PlanOptions) -> Plan {
    let transition = Transition::of(from, to, options);
    let schedule = Schedule::of(&transition);
    let mut plan = Plan::default();
    let mut positions: BTreeMap<Step<'_>, usize> = BTreeMap::new();
    for step in &schedule.steps {
        let operations = transition.operations(*step, &schedule);
        plan.operations.extend(operations);
        positions.insert(*step, plan.operations.len());
    }
    transition.set_function_bodies_apart(&mut plan.operations);
    for (step, carrier) in &schedule.carriers {
        let Some(count) = positions.get(carrier) else { continue };
        let last = plan.last.entry(transition.object(*step)).or_default();
        *last = (*last).max(count.saturating_sub(1));
    }
    // An operation on a part, such as the comment of a domain's check, is named by the part.
    for (at, operation) in plan.operations.iter().enumerate() {
        let last = plan.last.entry(operation.object.clone()).or_default();
        *last = (*last).max(at);
    }
    plan.impossible = transition.impossible();
    plan
}

impl<'a> Transition<'a> {
    fn object(&self, (phase, node): Step<'a>) -> CatalogObject {
        match phase {
            Phase::Drop | Phase::Aside => self.from.object(node),
            Phase::Alter | Phase::Create => self.to.object(node),
        }
    }

    fn operations(&self, step: Step<'a>, schedule: &Schedule<'a>) -> Vec<Operation> {
        let (phase, node) = step;
        let whole = |action: Action, statements: Vec<String>| (node, action, None, false, statements);
        let parts = match phase {
            Phase::Drop => {
                let mut statements = self.drop(node).unwrap_or_default();
                let carried = schedule.carried.get(&step).into_iter().flatten();
                let takes_keys =
                    matches!(node, Node::Index(..)) && carried.into_iter().any(|it| is_key(it.1));
                if takes_keys || schedule.circular.contains(&step) && is_cascading(node) {
                    statements.iter_mut().for_each(|statement| statement.push_str(" CASCADE"));
                }
                vec![whole(Action::Drop, statements)]
            }
            Phase::Aside => vec![whole(Action::Rename, self.set_aside(node))],
            Phase::Create => vec![whole(Action::Create, self.create(node).unwrap_or_default())],
            Phase::Alter => {
                let carried = schedule.carried.get(&step).into_iter().flatten();
                let mut nodes: Vec<Node<'a>> =
                    carried.map(|(_, node)| *node).filter(|it| self.alters(*it) && *it != node).collect();
                nodes.sort();
                let all = std::iter::once(node).chain(nodes);
                let all = all.flat_map(|node| self.alter(node).into_iter().map(move |it| (node, it)));
                all.map(|(of, it)| {
                    let part = it.part.or_else(|| (of != node).then(|| self.to.object(of)));
                    (of, it.action, part, it.commit, it.statements)
                })
                .collect()
            }
        };
        let parts = parts.into_iter().filter(|(.., statements)| !statements.is_empty());
        let mut loss = self.loss(step);
        let carried = schedule.carried.get(&step).map_or(&[][..], Vec::as_slice);
        parts
            .map(|(of, action, part, commit, statements)| Operation {
                action,
                object: part.unwrap_or_else(|| self.object(step)),
                table: of.table().cloned(),
                loss: loss.take(),
                locks: self.locks((phase, of), carried, action, &statements),
                statements,
                commit,
            })
            .collect()
    }

    fn set_aside(&self, node: Node<'a>) -> Vec<String> {
        let Node::Type(name) = node else { return Vec::new() };
        let Some(data_type) = self.from.types.get(name) else { return Vec::new() };
        let (word, aside) = (type_word(data_type), quote::identifier(&aside_name(name).name));
        match &data_type.kind {
            TypeKind::Range(_) => self.text_instead(node, word),
            _ => vec![format!("ALTER {word} {} RENAME TO {aside}", name.quoted())],
        }
    }

    /// The functions of a range type keep its name: it is dropped at once, and the columns hold text meanwhile.
    fn text_instead(&self, node: Node<'a>, word: &str) -> Vec<String> {
        let columns = self.from.users_of(node).filter_map(|user| match user {
            Node::Column(table, name) if self.retyped.contains(&user) => {
                let inherited = self.from.column(table, name).is_some_and(|(_, column)| column.inherited);
                (!inherited).then_some((table.quoted(), quote::identifier(name)))
            }
            _ => None,
        });
        let mut statements: Vec<String> = columns
            .map(|(table, name)| {
                format!("ALTER TABLE {table} ALTER COLUMN {name} TYPE text USING {name}::text")
            })
            .collect();
        let Node::Type(name) = node else { return statements };
        statements.push(format!("DROP {word} {}", name.quoted()));
        statements
    }

    /// The body of a function may name objects that are created later.
    fn set_function_bodies_apart(&self, operations: &mut [Operation]) {
        let bodies = self.to.functions.values().filter(|function| {
            function.kind != FunctionKind::Aggregate
                && !matches!(function.language.as_str(), "c" | "internal")
        });
        let definitions: Vec<&str> = bodies.map(|function| function.definition.trim_end()).collect();
        let first = operations
            .iter_mut()
            .flat_map(|operation| {
                let function = operation.object.kind == "function";
                Some(&mut operation.statements).filter(|_| function)
            })
            .find(|statements| statements.iter().any(|statement| definitions.contains(&statement.as_str())));
        if let Some(statements) = first {
            statements.insert(0, "SET check_function_bodies = off".to_owned());
        }
    }

    fn impossible(&self) -> Vec<Difference> {
        let mut nodes: Vec<Node<'a>> = self.fates.keys().copied().collect();
        nodes.retain(|node| matches!(node, Node::Other(..)) && self.creates(*node));
        nodes.sort();
        let missing = |node| Difference::of(self.to.object(node), DifferenceKind::Missing);
        let added = |node| Difference::of(self.from.object(node), DifferenceKind::Added);
        let missing = nodes.into_iter().map(missing).chain(self.undropped().map(added));
        missing
            .chain(self.uninherited())
            .chain(self.extensions_back())
            .chain(self.extensions_bound())
            .collect()
    }

    /// Extensions of which an earlier version is wanted.
    fn extensions_back(&self) -> Vec<Difference> {
        let (from, to) = (&self.from.catalog().extensions, &self.to.catalog().extensions);
        let kept = to.iter().filter_map(|(name, is)| Some((name, from.get(name)?, is)));
        let back = kept.filter(|(name, was, is)| {
            is_earlier(&is.version, &was.version) && !self.creates(Node::Extension(name))
        });
        back.map(|(name, was, is)| {
            let (before, after) = (Some(is.version.clone()), Some(was.version.clone()));
            let kind = DifferenceKind::Changed { aspect: "version", before, after };
            Difference::of(self.to.object(Node::Extension(name)), kind)
        })
        .collect()
    }

    /// Extensions that can't be moved to the schema that is wanted, and their schemas.
    fn extensions_bound(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let (from, to) = (&self.from.catalog().extensions, &self.to.catalog().extensions);
        for (name, is) in to {
            let Some(was) = from.get(name).filter(|was| is.schema != was.schema && !was.relocatable) else {
                continue;
            };
            if self.creates(Node::Extension(name)) {
                continue;
            }
            let (before, after) = (Some(is.schema.clone()), Some(was.schema.clone()));
            let kind = DifferenceKind::Changed { aspect: "schema", before, after };
            found.push(Difference::of(self.to.object(Node::Extension(name)), kind));
            let schema = Node::Schema(&was.schema);
            found.extend(
                self.drops(schema).then(|| Difference::of(self.from.object(schema), DifferenceKind::Added)),
            );
        }
        found
    }

    /// A column or a check that a table had before it began to inherit from another stays its own.
    fn uninherited(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        for node in self.to.nodes.iter().filter(|node| self.from.nodes.contains(*node)) {
            let (Node::Column(table, _) | Node::Constraint(table, _)) = *node else { continue };
            let inherited = |graph: &Graph<'a>| match *node {
                Node::Column(_, name) => graph.column(table, name).is_some_and(|(_, it)| it.inherited),
                Node::Constraint(_, name) => {
                    let constraint = graph.table(table).and_then(|table| table.constraints.get(name));
                    constraint.is_some_and(|it| it.inherited)
                }
                _ => false,
            };
            let joins = self.creates(Node::Partition(table));
            if !inherited(&self.from) && inherited(&self.to) && !joins && !self.creates(*node) {
                let [before, after] = ["on", "off"].map(|word| Some(word.to_owned()));
                let kind = DifferenceKind::Changed { aspect: "inherited", before, after };
                found.push(Difference::of(self.to.object(*node), kind));
            }
        }
        found
    }
}

/// A partition's key may be attached to an index of the partitioned table.
fn is_key(node: Node<'_>) -> bool {
    matches!(node, Node::Constraint(..))
}

fn is_cascading(node: Node<'_>) -> bool {
    matches!(node, Node::Table(_) | Node::Function(..) | Node::Type(_))
}
