use super::graph::{Graph, generic_node, is_generated, mentions};
use super::node::Node;
use crate::catalog::acl::leading_name;
use crate::catalog::catalog::Catalog;
use crate::catalog::constraint::{Constraint, ConstraintKind};
use crate::catalog::database::{SERVER, WRAPPER};
use crate::catalog::ddl::partition;
use crate::catalog::index::Index;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};
use crate::catalog::types::{DataType, TypeKind};

impl<'a> Graph<'a> {
    pub(super) fn add_domain_checks(&mut self, data_type: &'a DataType) {
        let TypeKind::Domain { checks, .. } = &data_type.kind else { return };
        for (name, _) in checks {
            let (node, domain) = (Node::DomainCheck(&data_type.name, name), Node::Type(&data_type.name));
            self.add(node, [domain]);
            self.whole(node, domain);
        }
    }

    pub(super) fn add_tables(&mut self, catalog: &'a Catalog) {
        for (oid, table) in &catalog.tables {
            let node = Node::Table(&table.name);
            self.add(node, [Node::Schema(&table.name.schema)]);
            if let Relation::Foreign { server, .. } = &table.relation {
                self.need(node, Node::Server(server));
            }
            self.add_columns(*oid, table);
            self.add_parents(table);
            for (name, constraint) in &table.constraints {
                self.add_constraint(table, name, constraint);
            }
            for (name, index) in &table.indexes {
                self.add_index(table, name, index);
            }
            self.add_behavior(table);
            self.add_index_choices(table);
        }
        self.add_publication_tables(catalog);
        for statistics in catalog.statistics.values() {
            let node = Node::Statistics(&statistics.name);
            let Some(table) = catalog.tables.get(&statistics.table) else { continue };
            self.add(node, [Node::Schema(&statistics.name.schema), Node::Table(&table.name)]);
            self.whole(node, Node::Table(&table.name));
            self.mention(node, table, &statistics.definition, true);
        }
    }

    fn add_columns(&mut self, oid: Oid, table: &'a Table) {
        let owner = Node::Table(&table.name);
        for (number, column) in &table.columns {
            let node = Node::Column(&table.name, &column.name);
            self.add(node, [owner]);
            self.whole(node, owner);
            if is_generated(column) {
                let text = column.default.as_deref().unwrap_or_default();
                self.mention(node, table, text, false);
            } else if column.default.is_some() {
                let default = Node::Default(&table.name, &column.name);
                self.add(default, [node]);
                self.whole(default, node);
            }
            for above in self.above(table, &column.name) {
                self.order(node, above);
                if column.inherited {
                    self.whole(node, above);
                }
            }
            let _ = (oid, number);
        }
    }

