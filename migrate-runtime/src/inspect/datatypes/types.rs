use embed_migrate_core::Result;
use embed_migrate_core::catalog::{DataType, Oid, QualifiedName, TypeKind};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    if let Some(relation) = row.oid(1) {
        builder.spot(ObjectClass::Relation, relation, ObjectPlace::Composite(oid, Vec::new()));
        builder.composites.insert(oid, relation);
    }
    if let Some(base) = row.oid(2) {
        builder.bases.insert(oid, base);
    }
    // Constraints, attributes and options come by themselves.
    let kind = match row.letter(5) {
        'e' => TypeKind::Enum(row.list(9)),
        'd' => TypeKind::Domain {
            base: row.text(10)?,
            required: row.flag(11),
            default: row.optional(12),
            collation: row.optional(13),
            checks: Vec::new(),
        },
        'r' => TypeKind::Range(Vec::new()),
        _ => TypeKind::Composite(Vec::new()),
    };
    let data_type = DataType {
        name: QualifiedName { schema: row.text(3)?, name: row.text(4)? },
        owner: row.text(6)?,
        kind,
        grants: row.grants(7),
        comment: None,
        comments: Default::default(),
    };
    builder.catalog.types.insert(oid, data_type);
    Ok(())
}
