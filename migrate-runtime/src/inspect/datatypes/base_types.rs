use embed_migrate_core::Result;
use embed_migrate_core::catalog::{DataType, Oid, QualifiedName, TypeKind};

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

/// Where the options begin, and how many there are.
const OPTIONS: std::ops::Range<usize> = 7..25;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    let kind = match row.flag(6) {
        true => TypeKind::Base(OPTIONS.filter_map(|column| row.optional(column)).collect()),
        false => TypeKind::Shell,
    };
    let data_type = DataType {
        name: QualifiedName { schema: row.text(1)?, name: row.text(2)? },
        owner: row.text(3)?,
        kind,
        grants: row.grants(4),
        comment: None,
        comments: Default::default(),
    };
    builder.catalog.types.insert(oid, data_type);
    Ok(())
}
