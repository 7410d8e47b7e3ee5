use super::table::parameters;
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::index::Index;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::table::Table;
use crate::text::quote;

impl DdlScript<'_> {
    pub(in crate::catalog) fn index(&self, table: &Table, name: &str, index: &Index) -> Vec<String> {
        let mut statements = vec![index.definition.clone()];
        statements.extend(index_rest(table, name, index));
        statements.extend(self.index_comment(table, name, index));
        statements
    }

    pub(in crate::catalog) fn index_comment(
        &self,
        table: &Table,
        name: &str,
        index: &Index,
    ) -> Option<String> {
        comments(&format!("INDEX {}", index_name(table, name)), index.comment.as_ref())
    }

    /// The properties of a constraint's index that the constraint does not have.
    pub(in crate::catalog) fn constraint_index(&self, table: &Table, constraint: &str) -> Vec<String> {
        let mut indexes = table.indexes.iter();
        let index = indexes.find(|(_, index)| index.constraint.as_deref() == Some(constraint));
        let Some((name, index)) = index else { return Vec::new() };
        let mut statements = Vec::new();
        if !index.options.is_empty() {
            let parameters = parameters(&index.options);
            statements.push(format!("ALTER INDEX {} SET ({parameters})", index_name(table, name)));
        }
        statements.extend(index_rest(table, name, index));
        statements.extend(self.index_comment(table, name, index));
        statements
    }

    /// Attaches the indexes of a partition to those of the partitioned table.
    pub(in crate::catalog) fn attach_indexes(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        let parts = table.indexes.iter().filter_map(|(name, index)| Some((name, index.part_of.as_ref()?)));
        parts.map(|(name, whole)| attach_index(table, name, whole)).collect()
    }
}

/// What its definition does not say.
fn index_rest(table: &Table, name: &str, index: &Index) -> Vec<String> {
    let space = index.tablespace.iter().map(|space| set_tablespace(table, name, Some(space)));
    let targets = index.statistics.iter().map(|(number, target)| index_target(table, name, *number, *target));
    space.chain(targets).collect()
}

pub(in crate::catalog) fn set_tablespace(table: &Table, index: &str, tablespace: Option<&str>) -> String {
    let tablespace = quote::identifier(tablespace.unwrap_or("pg_default"));
    format!("ALTER INDEX {} SET TABLESPACE {tablespace}", index_name(table, index))
}

pub(in crate::catalog) fn index_target(table: &Table, index: &str, number: i16, target: i16) -> String {
    format!("ALTER INDEX {} ALTER COLUMN {number} SET STATISTICS {target}", index_name(table, index))
}

pub(in crate::catalog) fn attach_index(table: &Table, name: &str, whole: &QualifiedName) -> String {
    format!("ALTER INDEX {} ATTACH PARTITION {}", whole.quoted(), index_name(table, name))
}

/// An index is in the schema of its table.
pub(in crate::catalog) fn index_name(table: &Table, name: &str) -> String {
    QualifiedName { schema: table.name.schema.clone(), name: name.to_owned() }.quoted()
}
