//! The order of statements: each object after those that it needs, otherwise by kind and name.

use std::collections::{BTreeMap, BTreeSet};

use super::placeholder;
use super::relation::set_default;
use super::script::DdlScript;
use super::sort::{Step, sorted};
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::database::{SERVER, Stage, WRAPPER};
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};

/// The position of objects that do not need each other: by kind, then by schema and name, then by part.
type Rank<'a> = (u8, &'a str, &'a str, &'a str);

const TYPE: u8 = 0;
const OBJECT: u8 = 1;
const FUNCTION: u8 = 2;
const SEQUENCE: u8 = 3;
const TABLE: u8 = 4;
const DEFAULT: u8 = 5;
const CONSTRAINT: u8 = 6;
const INDEX: u8 = 7;
const VIEW: u8 = 8;

fn rank<'a>(kind: u8, name: &'a QualifiedName, part: &'a str) -> Rank<'a> {
    (kind, &name.schema, &name.name, part)
}

impl DdlScript<'_> {
    /// The statements, and the materialized views in their order.
    pub(super) fn ordered(&self) -> (Vec<String>, Vec<Oid>) {
        let nodes = self.nodes();
        let steps = self.steps(&nodes);
        let materialized = steps.iter().filter_map(|step| match step {
            Step::Create(ObjectPart::Table(oid)) => Some(*oid),
            _ => None,
        });
        let materialized = materialized.filter(|oid| {
            let relation = self.catalog.tables.get(oid).map(|table| &table.relation);
            matches!(relation, Some(Relation::Materialized { .. }))
        });
        let materialized = materialized.collect();
        (steps.into_iter().flat_map(|step| self.step(step)).collect(), materialized)
    }

    /// The objects, each after those that it needs.
    pub(super) fn in_order(&self) -> Vec<ObjectPart> {
        let nodes = self.nodes();
        let steps = self.steps(&nodes).into_iter();
        let whole = steps.filter_map(|step| match step {
            Step::Begin(_) => None,
            Step::Create(part) | Step::Complete(part) => Some(part.clone()),
        });
        whole.collect()
    }

    fn steps<'n>(&self, nodes: &'n BTreeMap<ObjectPart, Rank<'_>>) -> Vec<Step<'n>> {
        let mut needs: BTreeMap<&ObjectPart, BTreeSet<ObjectPart>> =
            nodes.keys().map(|part| (part, BTreeSet::new())).collect();
        for (by, of) in self.needs(nodes) {
            if let Some(needs) = needs.get_mut(&by) {
                needs.insert(of);
            }
        }
        sorted(nodes, needs, self)
    }

    /// The objects that have statements of their own.
    fn nodes(&self) -> BTreeMap<ObjectPart, Rank<'_>> {
        let (catalog, mut nodes) = (self.catalog, BTreeMap::new());
        if self.whole() {
            let types = catalog.types.iter();
            nodes.extend(types.map(|(oid, it)| (ObjectPart::Type(*oid), rank(TYPE, &it.name, ""))));
            let functions = catalog.functions.iter();
            nodes.extend(functions.map(|(oid, it)| {
                (ObjectPart::Function(*oid), rank(FUNCTION, &it.name, it.arguments.as_str()))
            }));
            nodes.extend(self.named_nodes());
        }
        for (oid, sequence) in &catalog.sequences {
            let own = sequence.owned_by.map_or(self.whole(), |(table, _)| self.has(table));
            if own && !sequence.identity {
                nodes.insert(ObjectPart::Sequence(*oid), rank(SEQUENCE, &sequence.name, ""));
            }
        }
        for (oid, table) in catalog.tables.iter().filter(|(oid, _)| self.has(**oid)) {
            self.table_nodes(*oid, table, &mut nodes);
        }
        nodes.extend(self.parts.iter().filter_map(|part| Some((part.clone(), self.part_rank(part)?))));
        nodes
    }

    /// Objects that the catalog keeps by kind and name.
    fn named_nodes(&self) -> impl Iterator<Item = (ObjectPart, Rank<'_>)> {
        let node = |kind, name| {
            (ObjectPart::Named(String::from(kind), String::from(name)), (OBJECT, kind, name, ""))
        };
        let catalog = self.catalog;
        let objects = catalog.objects.iter().filter(|(_, object)| object.stage == Stage::InOrder);
        let objects = objects.map(move |((kind, name), _)| node(kind.as_str(), name.as_str()));
        let wrappers = catalog.wrappers.keys().map(move |name| node(WRAPPER, name.as_str()));
        objects.chain(wrappers).chain(catalog.servers.keys().map(move |name| node(SERVER, name.as_str())))
    }

    /// The rank of an object that is printed beside the tables; `None` for those that come after everything else.
    fn part_rank<'s>(&'s self, part: &'s ObjectPart) -> Option<Rank<'s>> {
        let table = part.table().and_then(|oid| self.catalog.tables.get(&oid));
        match (part, table) {
            (ObjectPart::Function(oid), _) => {
                let function = self.catalog.functions.get(oid)?;
                Some(rank(FUNCTION, &function.name, &function.arguments))
            }
            (ObjectPart::Column(_, number), Some(table)) => {
                Some(rank(DEFAULT, &table.name, &table.columns.get(number)?.name))
            }
            (ObjectPart::Default(_, number), Some(table)) => {
                Some(rank(DEFAULT, &table.name, &table.columns.get(number)?.name))
            }
            (ObjectPart::Constraint(_, name), Some(table)) => Some(rank(CONSTRAINT, &table.name, name)),
            (ObjectPart::Index(_, name), Some(table)) => Some(rank(INDEX, &table.name, name)),
            _ => None,
        }
    }

    fn table_nodes<'s>(&'s self, oid: Oid, table: &'s Table, nodes: &mut BTreeMap<ObjectPart, Rank<'s>>) {
        let kind = match table.relation {
            Relation::Table { .. } | Relation::Foreign { .. } => TABLE,
            Relation::View { .. } | Relation::Materialized { .. } => VIEW,
        };
        nodes.insert(ObjectPart::Table(oid), rank(kind, &table.name, ""));
        for (number, column) in &table.columns {
            if self.default_apart(oid, *number, table, column).is_some() {
                nodes.insert(ObjectPart::Default(oid, *number), rank(DEFAULT, &table.name, &column.name));
            }
        }
        for (name, constraint) in &table.constraints {
            if self.is_apart(oid, table, name, constraint) {
                nodes.insert(ObjectPart::Constraint(oid, name.clone()), rank(CONSTRAINT, &table.name, name));
            }
        }
        for (name, index) in &table.indexes {
            if index.constraint.is_none() {
                nodes.insert(ObjectPart::Index(oid, name.clone()), rank(INDEX, &table.name, name));
            }
        }
    }

    /// Which of the nodes needs which.
    fn needs(&self, nodes: &BTreeMap<ObjectPart, Rank<'_>>) -> Vec<(ObjectPart, ObjectPart)> {
        let catalog = self.catalog;
        let mut needs: Vec<(ObjectPart, ObjectPart)> = Vec::new();
        for (by, all) in
            catalog.uses.iter().filter(|(by, _)| self.parts.contains(*by) || !self.is_foreign_key(by))
        {
            let by = self.node(nodes, by);
            needs.extend(all.iter().map(|of| (by.clone(), self.node(nodes, of))));
        }
        for part in nodes.keys() {
            needs.extend(self.own_columns(part, nodes).map(|column| (part.clone(), column)));
            match part {
                ObjectPart::Default(table, _)
                | ObjectPart::Constraint(table, _)
                | ObjectPart::Index(table, _) => {
                    needs.push((part.clone(), ObjectPart::Table(*table)));
                }
                _ => {}
            }
        }
        for (oid, table) in &catalog.tables {
            let above = crate::catalog::ddl::relation::partition(table).map(|partition| partition.of);
            for parent in above.into_iter().chain(table.inherits.iter().copied()) {
                needs.push((ObjectPart::Table(*oid), ObjectPart::Table(parent)));
                needs.extend(self.of_whole(nodes, parent).map(|part| (part, ObjectPart::Table(*oid))));
            }
        }
        needs.retain(|(by, of)| by != of && nodes.contains_key(of));
        needs
    }

    /// The columns, if they are printed by themselves, that a constraint or an index of their table needs.
    fn own_columns(
        &self,
        part: &ObjectPart,
        nodes: &BTreeMap<ObjectPart, Rank<'_>>,
    ) -> impl Iterator<Item = ObjectPart> {
        let table = match part {
            ObjectPart::Constraint(table, _) | ObjectPart::Index(table, _) => Some(*table),
            _ => None,
        };
        let columns = table.map(|table| ObjectPart::Column(table, 0)..=ObjectPart::Column(table, i16::MAX));
        let columns = columns.into_iter().flat_map(|columns| nodes.range(columns));
        columns.map(|(column, _)| column.clone()).collect::<Vec<_>>().into_iter()
    }

    /// A partitioned table's indexes must be created after its partitions: otherwise each partition would get indexes
    /// automatically, with other names. A check that comes after its table reaches the children that are there.
    fn of_whole(
        &self,
        nodes: &BTreeMap<ObjectPart, Rank<'_>>,
        parent: Oid,
    ) -> impl Iterator<Item = ObjectPart> {
        let from = ObjectPart::Constraint(parent, String::new());
        let constraints = nodes
            .range(from..)
            .take_while(move |(part, _)| matches!(part, ObjectPart::Constraint(of, _) if *of == parent));
        let from = ObjectPart::Index(parent, String::new());
        let indexes = nodes
            .range(from..)
            .take_while(move |(part, _)| matches!(part, ObjectPart::Index(of, _) if *of == parent));
        constraints.chain(indexes).map(|(part, _)| part.clone())
    }

    /// Foreign keys are created after all tables.
    fn is_foreign_key(&self, part: &ObjectPart) -> bool {
        let ObjectPart::Constraint(table, name) = part else { return false };
        let constraint = self.catalog.tables.get(table).and_then(|table| table.constraints.get(name));
        constraint.is_some_and(|constraint| matches!(constraint.kind, ConstraintKind::Foreign(_)))
    }

    /// The object whose statements create a part.
    fn node(&self, nodes: &BTreeMap<ObjectPart, Rank<'_>>, part: &ObjectPart) -> ObjectPart {
        if nodes.contains_key(part) {
            return part.clone();
        }
        if let ObjectPart::Index(table, name) = part {
            let index = self.catalog.tables.get(table).and_then(|table| table.indexes.get(name));
            if let Some(constraint) = index.and_then(|index| index.constraint.clone()) {
                return self.node(nodes, &ObjectPart::Constraint(*table, constraint));
            }
        }
        match (part, part.table()) {
            (ObjectPart::DomainCheck(domain, _), _) => ObjectPart::Type(*domain),
            // These are created after everything else.
            (ObjectPart::Rule(..) | ObjectPart::Policy(..) | ObjectPart::Trigger(..), _) | (_, None) => {
                part.clone()
            }
            (_, Some(table)) => ObjectPart::Table(table),
        }
    }

    fn step(&self, step: Step<'_>) -> Vec<String> {
        match step {
            Step::Begin(part) => self.begin(part).into_iter().collect(),
            Step::Create(part) => self.make(part, false),
            Step::Complete(part) => self.make(part, true),
        }
    }

    fn begin(&self, part: &ObjectPart) -> Option<String> {
        let catalog = self.catalog;
        match part {
            ObjectPart::Type(oid) => catalog.types.get(oid).map(|it| self.begin_type(it)),
            ObjectPart::Function(oid) => catalog.functions.get(oid).and_then(placeholder::function),
            ObjectPart::Table(oid) => catalog.tables.get(oid).map(placeholder::view),
            _ => None,
        }
    }

    /// Its statements; `begun`, if a placeholder was created before.
    fn make(&self, part: &ObjectPart, begun: bool) -> Vec<String> {
        let catalog = self.catalog;
        let table = part.table().and_then(|table| catalog.tables.get(&table));
        match (part, table) {
            (ObjectPart::Type(oid), _) => catalog.types.get(oid).map(|it| self.type_after(it, begun)),
            (ObjectPart::Function(oid), _) => catalog.functions.get(oid).map(|it| self.function(it)),
            (ObjectPart::Sequence(oid), _) => catalog.sequences.get(oid).map(|it| self.sequence(it)),
            (ObjectPart::Table(oid), Some(table)) => Some(self.table(*oid, table, begun)),
            (ObjectPart::Named(kind, name), _) => Some(self.named(kind, name)),
            (ObjectPart::Default(_, number), Some(table)) if self.parts.contains(part) => {
                table.columns.get(number).map(|column| vec![set_default(table, column)])
            }
            (ObjectPart::Default(oid, number), Some(table)) => table
                .columns
                .get(number)
                .and_then(|column| self.default_apart(*oid, *number, table, column))
                .map(|statement| vec![statement]),
            (ObjectPart::Column(oid, number), Some(table)) if self.parts.contains(part) => {
                table.columns.get(number).map(|column| self.column_again(*oid, *number, table, column))
            }
            (ObjectPart::Constraint(_, name), Some(table)) => {
                table.constraints.get(name).map(|constraint| self.constraint(table, name, constraint))
            }
            (ObjectPart::Index(_, name), Some(table)) => {
                table.indexes.get(name).map(|index| self.index(table, name, index))
            }
            (
                ObjectPart::Column(..)
                | ObjectPart::Rule(..)
                | ObjectPart::Policy(..)
                | ObjectPart::Trigger(..),
                _,
            )
            | (ObjectPart::Statistics(_) | ObjectPart::DomainCheck(..), _)
            | (_, None) => None,
        }
        .unwrap_or_default()
    }
}
