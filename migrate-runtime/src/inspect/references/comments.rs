use migrate_core::Result;
use migrate_core::catalog::{ObjectPart, Oid};

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (Some(class), oid, column) = (Class::parse(row.str(0)?), row.number(1)?, row.number(2)?) else {
        return Ok(());
    };
    let text = row.text(3)?;
    if let Some(Spot::Composite(data_type, attributes)) = assembly.spots.get(&(class, oid)) {
        let name = attributes.iter().find(|(number, _)| *number == column).map(|(_, name)| name.clone());
        let data_type = assembly.catalog.types.get_mut(data_type);
        if let (Some(data_type), Some(name)) = (data_type, name) {
            data_type.comments.insert(name, text);
        }
    } else if let Some(Spot::Check(domain, name)) = assembly.spots.get(&(class, oid)) {
        if let Some(domain) = assembly.catalog.types.get_mut(domain) {
            domain.comments.insert(name.clone(), text);
        }
    } else if let Some(comment) = place(assembly, class, oid, column) {
        *comment = Some(text);
    }
    Ok(())
}

fn place(assembly: &mut Assembly, class: Class, oid: Oid, column: i16) -> Option<&mut Option<String>> {
    let (catalog, spot) = (&mut assembly.catalog, assembly.spots.get(&(class, oid)));
    Some(match (class, spot) {
        (_, Some(Spot::Part(ObjectPart::Constraint(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.constraints.get_mut(name)?.comment
        }
        (_, Some(Spot::Part(ObjectPart::Index(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.indexes.get_mut(name)?.comment
        }
        (_, Some(Spot::Part(ObjectPart::Rule(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.rules.get_mut(name)?.comment
        }
        (_, Some(Spot::Part(ObjectPart::Policy(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.policies.get_mut(name)?.comment
        }
        (_, Some(Spot::Trigger(table, name))) => {
            &mut catalog.tables.get_mut(table)?.triggers.get_mut(name)?.comment
        }
        (Class::Relation, _) if column != 0 => {
            &mut catalog.tables.get_mut(&oid)?.columns.get_mut(&column)?.comment
        }
        (Class::Relation, _) => match catalog.tables.get_mut(&oid) {
            Some(table) => &mut table.comment,
            None => &mut catalog.sequences.get_mut(&oid)?.comment,
        },
        (Class::Type, _) => &mut catalog.types.get_mut(&oid)?.comment,
        (Class::Function, _) => &mut catalog.functions.get_mut(&oid)?.comment,
        (Class::Statistics, _) => &mut catalog.statistics.get_mut(&oid)?.comment,
        (Class::Namespace, Some(Spot::Named(name))) => &mut catalog.namespaces.get_mut(name)?.comment,
        (Class::Extension, Some(Spot::Named(name))) => &mut catalog.extensions.get_mut(name)?.comment,
        (Class::EventTrigger, Some(Spot::Named(name))) => &mut catalog.event_triggers.get_mut(name)?.comment,
        (Class::Wrapper, Some(Spot::Named(name))) => &mut catalog.wrappers.get_mut(name)?.comment,
        (Class::Server, Some(Spot::Named(name))) => &mut catalog.servers.get_mut(name)?.comment,
        (Class::Publication, Some(Spot::Named(name))) => &mut catalog.publications.get_mut(name)?.comment,
        _ => return None,
    })
}
