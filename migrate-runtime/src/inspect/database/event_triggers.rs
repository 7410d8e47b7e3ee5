use migrate_core::Result;
use migrate_core::catalog::EventTrigger;

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let name = row.text(2)?;
    assembly.spot(Class::EventTrigger, row.number(0)?, Spot::Named(name.clone()));
    let trigger = EventTrigger {
        event: row.text(3)?,
        tags: row.list(4),
        function: row.number(1)?,
        calls: row.text(5)?,
        owner: row.text(6)?,
        enabled: row.letter(7),
        comment: None,
    };
    assembly.catalog.event_triggers.insert(name, trigger);
    Ok(())
}
