use migrate_core::Result;

use crate::inspect::assembly::Assembly;
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    if let (Some(kind), Some(name)) = (row.optional(0), row.optional(1)) {
        assembly.catalog.others.insert((kind, name));
    }
    Ok(())
}
