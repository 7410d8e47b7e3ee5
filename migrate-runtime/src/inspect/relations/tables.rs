use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ObjectPart, Oid, Partition, QualifiedName, Relation, RowPresence, Table};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    if let Some(rule) = row.oid(1) {
        builder.part(ObjectClass::Rule, rule, ObjectPart::Table(oid));
    }
    // A view that vanished while the server printed it has no query.
    let Some(relation) = relation(row) else { return Ok(()) };
    let table = Table {
        name: QualifiedName { schema: row.text(2)?, name: row.text(3)? },
        relation,
        owner: row.text(5)?,
        unlogged: row.flag(6),
        comment: None,
        grants: row.grants(7),
        options: options(row),
        tablespace: row.optional(22),
        access_method: row.optional(23),
        row_security: (row.flag(10), row.flag(11)),
        columns: Default::default(),
        constraints: Default::default(),
        indexes: Default::default(),
        triggers: Default::default(),
        policies: Default::default(),
        rules: Default::default(),
        of_type: row.optional(17),
        replica_identity: row.optional(18),
        inherits: Vec::new(),
        rows: if row.flag(20) { RowPresence::Perhaps } else { RowPresence::None },
    };
    builder.catalog.tables.insert(oid, table);
    Ok(())
}

fn relation(row: &RowCells<'_>) -> Option<Relation> {
    Some(match row.letter(4) {
        'v' => Relation::View { query: row.optional(16)? },
        'm' => Relation::Materialized { query: row.optional(16)?, populated: row.flag(19) },
        'f' => Relation::Foreign {
            server: row.optional(14)?,
            options: row.sorted(15),
            partition: partition(row),
        },
        _ => Relation::Table { partitioned_by: row.optional(12), partition: partition(row) },
    })
}

/// The parents tell of which table it is a partition.
fn partition(row: &RowCells<'_>) -> Option<Partition> {
    row.optional(13).map(|bound| Partition { of: 0, bound })
}

/// Its storage parameters and those of its TOAST table.
fn options(row: &RowCells<'_>) -> Vec<String> {
    let mut options = row.list(9);
    options.extend(row.list(21).iter().map(|option| format!("toast.{option}")));
    options
}
