//! What stands for an object while those that it needs, and that need it, are created.

use super::script::DdlScript;
use super::sort::Placeholders;
use crate::catalog::column::Column;
use crate::catalog::function::Function;
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};
use crate::catalog::types::{DataType, TypeKind};
use crate::text::quote;

impl Placeholders for DdlScript<'_> {
    fn preference(&self, part: &ObjectPart) -> Option<u8> {
        let catalog = self.catalog;
        match part {
            ObjectPart::Type(oid) => match catalog.types.get(oid)?.kind {
                TypeKind::Base(_) | TypeKind::Range(_) => Some(0),
                TypeKind::Domain { .. } => Some(1),
                TypeKind::Enum(_) | TypeKind::Composite(_) | TypeKind::Shell => None,
            },
            ObjectPart::Table(oid) => match catalog.tables.get(oid)?.relation {
                Relation::View { .. } => Some(2),
                _ => None,
            },
            ObjectPart::Function(oid) => header(catalog.functions.get(oid)?).map(|_| 3),
            _ => None,
        }
    }

    fn is_enough(&self, by: &ObjectPart, of: &ObjectPart) -> bool {
        let ObjectPart::Type(oid) = of else { return true };
        let kind = self.catalog.types.get(oid).map(|of| &of.kind);
        // A shell has no values yet: only its own functions may name it.
        let is_own = || self.catalog.uses.get(of).is_some_and(|needs| needs.contains(by));
        matches!(kind, Some(TypeKind::Domain { .. })) || is_own()
    }
}

/// `CREATE VIEW` with the same columns and without rows; CREATE OR REPLACE completes it.
pub(super) fn view(table: &Table) -> String {
    let columns: Vec<String> = table.columns.values().map(empty).collect();
    format!("CREATE VIEW {} AS\n SELECT {}", table.name.quoted(), columns.join(",\n    "))
}

fn empty(column: &Column) -> String {
    let collation = column.collation.as_ref().map(|collation| format!(" COLLATE {collation}"));
    let (kind, name) = (&column.kind, quote::identifier(&column.name));
    format!("NULL::{kind}{} AS {name}", collation.unwrap_or_default())
}

/// `CREATE TYPE` without a definition.
pub(super) fn shell(data_type: &DataType) -> String {
    format!("CREATE TYPE {}", data_type.name.quoted())
}

/// A function with an empty body, which the real definition replaces.
pub(super) fn function(function: &Function) -> Option<String> {
    header(function).map(|header| format!("{header}\nAS ''"))
}

/// All before a body that was parsed when the function was created, as `pg_get_functiondef` prints it.
fn header(function: &Function) -> Option<&str> {
    let parsed = ["\nBEGIN ATOMIC\n", "\nRETURN "];
    let ends = parsed.iter().filter_map(|body| function.definition.find(body));
    // Any other body stands in quotes.
    let text = !function.source.is_empty();
    ends.min().filter(|_| !text).and_then(|end| function.definition.get(..end))
}
