use migrate_core::Result;
use migrate_core::catalog::DefaultGrant;

use crate::inspect::assembly::Assembly;
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let grant = DefaultGrant { role: row.text(0)?, schema: row.optional(1), objects: row.text(2)? };
    assembly.catalog.default_grants.insert(grant, row.list(3));
    Ok(())
}
