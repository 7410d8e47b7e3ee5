use super::operations::PlannedOperation;
use crate::catalog::{Catalog, QualifiedName, Relation};
use crate::text::quote;

/// Rows or values that an operation takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The table.
    pub table: QualifiedName,
    /// The column; `None` for whole rows.
    pub column: Option<String>,
}

impl Loss {
    /// The query that counts what would be lost.
    pub fn count(&self) -> String {
        let column = self.column.as_ref().map_or("*".to_owned(), |column| quote::identifier(column));
        format!("SELECT pg_catalog.count({column}) FROM {}", self.table.quoted())
    }

    /// What would be lost, for a reader; with the number if it is known.
    pub fn told(&self, count: Option<i64>) -> String {
        match (&self.column, count) {
            (None, None) => format!("the rows of table `{}`", self.table),
            (None, Some(count)) => format!("{count} rows of table `{}`", self.table),
            (Some(column), None) => format!("the values of column `{}.{column}`", self.table),
            (Some(column), Some(count)) => format!("{count} values of column `{}.{column}`", self.table),
        }
    }
}

/// What operations take away from tables that may hold rows.
pub fn losses(from: &Catalog, operations: &[PlannedOperation]) -> Vec<Loss> {
    let dropped = operations.iter().filter(|operation| operation.drops);
    dropped.filter_map(|operation| loss(from, operation)).collect()
}

fn loss(from: &Catalog, operation: &PlannedOperation) -> Option<Loss> {
    let tables = from.tables.values().filter(|table| matches!(&table.relation, Relation::Table { .. }));
    let mut found = tables.filter_map(|table| {
        let name = table.name.to_string();
        match operation.object.kind.as_str() {
            "table" if operation.object.name == name => Some((table, None)),
            "column" => {
                let column = operation.object.name.strip_prefix(&name)?.strip_prefix('.')?;
                let column = table.columns.values().find(|known| known.name == column)?;
                // What is computed can be computed again.
                column.generation.is_none().then_some((table, Some(column.name.clone())))
            }
            _ => None,
        }
    });
    let (table, column) = found.next()?;
    Some(Loss { table: table.name.clone(), column })
}
