use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Oid, TypeKind};

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

const OPTIONS: [&str; 6] =
    ["SUBTYPE", "SUBTYPE_OPCLASS", "COLLATION", "CANONICAL", "SUBTYPE_DIFF", "MULTIRANGE_TYPE_NAME"];

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    if let Some(range) = builder.catalog.types.get_mut(&oid) {
        let options = OPTIONS.iter().enumerate();
        let given = options.filter_map(|(place, name)| Some(((*name).to_owned(), row.optional(place + 1)?)));
        range.kind = TypeKind::Range(given.collect());
    }
    Ok(())
}
