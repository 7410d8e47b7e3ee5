use migrate_core::Result;
use migrate_core::catalog::{Oid, TypeKind};

use super::assembly::{Assembly, Class, Spot};
use super::cells::Cells;

pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (domain, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    assembly.spot(Class::Constraint, row.number(1)?, Spot::Check(domain, name.clone()));
    let domain = assembly.catalog.types.get_mut(&domain).map(|domain| &mut domain.kind);
    if let (Some(TypeKind::Domain { checks, .. }), Some(definition)) = (domain, row.optional(3)) {
        checks.push((name, definition));
        checks.sort_unstable();
    }
    Ok(())
}
