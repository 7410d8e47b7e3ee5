use migrate_core::Result;

use crate::inspect::assembly::Assembly;
use crate::inspect::cells::Cells;

/// Default operator classes of btree: the types that they are for, and their names.
pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    assembly.classes.insert(row.number(0)?, (row.number(1)?, row.text(2)?));
    Ok(())
}
