use migrate_core::Result;
use migrate_core::catalog::{DataType, Name, Oid, TypeKind};

use super::assembly::{Assembly, Class, Spot};
use super::cells::Cells;

pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let oid: Oid = row.number(0)?;
    for (check, name) in row.numbers(2)?.into_iter().zip(row.list(15)) {
        assembly.spot(Class::Constraint, check, Spot::Check(oid, name));
    }
    if let Some(relation) = row.oid(1) {
        let attributes = row.numbers(3)?.into_iter().zip(row.list(17)).collect();
        assembly.spot(Class::Relation, relation, Spot::Composite(oid, attributes));
    }
    let kind = match row.letter(6) {
        'e' => TypeKind::Enum(row.list(10)),
        'd' => TypeKind::Domain {
            base: row.text(11)?,
            required: row.flag(12),
            default: row.optional(13),
            collation: row.optional(14),
            checks: pairs(row, 15),
        },
        'r' => TypeKind::Range(pairs(row, 19)),
        _ => TypeKind::Composite(pairs(row, 17)),
    };
    let name = Name { schema: row.text(4)?, name: row.text(5)? };
    let comments = Default::default();
    let data_type =
        DataType { name, owner: row.text(7)?, kind, grants: row.grants(8), comment: None, comments };
    assembly.catalog.types.insert(oid, data_type);
    Ok(())
}

fn pairs(row: &Cells<'_>, column: usize) -> Vec<(String, String)> {
    let both = |column| row.array(column).unwrap_or_default();
    let pairs = both(column).into_iter().zip(both(column + 1));
    pairs.filter_map(|(name, value)| Some((name?, value?))).collect()
}
