use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ForeignServer, ObjectPart};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let name = row.text(1)?;
    let part = ObjectPart::Named("server".to_owned(), name.clone());
    builder.part(ObjectClass::Server, row.number(0)?, part);
    let server = ForeignServer {
        owner: row.text(2)?,
        wrapper: row.text(3)?,
        kind: row.optional(4),
        version: row.optional(5),
        options: row.sorted(6),
        grants: row.grants(7),
        comment: None,
    };
    builder.catalog.servers.insert(name, server);
    Ok(())
}
