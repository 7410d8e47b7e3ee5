use squawk_parser::SyntaxKind as K;

use super::column_type::SqlType;
use super::object_name::{NewName, ObjectName};
use crate::lex::fold;
use crate::sql::tree::Node;

/// What patches say of tables and domains: of those before, and of this one so far.
#[derive(Default)]
pub(super) struct KnownSchema {
    tables: Vec<KnownTable>,
    domains: Vec<KnownDomain>,
}

struct KnownTable {
    name: ObjectName,
    columns: Vec<KnownColumn>,
    /// The column that a key begins with.
    key: Option<String>,
}

struct KnownColumn {
    name: String,
    kind: SqlType,
}

/// A domain. If a column of it is added, its checks are evaluated for every row.
#[derive(Clone)]
pub(super) struct KnownDomain {
    name: ObjectName,
    /// What it is made of.
    pub(super) base: String,
    /// Its checks, each with its name if it has one.
    pub(super) checks: Vec<(Option<String>, String)>,
    pub(super) not_null: bool,
}

impl KnownSchema {
    /// The type that a column has.
    pub(super) fn kind(&self, table: &ObjectName, column: &ObjectName) -> Option<&SqlType> {
        let column = self.table(table)?.columns.iter().find(|known| known.name == column.bare())?;
        Some(&column.kind)
    }

    /// The column that batches of a table go by.
    pub(super) fn key(&self, table: &ObjectName) -> Option<&str> {
        self.table(table)?.key.as_deref()
    }

    /// Whether the table is known, and has no such column.
    pub(super) fn lacks(&self, table: &ObjectName, column: &str) -> bool {
        self.table(table).is_some_and(|table| table.columns.iter().all(|known| known.name != column))
    }

    /// A domain that has to be asked about each row, itself or what it is made of.
    pub(super) fn constrained(&self, name: &ObjectName) -> Option<KnownDomain> {
        self.constrained_before(name, self.domains.len())
    }

    /// The same, of the domains that were made before the one at a place.
    fn constrained_before(&self, name: &ObjectName, end: usize) -> Option<KnownDomain> {
        let domain = self.domains.get(..end)?.iter().rfind(|domain| domain.name.is(name))?;
        if !domain.checks.is_empty() || domain.not_null {
            return Some(domain.clone());
        }
        let base = ObjectName::written(&domain.base)?;
        // What a domain is made of was there before it, and may have its name in another schema.
        let before = self.domains.iter().rposition(|known| std::ptr::eq(known, domain))?;
        self.constrained_before(&base, before)
    }

    /// The only table of that name; `None` if several schemas have one.
    fn table(&self, name: &ObjectName) -> Option<&KnownTable> {
        let mut tables = self.tables.iter().filter(|table| table.name.is(name));
        tables.next().filter(|_| tables.next().is_none())
    }

    /// Records a statement that creates or drops something; names without a schema are in this one.
    pub(super) fn statement(&mut self, statement: Node<'_>, schema: Option<&str>) {
        let kind = statement.kind();
        if kind == K::CREATE_TABLE {
            let there = |name: &ObjectName| statement.has(K::IF_NOT_EXISTS) && self.table(name).is_some();
            let table = KnownTable::of(statement, schema).filter(|table| !there(&table.name));
            if let Some(table) = &table {
                self.tables.retain(|known| known.name != table.name);
            }
            self.tables.extend(table);
        } else if kind == K::DROP_TABLE {
            let dropped = statement.children().filter(|child| child.kind() == K::TABLE_NAME_REF);
            dropped
                .filter_map(ObjectName::of)
                .for_each(|name| self.tables.retain(|table| !table.name.is(&name)));
        } else if kind == K::CREATE_DOMAIN {
            self.domains.extend(KnownDomain::of(statement));
        } else if kind == K::DROP_DOMAIN || kind == K::DROP_TYPE {
            let dropped = [K::DOMAIN_REF, K::TYPE_NAME_REF];
            let dropped = statement.children().filter(|child| dropped.contains(&child.kind()));
            dropped
                .filter_map(ObjectName::of)
                .for_each(|name| self.domains.retain(|domain| !domain.name.is(&name)));
        } else if kind == K::DROP_SCHEMA {
            for schema in statement.children().filter(|child| child.kind() == K::SCHEMA_REF) {
                let schema = fold(schema.text());
                self.tables.retain(|table| !table.name.is_in(&schema));
                self.domains.retain(|domain| !domain.name.is_in(&schema));
            }
        } else if kind == K::ALTER_DOMAIN {
            let name = statement.find(K::DOMAIN_REF).and_then(ObjectName::of);
            let domain = name.and_then(|name| self.domains.iter_mut().rfind(|domain| domain.name.is(&name)));
            if let Some(domain) = domain {
                domain.alter(statement);
            }
        }
    }

