//! Objects that depend on a column and prevent its change: they are dropped before, and created again as the catalog
//! had them.

use std::collections::BTreeSet;

use crate::catalog::{
    ConstraintKind, Dependents, ObjectPart, Oid, PRINTING, QualifiedName, Relation, Table, published,
};
use crate::diff::edit::comment_sql;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::text::quote;

/// The statements before a change, which drop dependent objects, and after it, which create them again.
#[derive(Debug, Default)]
pub(crate) struct DependentStatements {
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
    /// The populated materialized views among them.
    pub(crate) filled: Vec<QualifiedName>,
}

impl DependentStatements {
    pub(crate) fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// These statements, with the change between them.
    pub(crate) fn around(self, change: Vec<String>) -> Vec<String> {
        self.before.into_iter().chain(change).chain(self.after).collect()
    }
}

impl Planner {
    /// For everything that prevents another type for a column.
    pub(crate) fn dependents(&self, oid: Oid, number: i16) -> Result<DependentStatements, Interruption> {
        let columns = self.with_descendants(oid, number)?;
        let tables: Vec<Oid> = columns.iter().filter_map(ObjectPart::table).collect();
        self.statements_of(&self.catalog.dependents(columns), &tables)
    }

    /// For everything that needs an object that is dropped.
    pub(crate) fn dependents_of(&self, part: ObjectPart) -> Result<DependentStatements, Interruption> {
        self.statements_of(&self.catalog.dependents([part]), &[])
    }

    /// For everything that needs a column that is dropped, or is dropped with it.
    pub(crate) fn dependents_of_column(
        &self,
        oid: Oid,
        number: i16,
    ) -> Result<DependentStatements, Interruption> {
        let columns = self.with_descendants(oid, number)?;
        let tables: Vec<Oid> = columns.iter().filter_map(ObjectPart::table).collect();
        self.statements_of(&self.catalog.dependents_of_column(oid, number), &tables)
    }

    /// For everything that prevents other labels of an enum type, whose columns these are.
    pub(crate) fn dependents_on_enum(
        &self,
        kind: Oid,
        columns: &[(Oid, i16)],
        renewed: &ObjectPart,
    ) -> Result<DependentStatements, Interruption> {
        let mut changed = vec![ObjectPart::Type(kind)];
        for (oid, number) in columns {
            changed.extend(self.with_descendants(*oid, *number)?);
        }
        let tables: BTreeSet<Oid> = changed.iter().filter_map(ObjectPart::table).collect();
        let mut found = self.catalog.dependents(changed);
        found.parts.extend(self.keys_of(columns));
        found.parts.remove(renewed);
        self.statements_of(&found, &tables.into_iter().collect::<Vec<_>>())
    }

    /// The foreign keys from or to columns.
    fn keys_of(&self, columns: &[(Oid, i16)]) -> Vec<ObjectPart> {
        let mut keys = Vec::new();
        for (oid, table) in &self.catalog.tables {
            for (name, constraint) in &table.constraints {
                let ConstraintKind::Foreign(reference) = &constraint.kind else { continue };
                let from = constraint.columns.iter().any(|number| columns.contains(&(*oid, *number)));
                let to = reference.columns.iter().any(|number| columns.contains(&(reference.table, *number)));
                if (from || to) && !constraint.inherited {
                    keys.push(ObjectPart::Constraint(*oid, name.clone()));
                }
            }
        }
        keys
    }

    /// The column, and the columns that partitions and children have from it.
    fn with_descendants(&self, oid: Oid, number: i16) -> Result<Vec<ObjectPart>, Interruption> {
        let name = self.column_name(oid, number)?;
        let (mut columns, mut waiting) = (vec![ObjectPart::Column(oid, number)], vec![oid]);
        while let Some(parent) = waiting.pop() {
            for (child, table) in &self.catalog.tables {
                let inherits = table.inherits.contains(&parent)
                    || matches!(&table.relation, Relation::Table { partition: Some(it), .. } if it.of == parent);
                let column = table.columns.iter().find(|(_, column)| column.name == name);
                if let (true, Some((number, _))) = (inherits, column) {
                    columns.push(ObjectPart::Column(*child, *number));
                    waiting.push(*child);
                }
            }
        }
        Ok(columns)
    }

    /// `tables`: those whose columns change, which publications may filter by.
    fn statements_of(&self, found: &Dependents, tables: &[Oid]) -> Result<DependentStatements, Interruption> {
        let mut dependents = DependentStatements::default();
        let ddl = self.catalog.ddl().only(found.views.iter().copied()).parts(found.parts.clone()).in_place();
        self.publications_on(tables, &mut dependents)?;
        let late = std::mem::take(&mut dependents.after);
        dependents.before.extend(ddl.drops());
        if !found.views.is_empty() || !found.parts.is_empty() {
            dependents.after.extend(ddl.statements());
        }
        dependents.after.extend(late);
        dependents.after = self.as_printed(dependents.after);
        dependents.filled = self.filled(found);
        Ok(dependents)
    }

