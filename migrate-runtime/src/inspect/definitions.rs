//! Prints the constraints and indexes of the usual form, as the server does.

use embed_migrate_core::catalog::{
    Constraint, ConstraintKind, Index, Oid, Reference, ReferentialAction, Relation, Table,
};
use embed_migrate_core::quote;

use super::catalog_builder::{CatalogBuilder, Unprinted};

impl CatalogBuilder {
    pub(super) fn print(&mut self) {
        let printer = Printer { builder: self };
        let indexes: Vec<_> = self.unprinted.iter().filter_map(|index| printer.unprinted(index)).collect();
        let tables = self.catalog.tables.iter();
        let constraints: Vec<_> = tables.flat_map(|(oid, table)| printer.constraints(*oid, table)).collect();
        for (table, name, definition, plain) in indexes {
            let index = self.table(table).and_then(|table| table.indexes.get_mut(&name));
            if let Some(index) = index {
                (index.definition, index.plain) = (definition, plain);
            }
        }
        for (table, name, definition) in constraints {
            let constraint = self.table(table).and_then(|table| table.constraints.get_mut(&name));
            if let Some(constraint) = constraint {
                constraint.definition = definition;
            }
        }
    }
}

struct Printer<'a> {
    builder: &'a CatalogBuilder,
}

// Numbers that the server has given since ever (its `pg_type.dat`, `pg_collation.dat`).
const DEFAULT: Oid = 100;
const C: Oid = 950;
/// Types whose default class is another's: varchar, cidr, and names that are numbers.
const KIN: [(Oid, &[Oid]); 3] =
    [(25, &[1043]), (869, &[650]), (26, &[24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191])];
/// Any array, enum, range, multirange or row.
const COMMON: [Oid; 5] = [2277, 3500, 3831, 4537, 2249];

impl Printer<'_> {
    fn constraints(&self, oid: Oid, table: &Table) -> Vec<(Oid, String, String)> {
        let unprinted = table.constraints.iter().filter(|(_, constraint)| constraint.definition.is_empty());
        unprinted.map(|(name, it)| (oid, name.clone(), self.constraint(table, it))).collect()
    }

    fn unprinted(&self, it: &Unprinted) -> Option<(Oid, String, String, bool)> {
        let table = self.builder.catalog.tables.get(&it.table)?;
        let index = table.indexes.get(&it.index)?;
        let extras = |place| self.extras(table, index, it, place);
        let extras: Vec<String> = (0..index.keys.len()).map(extras).collect();
        let plain = extras.iter().all(String::is_empty);
        let keys = index.keys.iter().zip(&extras);
        let keys = keys.map(|(number, extra)| format!("{}{extra}", self.columns(table, &[*number])));
        let keys: Vec<String> = keys.collect();
        Some((it.table, it.index.clone(), self.index(table, &it.index, index, &keys.join(", ")), plain))
    }

    /// The collation and the operator class of a key, where they are not those of its column.
    fn extras(&self, table: &Table, index: &Index, it: &Unprinted, place: usize) -> String {
        let column = index.keys.get(place).and_then(|number| table.columns.get(number));
        let (Some(column), Some(number)) = (column, index.keys.get(place)) else { return String::new() };
        let own = self.builder.collations.get(&(it.table, *number));
        let collation = it.collations.get(place).filter(|collation| own != Some(*collation));
        let collation = collation.and_then(|collation| match *collation {
            DEFAULT => Some(" COLLATE \"default\""),
            C => Some(" COLLATE \"C\""),
            _ => None,
        });
        let class = it.classes.get(place).and_then(|class| self.builder.classes.get(class));
        let class = class.filter(|(kind, _)| !self.is_class_of(*kind, column.type_oid));
        let class = class.map(|(_, name)| format!(" {}", self.quoted(name)));
        format!("{}{}", collation.unwrap_or_default(), class.unwrap_or_default())
    }

    fn is_class_of(&self, kind: Oid, column: Oid) -> bool {
        let mut column = column;
        while let Some(base) = self.builder.bases.get(&column) {
            column = *base;
        }
        kind == column
            || COMMON.contains(&kind)
            || KIN.iter().any(|(of, kin)| *of == kind && kin.contains(&column))
    }

    fn constraint(&self, table: &Table, constraint: &Constraint) -> String {
        let columns = self.columns(table, &constraint.columns);
        let mut text = match &constraint.kind {
            ConstraintKind::Primary => format!("PRIMARY KEY ({columns})"),
            ConstraintKind::Foreign(reference) => match self.builder.catalog.tables.get(&reference.table) {
                Some(to) => {
                    let (name, target) = (self.table(to), self.columns(to, &reference.columns));
                    format!("FOREIGN KEY ({columns}) REFERENCES {name}({target}){}", actions(reference))
                }
                // It vanished meanwhile.
                None => return String::new(),
            },
            _ => format!("UNIQUE ({columns})"),
        };
        for (holds, clause) in [
            (constraint.deferrable.0, " DEFERRABLE"),
            (constraint.deferrable.1, " INITIALLY DEFERRED"),
            (!constraint.validated, " NOT VALID"),
        ] {
            if holds {
                text.push_str(clause);
            }
        }
        text
    }

    fn index(&self, table: &Table, name: &str, index: &Index, keys: &str) -> String {
        let unique = if index.unique { "UNIQUE " } else { "" };
        let only = match &table.relation {
            Relation::Table { partitioned_by: Some(_), .. } => "ONLY ",
            _ => "",
        };
        format!(
            "CREATE {unique}INDEX {} ON {only}{} USING btree ({keys})",
            self.quoted(name),
            self.table(table),
        )
    }

    fn quoted(&self, name: &str) -> String {
        quote::printed(name, &self.builder.keywords)
    }

    fn table(&self, table: &Table) -> String {
        format!("{}.{}", self.quoted(&table.name.schema), self.quoted(&table.name.name))
    }

    fn columns(&self, table: &Table, numbers: &[i16]) -> String {
        let columns = numbers.iter().filter_map(|number| table.columns.get(number));
        let names: Vec<_> = columns.map(|column| self.quoted(&column.name)).collect();
        names.join(", ")
    }
}

fn actions(reference: &Reference) -> String {
    let action = |action| match action {
        ReferentialAction::NoAction => None,
        ReferentialAction::Restrict => Some("RESTRICT"),
        ReferentialAction::Cascade => Some("CASCADE"),
        ReferentialAction::SetNull => Some("SET NULL"),
        ReferentialAction::SetDefault => Some("SET DEFAULT"),
    };
    let update = action(reference.on_update).map(|action| format!(" ON UPDATE {action}"));
    let delete = action(reference.on_delete).map(|action| format!(" ON DELETE {action}"));
    update.into_iter().chain(delete).collect()
}
