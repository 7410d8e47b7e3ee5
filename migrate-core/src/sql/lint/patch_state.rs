use std::collections::BTreeSet;

use squawk_parser::SyntaxKind as K;

use super::known_schema::KnownSchema;
use super::object_name::{NameSet, NewName, ObjectName};
use crate::lex::fold;
use crate::sql::tree::Node;

/// What is known before a statement: from the patch so far, and from earlier patches.
#[derive(Default)]
pub(super) struct PatchState {
    /// What patches say of tables and domains.
    pub(super) known: KnownSchema,
    /// Tables, views and indexes that patches before this one made.
    existing: NameSet,
    /// Tables and views that this patch made.
    created: NameSet,
    /// Indexes that this patch made.
    indexes: NameSet,
    /// Types that this patch made.
    types: NameSet,
    /// Tables that others can't write to until this patch ends.
    held: NameSet,
    /// Labels that this patch adds to enums.
    pub(super) labels: Vec<String>,
    checks: Vec<KnownCheck>,
}

/// A check, of this patch or of one before it.
struct KnownCheck {
    table: ObjectName,
    name: Option<ObjectName>,
    /// The columns that can't be null if it holds.
    columns: Vec<String>,
    /// All columns that it mentions.
    mentions: Vec<String>,
    valid: bool,
    /// Added by this patch.
    own: bool,
}

impl PatchState {
    /// Continues with the next patch: the tables exist, and nobody has locked them.
    pub(super) fn next_patch(self) -> PatchState {
        let checks = self.checks.into_iter().map(|check| KnownCheck { own: false, ..check }).collect();
        let PatchState { known, mut existing, created, indexes, .. } = self;
        existing.extend(created.into_iter().chain(indexes.into_iter()));
        PatchState { checks, known, existing, ..PatchState::default() }
    }

    pub(super) fn is_new(&self, table: &ObjectName) -> bool {
        self.created.have(table)
    }

    pub(super) fn is_new_index(&self, index: &ObjectName) -> bool {
        self.indexes.have(index)
    }

    pub(super) fn is_new_type(&self, name: &ObjectName) -> bool {
        self.types.have(name)
    }

    pub(super) fn is_held(&self, table: &ObjectName) -> bool {
        self.held.have(table)
    }

    /// Whether a check that was validated says that the column is never null.
    pub(super) fn proves(&self, table: &ObjectName, column: &ObjectName) -> bool {
        let mut checks = self.checks.iter().filter(|check| check.valid && check.table.is(table));
        checks.any(|check| check.columns.iter().any(|not_null| not_null == column.bare()))
    }

    /// Whether the table has a check that was validated, whatever it says.
    pub(super) fn has_check(&self, table: &ObjectName) -> bool {
        self.checks.iter().any(|check| check.valid && check.table.is(table))
    }

    /// The directive by which a table's rows are changed in batches.
    pub(super) fn batch(&self, table: &ObjectName) -> String {
        let key = match self.known.key(table) {
            Some(key) => crate::text::quote::printed(key, &BTreeSet::new()),
            None if self.known.lacks(table, "id") => "…".to_owned(),
            None => "id".to_owned(),
        };
        format!("-- migrate: batch 5000 by {key}")
    }

    /// Whether a check of the table mentions that column: it is evaluated again if the column gets another type.
    pub(super) fn is_checked(&self, table: &ObjectName, column: &ObjectName) -> bool {
        let mut checks = self.checks.iter().filter(|check| check.table.is(table));
        checks.any(|check| check.mentions.iter().any(|mentioned| mentioned == column.bare()))
    }

    /// Whether this patch added that constraint and did not validate it yet.
    pub(super) fn added(&self, table: &ObjectName, constraint: &ObjectName) -> bool {
        let mut own = self.checks.iter().filter(|check| check.own && check.table.is(table));
        own.any(|check| check.name.as_ref().is_some_and(|name| name.is(constraint)))
    }

    /// Takes in a statement after it was looked at.
    pub(super) fn statement(&mut self, statement: Node<'_>) {
        if statement.kind() == K::CREATE_SCHEMA {
            let schema = [K::SCHEMA, K::ROLE].iter().find_map(|kind| statement.find(*kind));
            let schema = schema.map(|schema| fold(schema.text()));
            statement.children().for_each(|element| self.creations(element, schema.as_deref()));
        } else {
            self.creations(statement, None);
        }
    }

