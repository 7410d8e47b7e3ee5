use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::node::Node;
use crate::catalog::catalog::Catalog;
use crate::catalog::column::{Column, Generation};
use crate::catalog::database::{GenericObject, Stage};
use crate::catalog::ddl::DdlScript;
use crate::catalog::function::Function;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::sequence::Sequence;
use crate::catalog::statistics::Statistics;
use crate::catalog::table::{Relation, Table};
use crate::catalog::types::{DataType, TypeKind};

/// The nodes of a catalog, and which of them needs which.
pub(super) struct Graph<'a> {
    pub(super) ddl: DdlScript<'a>,
    pub(super) tables: HashMap<&'a QualifiedName, (Oid, &'a Table)>,
    pub(super) types: HashMap<&'a QualifiedName, &'a DataType>,
    pub(super) functions: HashMap<(&'a QualifiedName, &'a str), &'a Function>,
    pub(super) sequences: HashMap<&'a QualifiedName, &'a Sequence>,
    pub(super) statistics: HashMap<&'a QualifiedName, &'a Statistics>,
    pub(super) nodes: BTreeSet<Node<'a>>,
    /// What each node needs in order to exist.
    pub(super) needs: HashMap<Node<'a>, BTreeSet<Node<'a>>>,
    pub(super) users: HashMap<Node<'a>, BTreeSet<Node<'a>>>,
    /// What each node comes after, if both are created, and can do without.
    pub(super) after: HashMap<Node<'a>, BTreeSet<Node<'a>>>,
    /// The nodes whose DROP takes a node along.
    pub(super) wholes: HashMap<Node<'a>, Vec<Node<'a>>>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(catalog: &'a Catalog, ddl: DdlScript<'a>) -> Graph<'a> {
        let mut graph = Graph {
            ddl,
            tables: catalog.tables.iter().map(|(oid, table)| (&table.name, (*oid, table))).collect(),
            types: catalog.types.values().map(|it| (&it.name, it)).collect(),
            functions: catalog.functions.values().map(|it| ((&it.name, it.types.as_str()), it)).collect(),
            sequences: catalog.sequences.values().map(|it| (&it.name, it)).collect(),
            statistics: catalog.statistics.values().map(|it| (&it.name, it)).collect(),
            nodes: BTreeSet::new(),
            needs: HashMap::new(),
            users: HashMap::new(),
            after: HashMap::new(),
            wholes: HashMap::new(),
        };
        graph.add_objects(catalog);
        graph.add_tables(catalog);
        graph.add_uses(catalog);
        graph.add_shells(catalog);
        graph.add_late();
        graph.drop_unknown();
        graph.order_evaluation();
        graph
    }

    pub(super) fn catalog(&self) -> &'a Catalog {
        self.ddl.catalog
    }

    pub(super) fn table(&self, name: &QualifiedName) -> Option<&'a Table> {
        self.tables.get(name).map(|(_, table)| *table)
    }

    pub(super) fn column(&self, table: &QualifiedName, name: &str) -> Option<(i16, &'a Column)> {
        let (_, table) = self.tables.get(table)?;
        table.columns.iter().find(|(_, column)| column.name == name).map(|(number, column)| (*number, column))
    }

    pub(super) fn users_of(&self, node: Node<'a>) -> impl Iterator<Item = Node<'a>> {
        self.users.get(&node).into_iter().flatten().copied()
    }

    pub(super) fn needs_of(&self, node: Node<'a>) -> impl Iterator<Item = Node<'a>> {
        self.needs.get(&node).into_iter().flatten().copied()
    }

    pub(super) fn name_of(&self, oid: Oid) -> Option<&'a QualifiedName> {
        self.catalog().tables.get(&oid).map(|table| &table.name)
    }

    pub(super) fn add(&mut self, node: Node<'a>, needs: impl IntoIterator<Item = Node<'a>>) {
        self.nodes.insert(node);
        self.needs.entry(node).or_default().extend(needs);
    }

    pub(super) fn need(&mut self, by: Node<'a>, of: Node<'a>) {
        if by != of {
            self.needs.entry(by).or_default().insert(of);
        }
    }

    pub(super) fn whole(&mut self, part: Node<'a>, whole: Node<'a>) {
        self.wholes.entry(part).or_default().push(whole);
    }

    pub(super) fn order(&mut self, node: Node<'a>, before: Node<'a>) {
        self.after.entry(node).or_default().insert(before);
    }

    fn add_objects(&mut self, catalog: &'a Catalog) {
        self.nodes.extend(catalog.namespaces.keys().map(|name| Node::Schema(name)));
        for (name, extension) in &catalog.extensions {
            self.add(Node::Extension(name), [Node::Schema(&extension.schema)]);
        }
        self.nodes.extend(catalog.wrappers.keys().map(|name| Node::Wrapper(name)));
        for (name, server) in &catalog.servers {
            self.add(Node::Server(name), [Node::Wrapper(&server.wrapper)]);
        }
        for data_type in catalog.types.values() {
            let node = Node::Type(&data_type.name);
            self.add(node, [Node::Schema(&data_type.name.schema)]);
            self.add_domain_checks(data_type);
        }
        for function in catalog.functions.values() {
            let node = Node::Function(&function.name, &function.types);
            self.add(node, [Node::Schema(&function.name.schema)]);
        }
        for (name, publication) in &catalog.publications {
            self.nodes.insert(Node::Publication(name));
            for line in &publication.tables {
                let node = Node::Published(name, line);
                self.add(node, [Node::Publication(name)]);
                self.whole(node, Node::Publication(name));
            }
        }
        for ((kind, name), object) in &catalog.objects {
            self.nodes.insert(generic_node(kind, name, object));
        }
        for (kind, name) in &catalog.others {
            let (node, whole) = (Node::Other(kind, name), self.whole_of(kind, name));
            self.add(node, whole);
            whole.into_iter().for_each(|whole| self.whole(node, whole));
        }
        self.nodes.extend(catalog.default_grants.keys().map(Node::DefaultGrant));
        for (name, trigger) in &catalog.event_triggers {
            let function = catalog.functions.get(&trigger.function);
            self.add(
                Node::EventTrigger(name),
                function.map(|function| Node::Function(&function.name, &function.types)),
            );
        }
        self.add_sequences(catalog);
    }

    /// The object of which something is not in its statements: `password of subscription` names one.
    pub(super) fn whole_of(&self, kind: &str, name: &str) -> Option<Node<'a>> {
        let key = (kind.rsplit_once(" of ")?.1.to_owned(), name.to_owned());
        let ((kind, name), object) = self.catalog().objects.get_key_value(&key)?;
        Some(generic_node(kind, name, object))
    }

    /// A type and its own functions need each other: the functions need its shell only.
    fn add_shells(&mut self, catalog: &'a Catalog) {
        let types = catalog.types.values().map(|data_type| &data_type.name);
        for name in types {
            let node = Node::Type(name);
            let functions: Vec<Node<'a>> =
                self.needs_of(node).filter(|it| self.is_circle(node, *it)).collect();
            if functions.is_empty() {
                continue;
            }
            let shell = Node::Shell(name);
            self.add(shell, [Node::Schema(&name.schema)]);
            self.need(node, shell);
            self.whole(shell, node);
            for function in functions {
                if let Some(needs) = self.needs.get_mut(&function) {
                    needs.remove(&node);
                }
                self.need(function, shell);
                self.whole(function, node);
            }
        }
    }

    fn is_circle(&self, data_type: Node<'a>, function: Node<'a>) -> bool {
        let kind = match data_type {
            Node::Type(name) => self.types.get(name).map(|it| &it.kind),
            _ => None,
        };
        matches!(kind, Some(TypeKind::Base(_) | TypeKind::Range(_)))
            && matches!(function, Node::Function(..))
            && self.needs_of(function).any(|need| need == data_type)
    }

    fn add_late(&mut self) {
        let (late, others): (Vec<Node<'a>>, Vec<Node<'a>>) =
            self.nodes.iter().partition(|node| matches!(node, Node::Late(..)));
        let others: Vec<Node<'a>> = others.into_iter().filter(|it| !matches!(it, Node::Other(..))).collect();
        for late in late {
            others.iter().for_each(|other| self.order(late, *other));
        }
    }

    fn add_sequences(&mut self, catalog: &'a Catalog) {
        for sequence in catalog.sequences.values() {
            let node = Node::Sequence(&sequence.name);
            self.add(node, [Node::Schema(&sequence.name.schema)]);
            let column = sequence.owned_by.and_then(|(table, number)| self.column_node(table, number));
            let Some(column) = column else { continue };
            self.whole(node, column);
            match sequence.identity {
                true => self.need(node, column),
                false => {
                    let owned = Node::OwnedBy(&sequence.name);
                    self.add(owned, [node, column]);
                    self.whole(owned, node);
                    self.whole(owned, column);
                }
            }
        }
    }

    pub(super) fn column_node(&self, table: Oid, number: i16) -> Option<Node<'a>> {
        let table = self.catalog().tables.get(&table)?;
        table.columns.get(&number).map(|column| Node::Column(&table.name, &column.name))
    }

    /// A partitioned table's key is valid when all its parts are attached: then foreign keys can refer to it.
    fn order_keys(&mut self) {
        let parts = self.nodes.iter().filter(|node| matches!(node, Node::IndexPart(..))).copied();
        let mut found = Vec::new();
        for part in parts {
            let keys = self.needs_of(part).filter(|need| need.table() != part.table());
            let users = keys.flat_map(|key| self.users_of(key));
            let users = users.filter(|user| matches!(user, Node::Constraint(..)));
            found.extend(users.map(|user| (user, part)));
        }
        found.into_iter().for_each(|(user, part)| self.order(user, part));
    }

    /// What the catalog does not hold, such as the server's own objects, is there anyhow.
    fn drop_unknown(&mut self) {
        let nodes = &self.nodes;
        for all in self.needs.values_mut().chain(self.after.values_mut()) {
            all.retain(|node| nodes.contains(node));
        }
        self.needs.retain(|node, _| nodes.contains(node));
        for all in self.wholes.values_mut() {
            all.retain(|node| nodes.contains(node));
        }
        for (by, all) in &self.needs {
            all.iter().for_each(|of| {
                self.users.entry(*of).or_default().insert(*by);
            });
        }
        self.order_keys();
    }
}

