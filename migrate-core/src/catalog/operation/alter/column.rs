use super::alteration::{Alteration, alter_comment};
use super::table::alter_parameters;
use crate::catalog::column::{Column, Generation};
use crate::catalog::ddl::{
    alter_column, changed_options, column_object, set_compression, set_default, set_statistics, set_storage,
};
use crate::catalog::namespace::QualifiedName;
use crate::catalog::operation::graph::{is_generated, is_identity, is_view};
use crate::catalog::operation::loss::is_widening;
use crate::catalog::operation::node::Node;
use crate::catalog::operation::operation::Action;
use crate::catalog::operation::transition::Transition;
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

impl<'a> Transition<'a> {
    pub(super) fn alter_column(&self, name: &'a QualifiedName, column: &'a str) -> Option<Vec<Alteration>> {
        let (table, (_, was), (_, is)) =
            (self.to.table(name)?, self.from.column(name, column)?, self.to.column(name, column)?);
        if is_same(was, is) && !is_identity(is) && !self.retyped.contains(&Node::Column(name, column)) {
            return None;
        }
        let mut statements = Vec::new();
        if !is_view(table) {
            statements.extend(self.retype(table, was, is));
            statements.extend(storage(table, was, is));
        }
        statements.extend(options(table, was, is));
        let mut all = vec![Alteration::of(statements)];
        // The table's privileges come with those of its columns.
        let with_table = self.from.table(name).is_some_and(|it| it.grants != table.grants);
        let grants = self.to.ddl.column_grants(table, is);
        if !with_table || was.grants.is_some() && is.grants.is_none() {
            all.push(self.alter_grants(&grants, (&was.grants, &is.grants)));
        } else if was.grants != is.grants {
            let added = grants.statements(is.grants.as_ref(), false);
            all.push(Alteration { action: Action::Grant, ..Alteration::of(added) });
        }
        all.push(alter_comment(&column_object(table, is), (&was.comment, &is.comment)));
        Some(all)
    }

    /// Type, NOT NULL and identity, in an order that runs.
    fn retype(&self, table: &'a Table, was: &'a Column, is: &'a Column) -> Vec<String> {
        let node = Node::Column(&table.name, &is.name);
        let (alter, mut statements) = (alter_column(table, is), Vec::new());
        if is_identity(was) && !is_identity(is) {
            statements.push(format!("{alter} DROP IDENTITY"));
        }
        if is_generated(was) && !is_generated(is) {
            statements.push(format!("{} DROP EXPRESSION", all_column(table, is)));
        }
        let differs = (&was.kind, &was.collation) != (&is.kind, &is.collation);
        if (differs || self.retyped.contains(&node)) && !self.type_comes_from_above(node) {
            statements.push(self.set_type(table, is));
        }
        let required = was.required != is.required;
        if required && !self.required_comes_from_above(node) {
            let word = if is.required { "SET" } else { "DROP" };
            let only_own = !is.required && !is_partitioned(table);
            let alter = if only_own { alter.clone() } else { all_column(table, is) };
            statements.push(format!("{alter} {word} NOT NULL"));
        }
        statements.extend(self.identify(table, was, is));
        statements
    }

    fn set_type(&self, table: &'a Table, is: &Column) -> String {
        let collation = is.collation.as_ref().map(|it| format!(" COLLATE {it}")).unwrap_or_default();
        let column = quote::identifier(&is.name);
        let node = Node::Column(&table.name, &is.name);
        let by_text = self.from.needs_of(node).any(|it| self.aside.contains(&it))
            || self.from.column(&table.name, &is.name).is_some_and(|(_, was)| !self.casts(was, is));
        let text = if by_text { "::text" } else { "" };
        let alter = all_column(table, is);
        // Without USING the server, and whoever reads the patch, knows that no value changes.
        let was = self.from.column(&table.name, &is.name).map(|(_, was)| was.kind.as_str());
        let widens = !by_text && was.is_some_and(|was| is_widening(was, &is.kind));
        if widens || matches!(table.relation, Relation::Foreign { .. }) || is_generated(is) {
            return format!("{alter} TYPE {}{collation}", is.kind);
        }
        format!("{alter} TYPE {}{collation} USING {column}{text}::{}", is.kind, is.kind)
    }

    fn identify(&self, table: &Table, was: &Column, is: &Column) -> Vec<String> {
        let alter = alter_column(table, is);
        let Some((oid, _)) = self.to.tables.get(&table.name).copied() else { return Vec::new() };
        let Some((number, _)) = self.to.column(&table.name, &is.name) else { return Vec::new() };
        if !is_identity(is) {
            return Vec::new();
        }
        let word = if is.generation == Some(Generation::Always) { "ALWAYS" } else { "BY DEFAULT" };
        let sequence = self.to.ddl.identity_sequence(oid, number);
        if !is_identity(was) {
            let mut statements =
                vec![format!("{alter} ADD{}", self.to.ddl.identity_of(oid, number, table, is))];
            statements.extend(sequence.into_iter().flat_map(|it| self.to.ddl.sequence_rest(it)));
            return statements;
        }
        let set = (was.generation != is.generation).then(|| format!("{alter} SET GENERATED {word}"));
        let before = self.from.tables.get(&table.name).and_then(|(oid, _)| {
            let (number, _) = self.from.column(&table.name, &is.name)?;
            self.from.ddl.identity_sequence(*oid, number)
        });
        let renames = before.zip(sequence).map(|(was, is)| rename(&was.name, &is.name));
        set.into_iter().chain(renames.into_iter().flatten()).collect()
    }

