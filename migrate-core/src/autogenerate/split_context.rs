use super::lint_context::LintContext;
use super::printed::AlterTable;
use crate::catalog::{Catalog, Column, Oid, Table};
use crate::text::quote;

/// The catalogs that a difference leads from and to, and what the lint knows.
#[derive(Debug, Clone, Copy)]
pub struct SplitContext<'a> {
    /// What is there.
    pub from: &'a Catalog,
    /// What is to be there.
    pub to: &'a Catalog,
    /// What the lint knows of the bundle.
    pub lint: &'a LintContext,
}

/// The column with a default, and the default taken away.
pub(super) fn with_default(
    alter: &AlterTable<'_>,
    column: &Column,
    statement: &str,
    value: &str,
) -> [String; 2] {
    let plain = statement.strip_suffix(" NOT NULL").unwrap_or(statement);
    let name = quote::identifier(&column.name);
    [format!("{plain} DEFAULT {value} NOT NULL"), format!("{} ALTER COLUMN {name} DROP DEFAULT", alter.head)]
}

/// The table that a statement alters.
pub(super) fn table_of<'c>(catalog: &'c Catalog, alter: &AlterTable<'_>) -> Option<(Oid, &'c Table)> {
    let found = catalog.tables.iter().find(|(_, table)| table.name.quoted() == alter.table)?;
    Some((*found.0, found.1))
}
