//! Prints the constraints and indexes of the usual form, as the server does.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::catalog::{Action, Constraint, ConstraintKind, Index, Oid, Reference, Relation, Table};
use migrate_core::quote;

use super::assembly::Assembly;

impl Assembly {
    pub(super) fn print(&mut self) {
        let printer = Printer { keywords: &self.keywords, tables: &self.catalog.tables };
        let printed: Vec<Printed> =
            self.catalog.tables.iter().map(|(oid, table)| printer.all(*oid, table)).collect();
        for Printed { table, constraints, indexes } in printed {
            let Some(table) = self.catalog.tables.get_mut(&table) else { continue };
            let (table_constraints, table_indexes) = (&mut table.constraints, &mut table.indexes);
            for (name, definition) in constraints {
                table_constraints.entry(name).and_modify(|constraint| constraint.definition = definition);
            }
            for (name, definition) in indexes {
                table_indexes.entry(name).and_modify(|index| index.definition = definition);
            }
        }
    }
}

/// What was printed for a table, by name.
struct Printed {
    table: Oid,
    constraints: Vec<(String, String)>,
    indexes: Vec<(String, String)>,
}

struct Printer<'a> {
    keywords: &'a BTreeSet<String>,
    tables: &'a BTreeMap<Oid, Table>,
}

impl Printer<'_> {
    fn all(&self, oid: Oid, table: &Table) -> Printed {
        let constraints = table.constraints.iter().filter(|(_, constraint)| constraint.definition.is_empty());
        let indexes = table.indexes.iter().filter(|(_, index)| index.definition.is_empty());
        Printed {
            table: oid,
            constraints: constraints.map(|(name, it)| (name.clone(), self.constraint(table, it))).collect(),
            indexes: indexes.map(|(name, it)| (name.clone(), self.index(table, name, it))).collect(),
        }
    }

    fn constraint(&self, table: &Table, constraint: &Constraint) -> String {
        let columns = self.columns(table, &constraint.columns);
        let mut text = match &constraint.kind {
            ConstraintKind::Primary => format!("PRIMARY KEY ({columns})"),
            ConstraintKind::Foreign(reference) => match self.tables.get(&reference.table) {
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

    fn index(&self, table: &Table, name: &str, index: &Index) -> String {
        let unique = if index.unique { "UNIQUE " } else { "" };
        let only = match &table.relation {
            Relation::Table { partitioned_by: Some(_), .. } => "ONLY ",
            _ => "",
        };
        let columns = self.columns(table, &index.keys);
        format!(
            "CREATE {unique}INDEX {} ON {only}{} USING btree ({columns})",
            quote::printed(name, self.keywords),
            self.table(table),
        )
    }

    fn table(&self, table: &Table) -> String {
        let quoted = |name| quote::printed(name, self.keywords);
        format!("{}.{}", quoted(&table.name.schema), quoted(&table.name.name))
    }

    fn columns(&self, table: &Table, numbers: &[i16]) -> String {
        let columns = numbers.iter().filter_map(|number| table.columns.get(number));
        let names: Vec<_> = columns.map(|column| quote::printed(&column.name, self.keywords)).collect();
        names.join(", ")
    }
}

fn actions(reference: &Reference) -> String {
    let action = |action| match action {
        Action::NoAction => None,
        Action::Restrict => Some("RESTRICT"),
        Action::Cascade => Some("CASCADE"),
        Action::SetNull => Some("SET NULL"),
        Action::SetDefault => Some("SET DEFAULT"),
    };
    let update = action(reference.on_update).map(|action| format!(" ON UPDATE {action}"));
    let delete = action(reference.on_delete).map(|action| format!(" ON DELETE {action}"));
    update.into_iter().chain(delete).collect()
}
