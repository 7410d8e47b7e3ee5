use migrate_core::Result;
use migrate_core::catalog::{Oid, Trigger};

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(3)?);
    assembly.spot(Class::Trigger, row.number(1)?, Spot::Trigger(oid, name.clone()));
    let (Some(table), Some(definition)) = (assembly.table(oid), row.optional(4)) else { return Ok(()) };
    let trigger = Trigger {
        function: row.number(2)?,
        definition,
        enabled: row.letter(5),
        inherited: row.flag(6),
        comment: None,
    };
    table.triggers.insert(name, trigger);
    Ok(())
}
