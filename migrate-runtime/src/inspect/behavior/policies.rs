use migrate_core::Result;
use migrate_core::catalog::{ObjectPart, Oid, Policy};

use crate::inspect::assembly::{Assembly, Class};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    assembly.part(Class::Policy, row.number(1)?, ObjectPart::Policy(oid, name.clone()));
    let Some(table) = assembly.table(oid) else { return Ok(()) };
    let policy = Policy {
        permissive: row.flag(3),
        command: row.text(4)?,
        roles: row.list(5),
        using: row.optional(6),
        check: row.optional(7),
        comment: None,
    };
    table.policies.insert(name, policy);
    Ok(())
}
