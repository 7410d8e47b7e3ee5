use migrate_core::Result;
use migrate_core::catalog::Publication;

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let name = row.text(1)?;
    assembly.spot(Class::Publication, row.number(0)?, Spot::Named(name.clone()));
    let publication = Publication {
        owner: row.text(2)?,
        all_tables: row.flag(3),
        publish: row.text(4)?,
        via_root: row.flag(5),
        tables: row.list(6),
        schemas: row.list(7),
        comment: None,
    };
    assembly.catalog.publications.insert(name, publication);
    Ok(())
}
