use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Oid, QualifiedName, Sequence};

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    let sequence = Sequence {
        name: QualifiedName { schema: row.text(4)?, name: row.text(5)? },
        owner: row.text(6)?,
        kind: row.text(7)?,
        numbers: [row.number(8)?, row.number(9)?, row.number(10)?, row.number(11)?, row.number(12)?],
        cycle: row.flag(13),
        owned_by: row.oid(1).zip(row.get(2).and_then(|number| number.parse().ok())),
        identity: row.flag(3),
        unlogged: row.flag(14),
        grants: row.grants(15),
        comment: None,
    };
    builder.catalog.sequences.insert(oid, sequence);
    Ok(())
}
