use embed_migrate_core::Result;
use embed_migrate_core::catalog::{GenericObject, ObjectPart, Stage};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

/// Number, class, kind, name, owner, statements; the rows of `pg_amop` and `pg_amproc` that belong to it; privileges; when it is
/// created; what of it is not in the statements; the statements that remove it, if they are not a plain DROP.
pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    // An object that vanished while it was read has no name.
    let (Some(kind), Some(name)) = (row.optional(2), row.optional(3)) else { return Ok(()) };
    let part = ObjectPart::Named(kind.clone(), name.clone());
    for member in row.list(6) {
        let member = member.split_once(' ');
        if let Some((class, Ok(oid))) = member.map(|(class, oid)| (ObjectClass::parse(class), oid.parse()))
            && let Some(class) = class
        {
            builder.part(class, oid, part.clone());
        }
    }
    for missing in row.list(10) {
        builder.catalog.others.insert((format!("{missing} of {kind}"), name.clone()));
    }
    if let Some(class) = ObjectClass::parse(row.str(1)?) {
        builder.part(class, row.number(0)?, part);
    }
    let mut drop = row.list(11);
    if drop.is_empty() {
        drop.push(format!("DROP {} {name}", kind.to_uppercase()));
    }
    let object = GenericObject {
        create: row.list(5),
        drop,
        owner: row.optional(4),
        grants: row.grants(7),
        comment: None,
        stage: match row.get(9) {
            Some("late") => Stage::Late,
            Some("access") => Stage::Access,
            _ => Stage::InOrder,
        },
    };
    if !object.create.is_empty() {
        builder.catalog.objects.insert((kind, name), object);
    }
    Ok(())
}
