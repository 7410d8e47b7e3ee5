//! In which order: each object after what it needs, and otherwise by kind and name.

use std::collections::{BTreeMap, BTreeSet};

use super::Ddl;
use crate::catalog::{Name, Oid, Part, Relation, Table};

/// A place in the order of things that need nothing of each other: the kind, and then the name.
type Rank<'a> = (u8, &'a Name, &'a str);

const TYPE: u8 = 0;
const FUNCTION: u8 = 1;
const SEQUENCE: u8 = 2;
const TABLE: u8 = 3;
const DEFAULT: u8 = 4;
const CONSTRAINT: u8 = 5;
const INDEX: u8 = 6;
const VIEW: u8 = 7;

impl<'a> Ddl<'a> {
    pub(super) fn ordered(&self) -> Vec<String> {
        let nodes = self.nodes();
        let mut needs: BTreeMap<&Part, BTreeSet<Part>> =
            nodes.keys().map(|part| (part, BTreeSet::new())).collect();
        for (by, of) in self.needs(&nodes) {
            if let Some(needs) = needs.get_mut(&by) {
                needs.insert(of);
            }
        }
        sorted(&nodes, &needs).into_iter().flat_map(|part| self.make(part)).collect()
    }

    /// What gets statements of its own.
    fn nodes(&self) -> BTreeMap<Part, Rank<'a>> {
        let (catalog, mut nodes) = (self.catalog, BTreeMap::new());
        if self.whole() {
            nodes.extend(catalog.types.iter().map(|(oid, it)| (Part::Type(*oid), (TYPE, &it.name, ""))));
            let functions = catalog.functions.iter();
            nodes.extend(
                functions
                    .map(|(oid, it)| (Part::Function(*oid), (FUNCTION, &it.name, it.arguments.as_str()))),
            );
        }
        for (oid, sequence) in &catalog.sequences {
            let own = sequence.owned_by.map_or(self.whole(), |(table, _)| self.has(table));
            if own && !sequence.identity {
                nodes.insert(Part::Sequence(*oid), (SEQUENCE, &sequence.name, ""));
            }
        }
        for (oid, table) in catalog.tables.iter().filter(|(oid, _)| self.has(**oid)) {
            self.table_nodes(*oid, table, &mut nodes);
        }
        nodes
    }

    fn table_nodes(&self, oid: Oid, table: &'a Table, nodes: &mut BTreeMap<Part, Rank<'a>>) {
        let rank = match table.relation {
            Relation::Table { .. } | Relation::Foreign { .. } => TABLE,
            Relation::View { .. } | Relation::Materialized { .. } => VIEW,
        };
        nodes.insert(Part::Table(oid), (rank, &table.name, ""));
        for (number, column) in &table.columns {
            if self.default_apart(oid, *number, table, column).is_some() {
                nodes.insert(Part::Default(oid, *number), (DEFAULT, &table.name, &column.name));
            }
        }
        for (name, constraint) in &table.constraints {
            if self.is_apart(oid, table, name, constraint) {
                nodes.insert(Part::Constraint(oid, name.clone()), (CONSTRAINT, &table.name, name));
            }
        }
        for (name, index) in &table.indexes {
            if index.constraint.is_none() {
                nodes.insert(Part::Index(oid, name.clone()), (INDEX, &table.name, name));
            }
        }
    }

    /// Which of the nodes needs which.
    fn needs(&self, nodes: &BTreeMap<Part, Rank<'_>>) -> Vec<(Part, Part)> {
        let catalog = self.catalog;
        let mut needs: Vec<(Part, Part)> = Vec::new();
        for (by, all) in &catalog.uses {
            let by = self.node(nodes, by);
            needs.extend(all.iter().map(|of| (by.clone(), self.node(nodes, of))));
        }
        for part in nodes.keys() {
            match part {
                Part::Default(table, _) | Part::Constraint(table, _) | Part::Index(table, _) => {
                    needs.push((part.clone(), Part::Table(*table)));
                }
                _ => {}
            }
        }
        for (oid, table) in &catalog.tables {
            let above = super::table::partition(table).map(|partition| partition.of);
            for parent in above.into_iter().chain(table.inherits.iter().copied()) {
                needs.push((Part::Table(*oid), Part::Table(parent)));
            }
            if let Some(parent) = above {
                needs.extend(self.of_whole(nodes, parent).map(|part| (part, Part::Table(*oid))));
            }
        }
        needs.retain(|(by, of)| by != of && nodes.contains_key(of));
        needs
    }

    /// A partitioned table's own indexes, which must not be there before its partitions are: these would get theirs
    /// by themselves, under other names.
    fn of_whole(&self, nodes: &BTreeMap<Part, Rank<'_>>, parent: Oid) -> impl Iterator<Item = Part> {
        let from = Part::Constraint(parent, String::new());
        let constraints = nodes
            .range(from..)
            .take_while(move |(part, _)| matches!(part, Part::Constraint(of, _) if *of == parent));
        let from = Part::Index(parent, String::new());
        let indexes = nodes
            .range(from..)
            .take_while(move |(part, _)| matches!(part, Part::Index(of, _) if *of == parent));
        constraints.chain(indexes).map(|(part, _)| part.clone())
    }

    /// The node that makes a part.
    fn node(&self, nodes: &BTreeMap<Part, Rank<'_>>, part: &Part) -> Part {
        if nodes.contains_key(part) {
            return part.clone();
        }
        if let Part::Index(table, name) = part {
            let index = self.catalog.tables.get(table).and_then(|table| table.indexes.get(name));
            if let Some(constraint) = index.and_then(|index| index.constraint.clone()) {
                return self.node(nodes, &Part::Constraint(*table, constraint));
            }
        }
        match (part, part.table()) {
            // These come when all the rest is there.
            (Part::Rule(..) | Part::Policy(..), _) | (_, None) => part.clone(),
            (_, Some(table)) => Part::Table(table),
        }
    }

    fn make(&self, part: &Part) -> Vec<String> {
        let catalog = self.catalog;
        let table = part.table().and_then(|table| catalog.tables.get(&table));
        match (part, table) {
            (Part::Type(oid), _) => catalog.types.get(oid).map(|it| self.data_type(it)),
            (Part::Function(oid), _) => catalog.functions.get(oid).map(|it| self.function(it)),
            (Part::Sequence(oid), _) => catalog.sequences.get(oid).map(|it| self.sequence(it)),
            (Part::Table(oid), Some(table)) => Some(self.table(*oid, table)),
            (Part::Default(oid, number), Some(table)) => table
                .columns
                .get(number)
                .and_then(|column| self.default_apart(*oid, *number, table, column))
                .map(|statement| vec![statement]),
            (Part::Constraint(_, name), Some(table)) => {
                table.constraints.get(name).map(|constraint| self.constraint(table, name, constraint))
            }
            (Part::Index(_, name), Some(table)) => {
                table.indexes.get(name).map(|index| self.index(table, name, index))
            }
            (Part::Column(..) | Part::Rule(..) | Part::Policy(..), _) | (_, None) => None,
        }
        .unwrap_or_default()
    }
}

