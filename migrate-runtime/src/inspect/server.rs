use migrate_core::Result;

use super::assembly::Assembly;
use super::cells::Cells;

pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    assembly.catalog.server = row.number(0)?;
    assembly.keywords = row.list(1).into_iter().collect();
    Ok(())
}
