use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ObjectPart, Oid};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (Some(class), oid, column) = (ObjectClass::parse(row.str(0)?), row.number(1)?, row.number(2)?) else {
        return Ok(());
    };
    let text = row.text(3)?;
    if let Some(ObjectPlace::Composite(data_type, attributes)) = builder.places.get(&(class, oid)) {
        let name = attributes.iter().find(|(number, _)| *number == column).map(|(_, name)| name.clone());
        let data_type = builder.catalog.types.get_mut(data_type);
        if let (Some(data_type), Some(name)) = (data_type, name) {
            data_type.comments.insert(name, text);
        }
    } else if let Some(ObjectPlace::Check(domain, name)) = builder.places.get(&(class, oid)) {
        if let Some(domain) = builder.catalog.types.get_mut(domain) {
            domain.comments.insert(name.clone(), text);
        }
    } else if let Some(comment) = place(builder, class, oid, column) {
        *comment = Some(text);
    }
    Ok(())
}

fn place(
    builder: &mut CatalogBuilder,
    class: ObjectClass,
    oid: Oid,
    column: i16,
) -> Option<&mut Option<String>> {
    let (catalog, spot) = (&mut builder.catalog, builder.places.get(&(class, oid)));
    Some(match (class, spot) {
        (_, Some(ObjectPlace::Part(ObjectPart::Constraint(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.constraints.get_mut(name)?.comment
        }
        (_, Some(ObjectPlace::Part(ObjectPart::Index(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.indexes.get_mut(name)?.comment
        }
        (_, Some(ObjectPlace::Part(ObjectPart::Rule(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.rules.get_mut(name)?.comment
        }
        (_, Some(ObjectPlace::Part(ObjectPart::Policy(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.policies.get_mut(name)?.comment
        }
        (_, Some(ObjectPlace::Part(ObjectPart::Trigger(table, name)))) => {
            &mut catalog.tables.get_mut(table)?.triggers.get_mut(name)?.comment
        }
        (ObjectClass::Relation, _) if column != 0 => {
            &mut catalog.tables.get_mut(&oid)?.columns.get_mut(&column)?.comment
        }
        (ObjectClass::Relation, _) => match catalog.tables.get_mut(&oid) {
            Some(table) => &mut table.comment,
            None => &mut catalog.sequences.get_mut(&oid)?.comment,
        },
        (ObjectClass::Type, _) => &mut catalog.types.get_mut(&oid)?.comment,
        (ObjectClass::Function, _) => &mut catalog.functions.get_mut(&oid)?.comment,
        (ObjectClass::Statistics, _) => &mut catalog.statistics.get_mut(&oid)?.comment,
        (ObjectClass::Namespace, Some(ObjectPlace::Named(name))) => {
            &mut catalog.namespaces.get_mut(name)?.comment
        }
        (ObjectClass::Extension, Some(ObjectPlace::Named(name))) => {
            &mut catalog.extensions.get_mut(name)?.comment
        }
        (ObjectClass::EventTrigger, Some(ObjectPlace::Named(name))) => {
            &mut catalog.event_triggers.get_mut(name)?.comment
        }
        (ObjectClass::Wrapper, Some(ObjectPlace::Part(ObjectPart::Named(_, name)))) => {
            &mut catalog.wrappers.get_mut(name)?.comment
        }
        (ObjectClass::Server, Some(ObjectPlace::Part(ObjectPart::Named(_, name)))) => {
            &mut catalog.servers.get_mut(name)?.comment
        }
        (ObjectClass::Generic(_), Some(ObjectPlace::Part(ObjectPart::Named(kind, name)))) => {
            &mut catalog.objects.get_mut(&(kind.clone(), name.clone()))?.comment
        }
        (ObjectClass::Publication, Some(ObjectPlace::Named(name))) => {
            &mut catalog.publications.get_mut(name)?.comment
        }
        _ => return None,
    })
}
