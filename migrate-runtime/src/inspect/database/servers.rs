use migrate_core::Result;
use migrate_core::catalog::Server;

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let name = row.text(1)?;
    assembly.spot(Class::Server, row.number(0)?, Spot::Named(name.clone()));
    let server = Server {
        owner: row.text(2)?,
        wrapper: row.text(3)?,
        kind: row.optional(4),
        version: row.optional(5),
        options: row.sorted(6),
        grants: row.grants(7),
        comment: None,
    };
    assembly.catalog.servers.insert(name, server);
    Ok(())
}
