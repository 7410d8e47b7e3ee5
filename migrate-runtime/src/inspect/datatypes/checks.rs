use migrate_core::Result;
use migrate_core::catalog::{Oid, TypeKind};

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (domain, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    assembly.spot(Class::Constraint, row.number(1)?, Spot::Check(domain, name.clone()));
    let domain = assembly.catalog.types.get_mut(&domain).map(|domain| &mut domain.kind);
    if let (Some(TypeKind::Domain { checks, .. }), Some(definition)) = (domain, row.optional(3)) {
        checks.push((name, definition));
        checks.sort_unstable();
    }
    Ok(())
}