    /// Records what a statement creates; names without a schema are in this one.
    fn creations(&mut self, statement: Node<'_>, schema: Option<&str>) {
        let kind = statement.kind();
        self.known.statement(statement, schema);
        self.gone(statement);
        self.renamed(statement);
        // What is there already is not made.
        let existing =
            |name: &ObjectName| statement.child(K::IF_NOT_EXISTS).is_some() && self.existing.have(name);
        let name = |kind| statement.find(kind).and_then(ObjectName::of).map(|name| name.within(schema));
        let new_name = |kind| name(kind).filter(|name| !existing(name));
        if kind == K::CREATE_TABLE || kind == K::CREATE_TABLE_AS || kind == K::SELECT_INTO {
            let Some(table) = new_name(K::TABLE_NAME) else { return };
            for check in statement.all().filter(|node| node.kind() == K::CHECK_CONSTRAINT) {
                self.check(&table, check);
            }
            for other in references(statement) {
                self.hold(other);
            }
            self.created.extend([table]);
        } else if kind == K::CREATE_MATERIALIZED_VIEW {
            let view = new_name(K::VIEW);
            self.created.extend(view);
        } else if kind == K::CREATE_TYPE {
            self.types.extend(name(K::TYPE_NAME));
        } else if kind == K::CREATE_INDEX {
            let index = new_name(K::INDEX);
            self.indexes.extend(index);
            self.held.extend(name(K::TABLE_RELATION_NAME));
        } else if kind == K::CREATE_TRIGGER {
            self.held.extend(name(K::ON_RELATION));
        } else if kind == K::LOCK || kind == K::TRUNCATE {
            let tables = [K::RELATION_NAME, K::TABLE_RELATION_NAME];
            let tables = statement.all().filter(|node| tables.contains(&node.kind()));
            self.held.extend(tables.filter_map(ObjectName::of));
        }
    }

    /// Forgets what a statement drops: its name is free.
    fn gone(&mut self, statement: Node<'_>) {
        const DROPS: [(K, K); 3] = [
            (K::DROP_TABLE, K::TABLE_NAME_REF),
            (K::DROP_INDEX, K::INDEX_REF),
            (K::DROP_MATERIALIZED_VIEW, K::VIEW_REF),
        ];
        if statement.kind() == K::DROP_TYPE {
            let types = statement.children().filter(|child| child.kind() == K::TYPE_NAME_REF);
            types.filter_map(ObjectName::of).for_each(|name| self.types.remove(&name));
        }
        let dropped = DROPS.iter().find(|(kind, _)| *kind == statement.kind()).map(|(_, dropped)| *dropped);
        let names =
            statement.children().filter(|child| Some(child.kind()) == dropped).filter_map(ObjectName::of);
        names.for_each(|name| self.existing.remove(&name));
    }

    /// Applies the new names of what a statement renames or moves to another schema. Tables have actions of their own.
    fn renamed(&mut self, statement: Node<'_>) {
        const RELATIONS: [(K, K); 2] =
            [(K::ALTER_INDEX, K::INDEX_REF), (K::ALTER_MATERIALIZED_VIEW, K::VIEW_REF)];
        const TYPES: [(K, K); 2] = [(K::ALTER_DOMAIN, K::DOMAIN_REF), (K::ALTER_TYPE, K::TYPE_NAME_REF)];
        if statement.kind() == K::ALTER_SCHEMA {
            let old = statement.child(K::SCHEMA_REF).map(|schema| fold(schema.text()));
            let new = statement.child(K::SCHEMA_RENAME_TO).and_then(|clause| clause.find(K::SCHEMA));
            if let (Some(old), Some(new)) = (old, new.map(|schema| fold(schema.text()))) {
                self.rename_schema(&old, &new);
            }
            return;
        }
        let of = |kinds: [(K, K); 2]| {
            let (_, named) = kinds.into_iter().find(|(kind, _)| *kind == statement.kind())?;
            let old = statement.child(named).and_then(ObjectName::of)?;
            Some((old, statement.children().find_map(NewName::by)?))
        };
        if let Some((old, new)) = of(RELATIONS) {
            self.rename_relation(&old, &new);
        } else if let Some((old, new)) = of(TYPES) {
            self.types.rename(&old, &new);
            self.known.rename_type(&old, &new);
        }
    }

    fn rename_relation(&mut self, old: &ObjectName, new: &NewName) {
        let PatchState { existing, created, indexes, held, .. } = self;
        [existing, created, indexes, held].into_iter().for_each(|names| names.rename(old, new));
        for check in self.checks.iter_mut().filter(|check| check.table.is(old)) {
            check.table = new.of(&check.table);
        }
    }

    fn rename_schema(&mut self, old: &str, new: &str) {
        self.known.rename_schema(old, new);
        let PatchState { existing, created, indexes, types, held, .. } = self;
        let names = [existing, created, indexes, types, held].into_iter().flat_map(NameSet::each);
        let checks = self.checks.iter_mut().map(|check| &mut check.table);
        names.chain(checks).for_each(|name| name.in_renamed(old, new));
    }

