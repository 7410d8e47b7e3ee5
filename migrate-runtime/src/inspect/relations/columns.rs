use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Column, Generation, ObjectPart, Oid};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, number): (Oid, i16) = (row.number(0)?, row.number(1)?);
    if let Some(default) = row.oid(3) {
        builder.part(ObjectClass::Default, default, ObjectPart::Default(oid, number));
    }
    if let Some(collation) = row.oid(19) {
        builder.collations.insert((oid, number), collation);
    }
    let Some(table) = builder.table(oid) else { return Ok(()) };
    let mut options = row.list(16);
    options.extend(row.list(17));
    options.sort_unstable();
    let column = Column {
        name: row.text(4)?,
        kind: row.text(5)?,
        type_oid: row.number(2)?,
        required: row.flag(6),
        default: row.optional(7),
        generation: generation(row),
        collation: row.optional(10),
        storage: row.get(11).map(storage),
        compression: compression(row.letter(12)),
        statistics: row.get(13).and_then(|target| target.parse().ok()),
        grants: row.grants(14),
        comment: None,
        options,
        inherited: row.flag(18),
    };
    table.columns.insert(number, column);
    Ok(())
}

fn generation(row: &RowCells<'_>) -> Option<Generation> {
    match (row.letter(8), row.letter(9)) {
        ('a', _) => Some(Generation::Always),
        ('d', _) => Some(Generation::ByDefault),
        (_, 's') => Some(Generation::Stored),
        (_, 'v') => Some(Generation::Virtual),
        _ => None,
    }
}

fn storage(letter: &str) -> String {
    match letter {
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "x" => "EXTENDED",
        _ => "MAIN",
    }
    .to_owned()
}

fn compression(letter: char) -> Option<String> {
    match letter {
        'p' => Some("pglz".to_owned()),
        'l' => Some("lz4".to_owned()),
        _ => None,
    }
}