    /// The materialized views with rows, which cost time to make again.
    fn filled(&self, found: &Dependents) -> Vec<QualifiedName> {
        let views = found.views.iter().filter_map(|oid| self.catalog.tables.get(oid));
        let filled =
            views.filter(|view| matches!(view.relation, Relation::Materialized { populated: true, .. }));
        filled.map(|view| view.name.clone()).collect()
    }

    /// Takes tables out of the publications that name columns of them or filter their rows, and puts them back.
    fn publications_on(
        &self,
        tables: &[Oid],
        dependents: &mut DependentStatements,
    ) -> Result<(), Interruption> {
        for oid in tables {
            let name = &self.table_at(*oid)?.name;
            for (publication, found) in &self.catalog.publications {
                let member = found.tables.iter().find(|member| {
                    let rest = published(member).filter(|(of, _)| of == name);
                    rest.is_some_and(|(_, rest)| !rest.is_empty())
                });
                let Some(member) = member else { continue };
                let alter = format!("ALTER PUBLICATION {}", quote::identifier(publication));
                dependents.before.push(format!("{alter} DROP TABLE {}", name.quoted()));
                dependents.after.push(format!("{alter} ADD TABLE {member}"));
            }
        }
        Ok(())
    }

    /// Refuses to make populated materialized views again while a program boots, unless their facts allow it.
    pub(crate) fn refuse_filled(&self, dependents: &DependentStatements) -> Result<(), Interruption> {
        let refused = dependents.filled.iter().find(|view| !self.outline.rebuilt.contains(*view));
        let Some(view) = refused.filter(|_| self.is_at_boot() && !self.is_verifying()) else { return Ok(()) };
        let message = format!("the materialized view `{view}` depends on it, and would be built again");
        Err(self
            .problem(ErrorKind::Pending, message)
            .note("while it is built, nobody can read it")
            .help("say `rebuild: true` in the fact of the view, or deploy the facts with `cargo migrate deploy`")
            .into())
    }

    /// Wraps statements that the server printed, so that names in them have the meaning that they had when printed.
    pub(crate) fn as_printed(&self, statements: Vec<String>) -> Vec<String> {
        let Some(path) = self.path.as_deref().filter(|_| !statements.is_empty()) else { return statements };
        let set = |path: &str| {
            let path = quote::literal(path);
            format!("SELECT pg_catalog.set_config('search_path', {path}, true)")
        };
        let printing = PRINTING.iter().filter(|(name, _)| *name == "search_path").map(|(_, path)| set(path));
        printing.chain(statements).chain([set(path)]).collect()
    }

    /// Adds the foreign keys of other columns to a column.
    pub(crate) fn add_dependent_keys(&self, oid: Oid, number: i16, dependents: &mut DependentStatements) {
        for (other, table) in &self.catalog.tables {
            for (name, constraint) in &table.constraints {
                let refers = match &constraint.kind {
                    ConstraintKind::Foreign(reference) => {
                        reference.table == oid && reference.columns.contains(&number)
                    }
                    _ => false,
                };
                if !refers || *other == oid && constraint.columns.contains(&number) {
                    continue;
                }
                let (t, name) = (table.name.quoted(), quote::identifier(name));
                dependents.before.push(format!("ALTER TABLE {t} DROP CONSTRAINT {name}"));
                dependents
                    .after
                    .push(format!("ALTER TABLE {t} ADD CONSTRAINT {name} {}", constraint.definition));
                let on = format!("CONSTRAINT {name} ON {t}");
                dependents.after.extend(constraint.comment.as_ref().map(|text| comment_sql(&on, Some(text))));
            }
        }
    }
}

/// The checks that name a column, and all checks whose columns aren't known.
pub(crate) fn checks_on(table: &Table, number: i16) -> Vec<(&String, &String, Option<&str>)> {
    let checks = table.constraints.iter().filter(|(_, constraint)| constraint.kind == ConstraintKind::Check);
    checks
        .filter(|(_, constraint)| constraint.columns.is_empty() || constraint.columns.contains(&number))
        .map(|(name, constraint)| (name, &constraint.definition, constraint.comment.as_deref()))
        .collect()
}

/// The word for a view in CREATE and DROP.
pub(crate) fn relation(relation: &Relation) -> &'static str {
    match relation {
        Relation::Materialized { .. } => "MATERIALIZED VIEW",
        _ => "VIEW",
    }
}
