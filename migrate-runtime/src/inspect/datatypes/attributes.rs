use migrate_core::Result;
use migrate_core::catalog::{Oid, TypeKind};

use crate::inspect::assembly::{Assembly, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    let Some(composite) = assembly.catalog.types.get_mut(&oid) else { return Ok(()) };
    if let TypeKind::Composite(attributes) = &mut composite.kind {
        attributes.push((name.clone(), row.text(3)?));
    }
    let number = row.number(1)?;
    if let Some(Spot::Composite(_, names)) = assembly.composite(oid) {
        names.push((number, name));
    }
    Ok(())
}
