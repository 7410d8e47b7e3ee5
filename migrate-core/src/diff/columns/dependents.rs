//! Objects that depend on a column and prevent its change: they are dropped before, and created again as the catalog
//! had them.

use crate::catalog::{Catalog, ConstraintKind, ObjectPart, Oid, PRINTING, Relation, Table, Trigger};
use crate::diff::edit::comment_sql;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::text::quote;

/// The statements before a change, which drop dependent objects, and after it, which create them again.
#[derive(Debug, Default)]
pub(crate) struct DependentStatements {
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
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
    /// For the views that use a column, the views on those, and the table's triggers that name a column.
    pub(crate) fn dependents(&self, oid: Oid, number: i16) -> Result<DependentStatements, Interruption> {
        let mut dependents = DependentStatements::default();
        let views = views_on(&self.catalog, oid, number);
        dependents.before.extend(self.dropped(&views));
        let table = self.table_at(oid)?;
        for (name, trigger) in named_triggers(table) {
            dependents.before.push(format!(
                "DROP TRIGGER {} ON {}",
                quote::identifier(name),
                table.name.quoted()
            ));
            dependents.after.extend(remade_trigger(table, name, trigger));
        }
        if !views.is_empty() {
            dependents.after.extend(self.catalog.ddl().only(views).statements());
        }
        dependents.after = self.as_printed(dependents.after);
        Ok(dependents)
    }

    /// The same, and for the table's checks on the column and the indexes whose expressions or conditions may name it.
    pub(crate) fn dependents_with_expressions(
        &self,
        oid: Oid,
        number: i16,
    ) -> Result<DependentStatements, Interruption> {
        let mut dependents = self.dependents(oid, number)?;
        let table = self.table_at(oid)?;
        let (t, mut after) = (table.name.quoted(), Vec::new());
        for (name, definition, comment) in checks_on(table, number) {
            let name = quote::identifier(name);
            dependents.before.push(format!("ALTER TABLE {t} DROP CONSTRAINT {name}"));
            after.push(format!("ALTER TABLE {t} ADD CONSTRAINT {name} {definition}"));
            after.extend(comment.map(|text| comment_sql(&format!("CONSTRAINT {name} ON {t}"), Some(text))));
        }
        let indexes = table.indexes.iter().filter(|(_, index)| index.constraint.is_none());
        for (name, index) in indexes.filter(|(_, index)| has_expression(index)) {
            let name = format!("{}.{}", quote::identifier(&table.name.schema), quote::identifier(name));
            dependents.before.push(format!("DROP INDEX {name}"));
            after.push(index.definition.clone());
            let comment = index.comment.as_deref();
            after.extend(comment.map(|text| comment_sql(&format!("INDEX {name}"), Some(text))));
        }
        dependents.after.splice(..0, self.as_printed(after));
        Ok(dependents)
    }

    /// The statements that drop views, the last first.
    pub(crate) fn dropped(&self, views: &[Oid]) -> Vec<String> {
        let views = views.iter().rev().filter_map(|view| self.catalog.tables.get(view));
        views.map(|view| format!("DROP {} {}", relation(&view.relation), view.name.quoted())).collect()
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

/// Whether an index has an expression or a condition, which may name any column.
pub(crate) fn has_expression(index: &crate::catalog::Index) -> bool {
    index.keys.contains(&0) || index.definition.contains(" WHERE ")
}

/// The checks that name a column, and all checks whose columns aren't known.
pub(crate) fn checks_on(table: &Table, number: i16) -> Vec<(&String, &String, Option<&str>)> {
    let checks = table.constraints.iter().filter(|(_, constraint)| constraint.kind == ConstraintKind::Check);
    checks
        .filter(|(_, constraint)| constraint.columns.is_empty() || constraint.columns.contains(&number))
        .map(|(name, constraint)| (name, &constraint.definition, constraint.comment.as_deref()))
        .collect()
}

/// The triggers that fire only for some columns, or under a condition.
fn named_triggers(table: &Table) -> impl Iterator<Item = (&String, &Trigger)> {
    table.triggers.iter().filter(|(_, trigger)| {
        let text = &trigger.definition;
        !trigger.inherited && (text.contains(" UPDATE OF ") || text.contains(" WHEN ("))
    })
}

fn remade_trigger(table: &Table, name: &str, trigger: &Trigger) -> Vec<String> {
    let (t, quoted) = (table.name.quoted(), quote::identifier(name));
    let mut sql = vec![trigger.definition.clone()];
    let mode = match trigger.enabled {
        'D' => Some("DISABLE"),
        'A' => Some("ENABLE ALWAYS"),
        'R' => Some("ENABLE REPLICA"),
        _ => None,
    };
    sql.extend(mode.map(|mode| format!("ALTER TABLE {t} {mode} TRIGGER {quoted}")));
    let on = format!("TRIGGER {quoted} ON {t}");
    sql.extend(trigger.comment.as_ref().map(|text| comment_sql(&on, Some(text))));
    sql
}

/// The views that use a view, each before the views that use it; the view itself comes first.
pub(crate) fn views_from(catalog: &Catalog, view: Oid) -> Vec<Oid> {
    let mut all = Vec::new();
    follow(catalog, view, &mut all);
    all
}

/// The word for a view in CREATE and DROP.
pub(crate) fn relation(relation: &Relation) -> &'static str {
    match relation {
        Relation::Materialized { .. } => "MATERIALIZED VIEW",
        _ => "VIEW",
    }
}

/// The views that use a column, each before the views that use it.
fn views_on(catalog: &Catalog, oid: Oid, number: i16) -> Vec<Oid> {
    let mut all = Vec::new();
    for view in users(catalog, |part| *part == ObjectPart::Column(oid, number)) {
        follow(catalog, view, &mut all);
    }
    all
}

fn follow(catalog: &Catalog, view: Oid, all: &mut Vec<Oid>) {
    all.retain(|known| *known != view);
    all.push(view);
    for next in users(catalog, |part| part.table() == Some(view)) {
        follow(catalog, next, all);
    }
}

fn users(catalog: &Catalog, is_used: impl Fn(&ObjectPart) -> bool) -> Vec<Oid> {
    let uses = catalog.uses.iter().filter(|(_, used)| used.iter().any(&is_used));
    let tables = uses.filter_map(|(by, _)| match by {
        ObjectPart::Table(oid) => Some(*oid),
        _ => None,
    });
    let is_view = |oid: &Oid| {
        let relation = catalog.tables.get(oid).map(|table| &table.relation);
        matches!(relation, Some(Relation::View { .. } | Relation::Materialized { .. }))
    };
    tables.filter(is_view).collect()
}
