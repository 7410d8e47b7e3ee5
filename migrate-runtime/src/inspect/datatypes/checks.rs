use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Oid, TypeKind};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (domain, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    builder.spot(ObjectClass::Constraint, row.number(1)?, ObjectPlace::Check(domain, name.clone()));
    let domain = builder.catalog.types.get_mut(&domain).map(|domain| &mut domain.kind);
    if let (Some(TypeKind::Domain { checks, .. }), Some(definition)) = (domain, row.optional(3)) {
        checks.push((name, definition));
        checks.sort_unstable();
    }
    Ok(())
}
