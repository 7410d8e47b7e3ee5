use migrate_core::Result;
use migrate_core::catalog::Wrapper;

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let name = row.text(1)?;
    assembly.spot(Class::Wrapper, row.number(0)?, Spot::Named(name.clone()));
    let wrapper = Wrapper {
        owner: row.text(2)?,
        handler: row.optional(3),
        validator: row.optional(4),
        options: row.sorted(5),
        grants: row.grants(6),
        comment: None,
    };
    assembly.catalog.wrappers.insert(name, wrapper);
    Ok(())
}
