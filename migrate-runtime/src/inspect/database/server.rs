use migrate_core::Result;

use crate::inspect::assembly::Assembly;
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    assembly.catalog.server = row.number(0)?;
    assembly.keywords = row.list(1).into_iter().collect();
    Ok(())
}
