use migrate_core::Result;
use migrate_core::catalog::{ObjectPart, Oid, Rule};

use crate::inspect::assembly::{Assembly, Class};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    assembly.part(Class::Rule, row.number(1)?, ObjectPart::Rule(oid, name.clone()));
    if let (Some(table), Some(definition)) = (assembly.table(oid), row.optional(3)) {
        table.rules.insert(name, Rule { definition, enabled: row.letter(4), comment: None });
    }
    Ok(())
}
