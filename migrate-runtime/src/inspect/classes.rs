use migrate_core::Result;

use super::assembly::Assembly;
use super::cells::Cells;

/// Default operator classes of btree: the types that they are for, and their names.
pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    assembly.classes.insert(row.number(0)?, (row.number(1)?, row.text(2)?));
    Ok(())
}