    /// Takes in one action of an ALTER TABLE.
    pub(super) fn action(&mut self, table: &ObjectName, action: Node<'_>) {
        self.known.action(table, action);
        const WEAK: [K; 6] = [
            K::VALIDATE_CONSTRAINT,
            K::ATTACH_PARTITION,
            K::DETACH_PARTITION,
            K::CLUSTER_ON,
            K::SET_WITHOUT_CLUSTER,
            K::SET_OPTIONS,
        ];
        let kind = action.kind();
        let weak = WEAK.contains(&kind) || action.has(K::SET_STATISTICS);
        if !weak {
            self.hold(table.clone());
        }
        for other in references(action) {
            self.hold(other);
        }
        if let Some(new) = NewName::by(action) {
            self.rename_relation(table, &new);
        } else if kind == K::RENAME_COLUMN {
            self.rename_column(table, action);
        } else if kind == K::RENAME_CONSTRAINT {
            let old = action.find(K::CONSTRAINT_NAME_REF).and_then(ObjectName::of);
            let new = action.find(K::CONSTRAINT_NAME).and_then(ObjectName::of);
            let is = |check: &&mut KnownCheck| check.table.is(table) && check.name == old && old.is_some();
            self.checks.iter_mut().filter(is).for_each(|check| check.name.clone_from(&new));
        }
        for check in action.all().filter(|node| CHECKS.contains(&node.kind())) {
            self.check(table, check);
        }
        if kind == K::VALIDATE_CONSTRAINT || kind == K::DROP_CONSTRAINT {
            let Some(name) = action.find(K::CONSTRAINT_NAME_REF).and_then(ObjectName::of) else { return };
            let is = |check: &KnownCheck| {
                check.table.is(table) && check.name.as_ref().is_some_and(|known| known.is(&name))
            };
            if kind == K::DROP_CONSTRAINT {
                self.checks.retain(|check| !is(check));
            } else {
                self.checks.iter_mut().filter(|check| is(check)).for_each(|check| check.valid = true);
            }
        }
    }

    /// Checks speak of a column by its new name.
    fn rename_column(&mut self, table: &ObjectName, action: Node<'_>) {
        let old = action.find(K::COLUMN_NAME_REF).and_then(ObjectName::of);
        let new = action.child(K::COLUMN_NAME).and_then(ObjectName::of);
        let Some((old, new)) = old.zip(new) else { return };
        let checks = self.checks.iter_mut().filter(|check| check.table.is(table));
        let columns = checks.flat_map(|check| check.columns.iter_mut().chain(&mut check.mentions));
        columns.filter(|column| *column == old.bare()).for_each(|column| *column = new.bare().to_owned());
    }

    fn hold(&mut self, table: ObjectName) {
        if !self.is_held(&table) {
            self.held.extend([table]);
        }
    }

    fn check(&mut self, table: &ObjectName, check: Node<'_>) {
        let name = check.child(K::CONSTRAINT_NAME_CLAUSE).and_then(ObjectName::of);
        let mut columns = Vec::new();
        if check.kind() == K::NOT_NULL_CONSTRAINT {
            columns.extend(
                check.find(K::COLUMN_NAME_REF).and_then(ObjectName::of).map(|name| name.bare().to_owned()),
            );
        } else if let Some(that) =
            check.children().find(|node| !node.is_token() && is_expression(node.kind()))
        {
            columns = not_null(that);
        }
        let valid = !check.has(K::NOT_VALID) && !check.has(K::NOT_ENFORCED);
        let mentions =
            check.all().filter(|node| node.kind() == K::NAME_REF).map(|name| fold(name.text())).collect();
        self.checks.push(KnownCheck { table: table.clone(), name, columns, mentions, valid, own: true });
    }
}

/// What VALIDATE may be about.
const CHECKS: [K; 3] = [K::CHECK_CONSTRAINT, K::FOREIGN_KEY_CONSTRAINT, K::NOT_NULL_CONSTRAINT];

fn is_expression(kind: K) -> bool {
    kind != K::CONSTRAINT_NAME_CLAUSE && kind != K::NOT_VALID && kind != K::NO_INHERIT
}

/// The columns with `IS NOT NULL` in an expression, alone or joined by AND.
fn not_null(node: Node<'_>) -> Vec<String> {
    let (mut left, mut columns) = (vec![node], Vec::new());
    // Expressions may nest deeper than the stack is.
    while let Some(node) = left.pop() {
        let parts: Vec<Node<'_>> = node.children().collect();
        if node.kind() == K::PAREN_EXPR {
            left.extend(parts.iter().filter(|part| !part.is_token()));
        } else if node.kind() == K::BIN_EXPR
            && let [one, operator, other] = parts.as_slice()
        {
            if operator.kind() == K::AND_KW {
                left.extend([*one, *other]);
            } else if operator.kind() == K::IS_NOT && other.has(K::NULL_KW) && one.kind() == K::NAME_REF {
                columns.push(fold(one.text()));
            }
        }
    }
    columns
}

/// The tables that foreign keys in a statement or clause name.
pub(super) fn references(node: Node<'_>) -> impl Iterator<Item = ObjectName> {
    let keys = [K::FOREIGN_KEY_CONSTRAINT, K::REFERENCES_CONSTRAINT];
    let keys = node.all().filter(move |node| keys.contains(&node.kind()));
    keys.filter_map(|key| key.child(K::TABLE_NAME_REF).and_then(ObjectName::of))
}
