use migrate_core::Result;
use migrate_core::catalog::Namespace;

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let name = row.text(1)?;
    assembly.spot(Class::Namespace, row.number(0)?, Spot::Named(name.clone()));
    let namespace = Namespace { owner: row.text(2)?, grants: row.grants(3), comment: None };
    assembly.catalog.namespaces.insert(name, namespace);
    Ok(())
}