    /// The columns from which a column is inherited, each as it is and as it will be.
    fn above(&self, node: Node<'a>) -> Vec<(Node<'a>, &'a Table, &'a Column, &'a Column)> {
        let inherited = match node {
            Node::Column(table, name) => self.to.column(table, name).is_some_and(|(_, it)| it.inherited),
            _ => false,
        };
        let above = self.to.wholes.get(&node).into_iter().flatten().filter(|_| inherited);
        let above = above.filter(|above| !self.begins_to_inherit(node, **above));
        let found = above.filter_map(|above| {
            let Node::Column(name, column) = *above else { return None };
            let ((_, was), (_, is)) = self.from.column(name, column).zip(self.to.column(name, column))?;
            Some((*above, self.to.table(name)?, was, is))
        });
        found.collect()
    }

    fn type_comes_from_above(&self, node: Node<'a>) -> bool {
        self.above(node).iter().any(|(above, _, was, is)| {
            (&was.kind, &was.collation) != (&is.kind, &is.collation) || self.retyped.contains(above)
        })
    }

    fn required_comes_from_above(&self, node: Node<'a>) -> bool {
        let mut above = self.above(node).into_iter();
        above.any(|(_, table, was, is)| was.required != is.required && (is.required || is_partitioned(table)))
    }

    pub(super) fn alter_default(&self, table: &QualifiedName, name: &str) -> Option<Vec<Alteration>> {
        let (owner, (_, was), (_, is)) =
            (self.to.table(table)?, self.from.column(table, name)?, self.to.column(table, name)?);
        let statement = (was.default != is.default).then(|| set_default(owner, is));
        Some(vec![Alteration::of(statement.into_iter().collect())])
    }
}

/// Whether two columns are equal; the numbers of their types make no difference.
fn is_same(was: &Column, is: &Column) -> bool {
    let Column { name, kind, type_oid: _, required, default, generation, collation, .. } = was;
    let Column { storage, compression, statistics, grants, comment, options, inherited, .. } = was;
    (name, kind, required, default, generation, collation)
        == (&is.name, &is.kind, &is.required, &is.default, &is.generation, &is.collation)
        && (storage, compression, statistics, grants)
            == (&is.storage, &is.compression, &is.statistics, &is.grants)
        && (comment, options, inherited) == (&is.comment, &is.options, &is.inherited)
}

fn is_partitioned(table: &Table) -> bool {
    matches!(table.relation, Relation::Table { partitioned_by: Some(_), .. })
}

/// ALTER COLUMN, for the tables that inherit from it too.
fn all_column(table: &Table, column: &Column) -> String {
    alter_column(table, column).replacen("ALTER TABLE ONLY", "ALTER TABLE", 1)
}

fn rename(was: &QualifiedName, is: &QualifiedName) -> Vec<String> {
    let mut statements = Vec::new();
    if was.schema != is.schema {
        statements.push(format!(
            "ALTER SEQUENCE {} SET SCHEMA {}",
            was.quoted(),
            quote::identifier(&is.schema)
        ));
    }
    if was.name != is.name {
        let moved = QualifiedName { schema: is.schema.clone(), name: was.name.clone() };
        statements.push(format!(
            "ALTER SEQUENCE {} RENAME TO {}",
            moved.quoted(),
            quote::identifier(&is.name)
        ));
    }
    statements
}

fn storage(table: &Table, was: &Column, is: &Column) -> Vec<String> {
    let mut statements = Vec::new();
    if was.storage != is.storage {
        let default = || format!("{} SET STORAGE {}", alter_column(table, is), default_storage(&is.kind));
        statements.push(set_storage(table, is).unwrap_or_else(default));
    }
    if was.compression != is.compression {
        statements.push(set_compression(table, is));
    }
    if was.statistics != is.statistics {
        statements.push(set_statistics(table, is));
    }
    statements
}

/// Before PostgreSQL 16 there is no word for the type's default.
fn default_storage(kind: &str) -> &'static str {
    let name = kind.split('(').next().unwrap_or_default();
    match name {
        "numeric" | "inet" | "cidr" => "MAIN",
        _ => "EXTENDED",
    }
}

fn options(table: &Table, was: &Column, is: &Column) -> Vec<String> {
    let alter = alter_column(table, is);
    match table.relation {
        _ if was.options == is.options => Vec::new(),
        Relation::Foreign { .. } => {
            let alter = alter.replacen("ALTER TABLE ONLY", "ALTER FOREIGN TABLE", 1);
            vec![format!("{alter} OPTIONS ({})", changed_options(&is.options, &was.options))]
        }
        _ => alter_parameters(&alter, &was.options, &is.options),
    }
}