    /// The columns of that name in the tables that a table inherits from.
    fn above(&self, table: &'a Table, name: &str) -> Vec<Node<'a>> {
        let parents = self.parents(table).into_iter().filter_map(|oid| self.catalog().tables.get(&oid));
        let found = parents.filter_map(|parent| {
            let column = parent.columns.values().find(|column| column.name == name)?;
            Some(Node::Column(&parent.name, &column.name))
        });
        found.collect()
    }

    /// The tables that a table inherits from, or is a partition of.
    pub(super) fn parents(&self, table: &Table) -> Vec<Oid> {
        let above = partition(table).map(|partition| partition.of);
        above.into_iter().chain(table.inherits.iter().copied()).collect()
    }

    fn add_parents(&mut self, table: &'a Table) {
        let child = Node::Table(&table.name);
        if let Some(parent) = partition(table).and_then(|partition| self.name_of(partition.of)) {
            let node = Node::Partition(&table.name);
            self.add(node, [child, Node::Table(parent)]);
            self.whole(node, child);
            self.order(child, Node::Table(parent));
            self.order_indexes(table);
        }
        let catalog = self.catalog();
        for parent in table.inherits.iter().filter_map(|parent| catalog.tables.get(parent)).map(|it| &it.name)
        {
            let node = Node::Parent(&table.name, parent);
            self.add(node, [child, Node::Table(parent)]);
            self.whole(node, child);
            self.order(child, Node::Table(parent));
            self.order_parts(node, table);
        }
        if table.of_type.is_some() {
            let node = Node::OfType(&table.name);
            self.add(node, [child]);
            for column in table.columns.values() {
                self.order(node, Node::Column(&table.name, &column.name));
            }
            self.whole(node, child);
        }
    }

    /// A partitioned table's indexes are created after its partitions: otherwise each partition would get indexes
    /// automatically, with other names.
    fn order_indexes(&mut self, table: &'a Table) {
        let catalog = self.catalog();
        let Some(parent) = partition(table).and_then(|it| catalog.tables.get(&it.of)) else { return };
        for (name, index) in &parent.indexes {
            self.order(index_node(parent, name, index), Node::Table(&table.name));
        }
        // What is attached later finds its part of an index by its form: other indexes of that form come after.
        for (name, index) in &table.indexes {
            let (join, index_node) = (Node::Partition(&table.name), index_node(table, name, index));
            match index.part_of.is_some() {
                true => self.order(join, index_node),
                false => self.order(index_node, join),
            }
        }
        self.order_parts(Node::Partition(&table.name), table);
        for column in parent.columns.values() {
            self.order(Node::Partition(&table.name), Node::Column(&parent.name, &column.name));
        }
    }

    /// A table joins another when it has the columns and checks.
    fn order_parts(&mut self, join: Node<'a>, table: &'a Table) {
        for column in table.columns.values() {
            self.order(join, Node::Column(&table.name, &column.name));
        }
        let checks = table.constraints.iter().filter(|(_, it)| it.kind == ConstraintKind::Check);
        for (name, _) in checks {
            self.order(join, Node::Constraint(&table.name, name));
        }
    }

    fn add_constraint(&mut self, table: &'a Table, name: &'a str, constraint: &'a Constraint) {
        let (node, owner) = (Node::Constraint(&table.name, name), Node::Table(&table.name));
        self.add(node, [owner]);
        self.whole(node, owner);
        let columns: Vec<&str> = constraint
            .columns
            .iter()
            .filter_map(|number| table.columns.get(number))
            .map(|column| column.name.as_str())
            .collect();
        for column in columns {
            let column = Node::Column(&table.name, column);
            self.need(node, column);
            self.whole(node, column);
        }
        if let ConstraintKind::Exclude = constraint.kind {
            self.mention(node, table, &constraint.definition, true);
        }
        if let ConstraintKind::Foreign(reference) = &constraint.kind {
            self.add_reference(node, reference.table, &reference.columns);
        }
        let catalog = self.catalog();
        for parent in self.parents(table).into_iter().filter_map(|oid| catalog.tables.get(&oid)) {
            let Some((name, _)) = parent.constraints.get_key_value(name) else { continue };
            let above = Node::Constraint(&parent.name, name);
            self.order(node, above);
            if constraint.inherited && !has_index(constraint) {
                self.whole(node, above);
            }
        }
    }

    fn add_reference(&mut self, node: Node<'a>, table: Oid, columns: &[i16]) {
        let Some(table) = self.catalog().tables.get(&table) else { return };
        self.need(node, Node::Table(&table.name));
        for column in columns.iter().filter_map(|number| table.columns.get(number)) {
            self.need(node, Node::Column(&table.name, &column.name));
        }
    }

    fn column_node_of(&self, table: &'a Table, number: i16) -> Option<Node<'a>> {
        table.columns.get(&number).map(|column| Node::Column(&table.name, &column.name))
    }

    fn add_index(&mut self, table: &'a Table, name: &'a str, index: &'a Index) {
        let owner = Node::Table(&table.name);
        let node = index_node(table, name, index);
        if index.constraint.is_none() {
            self.add(node, [owner]);
            self.whole(node, owner);
            for column in index.keys.iter().chain(&index.include) {
                if let Some(column) = self.column_node_of(table, *column) {
                    self.need(node, column);
                    self.whole(node, column);
                }
            }
            if !index.plain {
                self.mention(node, table, &index.definition, true);
            }
        }
        let Some(whole) = &index.part_of else { return };
        let parents = self.parents(table).into_iter().filter_map(|oid| self.catalog().tables.get(&oid));
        let above = parents.filter(|parent| parent.name.schema == whole.schema).find_map(|parent| {
            let (name, index) = parent.indexes.get_key_value(&whole.name)?;
            Some(index_node(parent, name, index))
        });
        let Some(above) = above else { return };
        let part = Node::IndexPart(&table.name, name);
        self.add(part, [node, above]);
        self.whole(part, Node::Partition(&table.name));
        self.order(part, Node::Partition(&table.name));
        self.whole(part, node);
        self.whole(part, above);
        self.whole(node, above);
    }

    fn add_behavior(&mut self, table: &'a Table) {
        let owner = Node::Table(&table.name);
        for (name, trigger) in &table.triggers {
            let node = Node::Trigger(&table.name, name);
            let function = self.catalog().functions.get(&trigger.function);
            let function = function.map(|function| Node::Function(&function.name, &function.types));
            self.add(node, [owner].into_iter().chain(function));
            self.whole(node, owner);
            if trigger.inherited {
                let parents = self.parents(table).into_iter().filter_map(|oid| self.name_of(oid));
                for above in parents.map(|parent| Node::Trigger(parent, name)).collect::<Vec<_>>() {
                    self.need(node, above);
                    self.whole(node, above);
                }
                self.order(node, Node::Partition(&table.name));
                self.whole(node, Node::Partition(&table.name));
            }
        }
        let rules = table.rules.keys().map(|name| Node::Rule(&table.name, name));
        let policies = table.policies.keys().map(|name| Node::Policy(&table.name, name));
        for node in rules.chain(policies) {
            self.add(node, [owner]);
            self.whole(node, owner);
        }
    }

    fn add_index_choices(&mut self, table: &'a Table) {
        let owner = Node::Table(&table.name);
        if table.replica_identity.is_some() {
            let node = Node::ReplicaIdentity(&table.name);
            self.add(node, [owner]);
            self.whole(node, owner);
            let text = table.replica_identity.as_deref().unwrap_or_default();
            for (name, index) in table.indexes.iter().filter(|(name, _)| mentions(text, name)) {
                self.need(node, index_node(table, name, index));
            }
        }
        if let Some((name, index)) = table.indexes.iter().find(|(_, index)| index.clustered) {
            let (node, index) = (Node::Cluster(&table.name), index_node(table, name, index));
            self.add(node, [owner, index]);
            self.whole(node, owner);
            self.whole(node, index);
        }
    }

    /// A publication names its tables as SQL.
    fn add_publication_tables(&mut self, catalog: &'a Catalog) {
        for (name, publication) in &catalog.publications {
            for line in &publication.tables {
                let node = Node::Published(name, line);
                let named = table_name(line);
                if let Some((_, table)) = named.and_then(|name| self.tables.get(&name).copied()) {
                    self.need(node, Node::Table(&table.name));
                    self.whole(node, Node::Table(&table.name));
                    let rest = line.split_once([' ', '(']).map_or("", |(_, rest)| rest);
                    self.mention(node, table, rest, false);
                }
            }
        }
    }

    /// Columns of the table that a text names; `along` if the node goes along with each of them.
    fn mention(&mut self, node: Node<'a>, table: &'a Table, text: &str, along: bool) {
        if text.is_empty() {
            return;
        }
        for column in table.columns.values().filter(|column| mentions(text, &column.name)) {
            let column = Node::Column(&table.name, &column.name);
            if column == node {
                continue;
            }
            self.need(node, column);
            if along {
                self.whole(node, column);
            }
        }
    }

    /// What `pg_depend` says.
    pub(super) fn add_uses(&mut self, catalog: &'a Catalog) {
        for (by, all) in &catalog.uses {
            let Some(by) = self.node(by) else { continue };
            for of in all.iter().filter_map(|of| self.node(of)).collect::<Vec<_>>() {
                match (by, of) {
                    (Node::Table(name), Node::Type(_)) => self.need(Node::OfType(name), of),
                    _ => self.need(by, of),
                }
            }
        }
    }

    /// The node whose statements make a part.
    fn node(&self, part: &ObjectPart) -> Option<Node<'a>> {
        let catalog = self.catalog();
        let table = part.table().and_then(|oid| catalog.tables.get(&oid));
        Some(match (part, table) {
            (ObjectPart::Type(oid), _) => Node::Type(&catalog.types.get(oid)?.name),
            (ObjectPart::DomainCheck(oid, name), _) => {
                let TypeKind::Domain { checks, .. } = &catalog.types.get(oid)?.kind else { return None };
                let (name, _) = checks.iter().find(|(check, _)| check == name)?;
                Node::DomainCheck(&catalog.types.get(oid)?.name, name)
            }
            (ObjectPart::Function(oid), _) => {
                let function = catalog.functions.get(oid)?;
                Node::Function(&function.name, &function.types)
            }
            (ObjectPart::Named(kind, name), _) => match kind.as_str() {
                WRAPPER => Node::Wrapper(catalog.wrappers.get_key_value(name)?.0),
                SERVER => Node::Server(catalog.servers.get_key_value(name)?.0),
                _ => {
                    let key = (kind.clone(), name.clone());
                    let ((kind, name), object) = catalog.objects.get_key_value(&key)?;
                    generic_node(kind, name, object)
                }
            },
            (ObjectPart::Sequence(oid), _) => Node::Sequence(&catalog.sequences.get(oid)?.name),
            (ObjectPart::Statistics(oid), _) => Node::Statistics(&catalog.statistics.get(oid)?.name),
            (ObjectPart::Table(_), Some(table)) => Node::Table(&table.name),
            (ObjectPart::Column(oid, number), Some(_)) => self.column_node(*oid, *number)?,
            (ObjectPart::Default(_, number), Some(table)) => {
                let column = table.columns.get(number)?;
                match is_generated(column) {
                    true => Node::Column(&table.name, &column.name),
                    false => Node::Default(&table.name, &column.name),
                }
            }
            (ObjectPart::Constraint(_, name), Some(table)) => {
                Node::Constraint(&table.name, table.constraints.get_key_value(name)?.0)
            }
            (ObjectPart::Index(_, name), Some(table)) => {
                let (name, index) = table.indexes.get_key_value(name)?;
                index_node(table, name, index)
            }
            (ObjectPart::Rule(_, name), Some(table)) => {
                Node::Rule(&table.name, table.rules.get_key_value(name)?.0)
            }
            (ObjectPart::Policy(_, name), Some(table)) => {
                Node::Policy(&table.name, table.policies.get_key_value(name)?.0)
            }
            (ObjectPart::Trigger(_, name), Some(table)) => {
                Node::Trigger(&table.name, table.triggers.get_key_value(name)?.0)
            }
            (_, None) => return None,
        })
    }
}

/// An index of a constraint comes and goes with the constraint.
fn index_node<'a>(table: &'a Table, name: &'a str, index: &'a Index) -> Node<'a> {
    match &index.constraint {
        Some(constraint) => Node::Constraint(&table.name, constraint),
        None => Node::Index(&table.name, name),
    }
}

pub(super) fn has_index(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Primary | ConstraintKind::Unique | ConstraintKind::Exclude)
}

/// The name of a table at the beginning of SQL that the server printed.
fn table_name(text: &str) -> Option<QualifiedName> {
    let (schema, rest) = leading_name(text, &['.'])?;
    let (name, _) = leading_name(rest.strip_prefix('.')?, &[' ', '('])?;
    Some(QualifiedName { schema, name })
}