    /// Applies a new name of a type: to domains, to columns, and to types that are based on it.
    pub(super) fn rename_type(&mut self, old: &ObjectName, new: &NewName) {
        for KnownDomain { name, base, .. } in &mut self.domains {
            if name.is(old) {
                *name = new.of(name);
            }
            if let Some(made_of) = ObjectName::written(base).filter(|made_of| made_of.is(old)) {
                *base = new.of(&made_of).printed();
            }
        }
        let columns = self.tables.iter_mut().flat_map(|table| &mut table.columns);
        for kind in columns.map(|column| &mut column.kind) {
            if let Some(name) = kind.named().filter(|name| name.is(old)) {
                kind.rename(&new.of(&name));
            }
        }
    }

    /// Applies a new name of a schema.
    pub(super) fn rename_schema(&mut self, old: &str, new: &str) {
        for KnownDomain { name, base, .. } in &mut self.domains {
            name.in_renamed(old, new);
            if let Some(mut made_of) = ObjectName::written(base).filter(|made_of| made_of.is_in(old)) {
                made_of.in_renamed(old, new);
                *base = made_of.printed();
            }
        }
        for table in &mut self.tables {
            table.name.in_renamed(old, new);
            for kind in table.columns.iter_mut().map(|column| &mut column.kind) {
                if let Some(mut name) = kind.named().filter(|name| name.is_in(old)) {
                    name.in_renamed(old, new);
                    kind.rename(&name);
                }
            }
        }
    }

    /// Takes in one action of an ALTER TABLE.
    pub(super) fn action(&mut self, table: &ObjectName, action: Node<'_>) {
        let kind = action.kind();
        let mut tables = self.tables.iter_mut().filter(|known| known.name.is(table));
        let Some(table) = tables.next().filter(|_| tables.next().is_none()) else { return };
        let column =
            action.find(K::COLUMN_NAME_REF).and_then(ObjectName::of).map(|name| name.bare().to_owned());
        let of = |known: &&mut KnownColumn| Some(&known.name) == column.as_ref();
        if kind == K::ADD_COLUMN {
            let added = KnownColumn::of(action);
            table.columns.retain(|known| added.as_ref().is_none_or(|added| added.name != known.name));
            table.columns.extend(added);
            table.take_key(action, action);
        } else if kind == K::ADD_CONSTRAINT {
            action.children().for_each(|constraint| table.take_key(constraint, action));
        } else if kind == K::DROP_COLUMN {
            table.columns.retain(|known| Some(&known.name) != column.as_ref());
            table.key = table.key.take().filter(|key| Some(key) != column.as_ref());
        } else if kind == K::RENAME_COLUMN {
            let Some(new) = action.child(K::COLUMN_NAME).and_then(ObjectName::of) else { return };
            table
                .columns
                .iter_mut()
                .filter(|known| of(known))
                .for_each(|known| known.name = new.bare().to_owned());
            if table.key == column {
                table.key = Some(new.bare().to_owned());
            }
        } else if let Some(new) = NewName::by(action) {
            table.name = new.of(&table.name);
        } else if let Some(retyped) = action.child(K::SET_TYPE) {
            let Some(kind) = type_of(retyped) else { return };
            table.columns.iter_mut().filter(|known| of(known)).for_each(|known| known.kind = kind.clone());
        }
    }
}

