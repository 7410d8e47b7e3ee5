use migrate_core::Result;
use migrate_core::catalog::Extension;

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let name = row.text(1)?;
    assembly.spot(Class::Extension, row.number(0)?, Spot::Named(name.clone()));
    let extension = Extension { version: row.text(2)?, schema: row.text(3)?, comment: None };
    assembly.catalog.extensions.insert(name, extension);
    Ok(())
}