pub(super) fn generic_node<'a>(kind: &'a str, name: &'a str, object: &GenericObject) -> Node<'a> {
    match object.stage {
        Stage::InOrder => Node::Generic(kind, name),
        Stage::Late | Stage::Access => Node::Late(kind, name),
    }
}

pub(super) fn is_generated(column: &Column) -> bool {
    matches!(column.generation, Some(Generation::Stored | Generation::Virtual))
}

pub(super) fn is_identity(column: &Column) -> bool {
    matches!(column.generation, Some(Generation::Always | Generation::ByDefault))
}

pub(super) fn is_view(table: &Table) -> bool {
    matches!(table.relation, Relation::View { .. } | Relation::Materialized { .. })
}

/// The columns of a table by name.
pub(super) fn columns(table: &Table) -> BTreeMap<&str, &Column> {
    table.columns.values().map(|column| (column.name.as_str(), column)).collect()
}

/// Whether a text names something, as a whole word.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let name = name.replace('"', "\"\"");
    let is_word =
        |letter: Option<char>| letter.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == '$');
    let mut rest = text;
    let mut before = None;
    while let Some((head, tail)) = rest.split_once(name.as_str()) {
        let last = head.chars().next_back().or(before);
        if !is_word(last) && !is_word(tail.chars().next()) {
            return true;
        }
        before = name.chars().next_back();
        rest = tail;
    }
    false
}
