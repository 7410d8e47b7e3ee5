use migrate_core::Result;
use migrate_core::catalog::{DataType, Oid, QualifiedName, TypeKind};

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let oid: Oid = row.number(0)?;
    if let Some(relation) = row.oid(1) {
        assembly.spot(Class::Relation, relation, Spot::Composite(oid, Vec::new()));
        assembly.composites.insert(oid, relation);
    }
    if let Some(base) = row.oid(2) {
        assembly.bases.insert(oid, base);
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
    assembly.catalog.types.insert(oid, data_type);
    Ok(())
}
