use embed_migrate_core::Result;
use embed_migrate_core::catalog::{
    Constraint, ConstraintKind, ObjectPart, Oid, Reference, ReferentialAction,
};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(6)?);
    builder.part(ObjectClass::Constraint, row.number(1)?, ObjectPart::Constraint(oid, name.clone()));
    if let (Some(index), 'p' | 'u' | 'x') = (row.oid(2), row.letter(7)) {
        builder.constraint_of.insert(index, name.clone());
    }
    let Some(table) = builder.table(oid) else { return Ok(()) };
    let constraint = Constraint {
        kind: match row.letter(7) {
            'p' => ConstraintKind::Primary,
            'u' => ConstraintKind::Unique,
            'x' => ConstraintKind::Exclude,
            'c' => ConstraintKind::Check,
            _ => ConstraintKind::Foreign(Reference {
                table: row.number(4)?,
                columns: row.numbers(5)?,
                on_delete: action(row.letter(8)),
                on_update: action(row.letter(9)),
            }),
        },
        columns: row.numbers(3)?,
        // Those of the usual form come without, and are printed when all tables are known.
        definition: row.optional(14).unwrap_or_default(),
        deferrable: (row.flag(10), row.flag(11)),
        validated: row.flag(12),
        inherited: row.flag(13),
        comment: None,
    };
    table.constraints.insert(name, constraint);
    Ok(())
}

fn action(letter: char) -> ReferentialAction {
    match letter {
        'r' => ReferentialAction::Restrict,
        'c' => ReferentialAction::Cascade,
        'n' => ReferentialAction::SetNull,
        'd' => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}