impl KnownTable {
    fn of(statement: Node<'_>, schema: Option<&str>) -> Option<KnownTable> {
        let name = statement.child(K::TABLE_NAME).and_then(ObjectName::of)?.within(schema);
        let mut table = KnownTable { name, columns: Vec::new(), key: None };
        let elements = statement.child(K::TABLE_ARG_LIST).into_iter().flat_map(Node::children);
        for element in elements {
            if element.kind() == K::COLUMN {
                table.columns.extend(KnownColumn::of(element));
            }
            table.take_key(element, element);
        }
        Some(table)
    }

    /// Takes in the key that a constraint, or the definition of a column, makes. A primary key goes before others.
    fn take_key(&mut self, node: Node<'_>, column: Node<'_>) {
        let primary = [Some(node), node.child(K::PRIMARY_KEY_CONSTRAINT)]
            .into_iter()
            .flatten()
            .find(|node| node.kind() == K::PRIMARY_KEY_CONSTRAINT);
        let unique = node.child(K::UNIQUE_CONSTRAINT).filter(|_| node.has(K::NOT_NULL_CONSTRAINT));
        let listed = |key: Node<'_>| {
            key.find(K::CONSTRAINT_COLUMN_REF_LIST)?.find(K::COLUMN_NAME_REF).and_then(ObjectName::of)
        };
        let own = || column.child(K::COLUMN_NAME).and_then(ObjectName::of);
        if let Some(primary) = primary {
            self.key = listed(primary).or_else(own).map(|name| name.bare().to_owned()).or(self.key.take());
        } else if unique.is_some() && self.key.is_none() {
            self.key = own().map(|name| name.bare().to_owned());
        }
    }
}

impl KnownColumn {
    fn of(definition: Node<'_>) -> Option<KnownColumn> {
        let name = definition.child(K::COLUMN_NAME).and_then(ObjectName::of)?.bare().to_owned();
        Some(KnownColumn { name, kind: type_of(definition)? })
    }
}

/// The type in a column's definition, or in what gives it another one.
fn type_of(node: Node<'_>) -> Option<SqlType> {
    let named = [K::COLUMN_NAME, K::IF_NOT_EXISTS];
    let kind = node.children().find(|child| !child.is_token() && !named.contains(&child.kind()))?;
    Some(SqlType::parse(kind.text()))
}

impl KnownDomain {
    fn of(statement: Node<'_>) -> Option<KnownDomain> {
        let mut nodes = statement.children().filter(|child| !child.is_token());
        let name = nodes.next().and_then(ObjectName::of)?;
        let base = nodes.next()?.text().to_owned();
        let mut domain = KnownDomain { name, base, checks: Vec::new(), not_null: false };
        nodes.for_each(|constraint| domain.take(constraint));
        Some(domain)
    }

    fn take(&mut self, constraint: Node<'_>) {
        if constraint.kind() == K::NOT_NULL_CONSTRAINT {
            self.not_null = true;
        } else if constraint.kind() == K::CHECK_CONSTRAINT {
            let name = constraint.find(K::CONSTRAINT_NAME).map(|name| fold(name.text()));
            let expression = constraint.text().split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
            self.checks.extend(expression.map(|(expression, _)| (name, expression.to_owned())));
        }
    }

    fn alter(&mut self, statement: Node<'_>) {
        if let Some(added) = statement.child(K::ADD_CONSTRAINT) {
            added.children().for_each(|constraint| self.take(constraint));
        } else if let Some(dropped) = statement.child(K::DROP_CONSTRAINT) {
            let name = dropped.find(K::CONSTRAINT_NAME_REF).map(|name| fold(name.text()));
            self.checks.retain(|(known, _)| *known != name);
        } else if let Some(renamed) = statement.child(K::RENAME_CONSTRAINT) {
            let [old, new] = [K::CONSTRAINT_NAME_REF, K::CONSTRAINT_NAME]
                .map(|kind| renamed.find(kind).map(|name| fold(name.text())));
            self.checks
                .iter_mut()
                .filter(|(name, _)| *name == old)
                .for_each(|(name, _)| name.clone_from(&new));
        } else if statement.has(K::SET_NOT_NULL) {
            self.not_null = true;
        } else if statement.has(K::DROP_NOT_NULL) {
            self.not_null = false;
        }
    }
}
