//! Columns in the order of their facts: a column that stands before one that it is to follow is made again at the end,
//! with all that stands on it.

use super::edit::{comment_sql, qualified};
use super::{Action, Hazard, Planner, Stop};
use crate::catalog::{Column, ConstraintKind, Oid, Rows, Table};
use crate::{ErrorKind, quote};

impl Planner {
    pub(super) fn keep_order(&mut self, oid: Oid, number: i16, after: &[String]) -> Result<(), Stop> {
        let mut late = false;
        for label in after {
            late |= self.field(oid, label)?.is_some_and(|other| other > number);
        }
        if !late || self.fresh.contains(&oid) {
            return Ok(());
        }
        let table = self.at(oid)?;
        match table.rows == Rows::None || self.outline.reordered.contains(&table.name) {
            true => self.move_to_end(oid, number),
            false => Ok(()),
        }
    }

    fn move_to_end(&mut self, oid: Oid, number: i16) -> Result<(), Stop> {
        let column = self.column_at(oid, number)?.clone();
        if column.generation.is_some() {
            let message =
                format!("column `{}` is generated, and can't be made again for its order", column.name);
            return Err(self.problem(ErrorKind::Unsupported, message).into());
        }
        let table = self.at(oid)?.clone();
        let statements = self.remade(&table, &column, number);
        let object = format!("{}.{}", self.object(oid), column.name);
        self.push(Action::Rebuild, object, statements.join(";\n"), &[Hazard::Locks, Hazard::Rewrites]);
        let table = self.at_mut(oid)?;
        let last = table.columns.keys().last().copied().unwrap_or(number).saturating_add(1);
        if let Some(column) = table.columns.remove(&number) {
            table.columns.insert(last, column);
        }
        let moved = |one: &mut i16| {
            if *one == number {
                *one = last;
            }
        };
        table.constraints.values_mut().for_each(|constraint| constraint.columns.iter_mut().for_each(moved));
        for index in table.indexes.values_mut() {
            index.keys.iter_mut().for_each(moved);
            index.include.iter_mut().for_each(moved);
        }
        Ok(())
    }

    fn remade(&self, table: &Table, column: &Column, number: i16) -> Vec<String> {
        let (t, c) = (qualified(&table.name), quote::identifier(&column.name));
        let aside = quote::identifier("?");
        let kind = self.type_sql(column);
        let collation = column.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
        let mut sql = vec![format!("ALTER TABLE {t} ADD COLUMN {aside} {kind}{collation}")];
        // A trigger of the user's must not see this as a change of the row.
        let firing: Vec<&String> = table
            .triggers
            .iter()
            .filter(|(_, trigger)| trigger.enabled != 'D')
            .map(|(name, _)| name)
            .collect();
        if table.rows == Rows::Perhaps {
            sql.extend(
                firing
                    .iter()
                    .map(|name| format!("ALTER TABLE {t} DISABLE TRIGGER {}", quote::identifier(name))),
            );
            sql.push(format!("UPDATE {t} SET {aside} = {c}"));
            for name in &firing {
                let mode = match table.triggers.get(*name).map(|trigger| trigger.enabled) {
                    Some('A') => "ENABLE ALWAYS",
                    Some('R') => "ENABLE REPLICA",
                    _ => "ENABLE",
                };
                sql.push(format!("ALTER TABLE {t} {mode} TRIGGER {}", quote::identifier(name)));
            }
        }
        let on_it: Vec<&String> = table
            .triggers
            .iter()
            .filter(|(_, trigger)| trigger.definition.contains(" UPDATE OF "))
            .map(|(name, _)| name)
            .collect();
        sql.extend(on_it.iter().map(|name| format!("DROP TRIGGER {} ON {t}", quote::identifier(name))));
        let checks = checks_on(table, number);
        sql.extend(
            checks
                .iter()
                .map(|(name, _)| format!("ALTER TABLE {t} DROP CONSTRAINT {}", quote::identifier(name))),
        );
        sql.push(format!("ALTER TABLE {t} DROP COLUMN {c}"));
        sql.push(format!("ALTER TABLE {t} RENAME COLUMN {aside} TO {c}"));
        sql.extend(restored(table, column, number, &t, &c));
        for (name, definition) in checks {
            sql.push(format!("ALTER TABLE {t} ADD CONSTRAINT {} {definition}", quote::identifier(&name)));
        }
        for name in on_it {
            sql.extend(table.triggers.get(name).map(|trigger| trigger.definition.clone()));
        }
        sql
    }
}

/// The checks that name a column; their text can't tell, so that all are made again whose columns aren't known.
fn checks_on(table: &Table, number: i16) -> Vec<(String, String)> {
    let checks = table.constraints.iter().filter(|(_, constraint)| constraint.kind == ConstraintKind::Check);
    checks
        .filter(|(_, constraint)| constraint.columns.is_empty() || constraint.columns.contains(&number))
        .map(|(name, constraint)| (name.clone(), constraint.definition.clone()))
        .collect()
}

/// What stood on the column, as the catalog had it.
fn restored(table: &Table, column: &Column, number: i16, t: &str, c: &str) -> Vec<String> {
    let mut sql = Vec::new();
    let mut alter = |what: String| sql.push(format!("ALTER TABLE {t} ALTER COLUMN {c} {what}"));
    if column.required {
        alter("SET NOT NULL".into());
    }
    if let Some(default) = &column.default {
        alter(format!("SET DEFAULT {default}"));
    }
    if let Some(storage) = &column.storage {
        alter(format!("SET STORAGE {storage}"));
    }
    if let Some(compression) = &column.compression {
        alter(format!("SET COMPRESSION {compression}"));
    }
    if let Some(target) = column.statistics {
        alter(format!("SET STATISTICS {target}"));
    }
    sql.extend(column.comment.as_ref().map(|text| comment_sql(&format!("COLUMN {t}.{c}"), Some(text))));
    for (name, constraint) in &table.constraints {
        if constraint.columns.contains(&number) && constraint.kind != ConstraintKind::Check {
            let name = quote::identifier(name);
            sql.push(format!("ALTER TABLE {t} ADD CONSTRAINT {name} {}", constraint.definition));
            let on = format!("CONSTRAINT {name} ON {t}");
            sql.extend(constraint.comment.as_ref().map(|text| comment_sql(&on, Some(text))));
        }
    }
    let indexes = table.indexes.iter().filter(|(_, index)| index.constraint.is_none());
    for (name, index) in indexes {
        // An expression may name the column: the index is gone then, and stays if it doesn't.
        let concerned = index.keys.contains(&number) || index.include.contains(&number);
        let expression = index.keys.contains(&0) || index.definition.contains(" WHERE ");
        if concerned {
            sql.push(index.definition.clone());
        } else if expression {
            sql.push(index.definition.replacen(" INDEX ", " INDEX IF NOT EXISTS ", 1));
        }
        if concerned || expression {
            let on = format!("INDEX {}.{}", quote::identifier(&table.name.schema), quote::identifier(name));
            sql.extend(index.comment.as_ref().map(|text| comment_sql(&on, Some(text))));
        }
    }
    for item in column.grants.iter().flatten() {
        sql.extend(super::grant::restated_column(item, t, c));
    }
    sql
}
