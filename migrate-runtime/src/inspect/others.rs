use migrate_core::Result;

use super::assembly::Assembly;
use super::cells::Cells;

pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    if let (Some(kind), Some(name)) = (row.optional(0), row.optional(1)) {
        assembly.catalog.others.insert((kind, name));
    }
    Ok(())
}