/// Kahn's algorithm; where parts need each other in a circle, the first in rank goes first.
fn sorted<'n>(nodes: &'n BTreeMap<Part, Rank<'_>>, needs: &BTreeMap<&Part, BTreeSet<Part>>) -> Vec<&'n Part> {
    let mut waiting: BTreeMap<&Part, usize> =
        needs.iter().map(|(part, needs)| (*part, needs.len())).collect();
    let mut wanted: BTreeMap<&Part, Vec<&Part>> = BTreeMap::new();
    for (by, all) in needs {
        all.iter().for_each(|of| wanted.entry(of).or_default().push(by));
    }
    let mut ready: BTreeSet<(&Rank<'_>, &Part)> = BTreeSet::new();
    let mut blocked: BTreeSet<(&Rank<'_>, &Part)> = BTreeSet::new();
    for (part, rank) in nodes {
        let free = waiting.get(part).is_none_or(|count| *count == 0);
        if free {
            ready.insert((rank, part))
        } else {
            blocked.insert((rank, part))
        };
    }
    let mut order = Vec::with_capacity(nodes.len());
    while let Some((_, part)) = ready.pop_first().or_else(|| blocked.pop_first()) {
        order.push(part);
        for by in wanted.remove(part).unwrap_or_default() {
            let Some(count) = waiting.get_mut(by) else { continue };
            *count = count.saturating_sub(1);
            if let (0, Some((by, rank))) = (*count, nodes.get_key_value(by))
                && blocked.remove(&(rank, by))
            {
                ready.insert((rank, by));
            }
        }
    }
    order
}
