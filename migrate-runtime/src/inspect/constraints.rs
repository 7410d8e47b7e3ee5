use migrate_core::Result;
use migrate_core::catalog::{Action, Constraint, ConstraintKind, Oid, Part, Reference};

use super::assembly::{Assembly, Class};
use super::cells::Cells;

pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(5)?);
    assembly.part(Class::Constraint, row.number(1)?, Part::Constraint(oid, name.clone()));
    let Some(table) = assembly.table(oid) else { return Ok(()) };
    let constraint = Constraint {
        kind: match row.letter(6) {
            'p' => ConstraintKind::Primary,
            'u' => ConstraintKind::Unique,
            'x' => ConstraintKind::Exclude,
            'c' => ConstraintKind::Check,
            _ => ConstraintKind::Foreign(Reference {
                table: row.number(3)?,
                columns: row.numbers(4)?,
                on_delete: action(row.letter(7)),
                on_update: action(row.letter(8)),
            }),
        },
        columns: row.numbers(2)?,
        // Those of the usual form come without, and are printed when all tables are known.
        definition: row.optional(13).unwrap_or_default(),
        deferrable: (row.flag(9), row.flag(10)),
        validated: row.flag(11),
        inherited: row.flag(12),
        comment: None,
    };
    table.constraints.insert(name, constraint);
    Ok(())
}

fn action(letter: char) -> Action {
    match letter {
        'r' => Action::Restrict,
        'c' => Action::Cascade,
        'n' => Action::SetNull,
        'd' => Action::SetDefault,
        _ => Action::NoAction,
    }
}
