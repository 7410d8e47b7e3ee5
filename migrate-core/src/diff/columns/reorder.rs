//! Columns in the order of their facts: a column that should come after another is created again at the end, with all
//! objects that depend on it.

use super::dependents::checks_on;
use crate::catalog::{
    AclItem, Column, ConstraintKind, Generation, ObjectPart, Oid, PRIVILEGES, RowPresence, Table, role,
};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::edit::comment_sql;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::text::quote;

impl Planner {
    pub(crate) fn keep_order(&mut self, oid: Oid, number: i16, after: &[String]) -> Result<(), Interruption> {
        let mut late = false;
        for label in after {
            late |= self.field(oid, label)?.is_some_and(|other| other > number);
        }
        if !late || self.new_tables.contains(&oid) {
            return Ok(());
        }
        let table = self.table_at(oid)?;
        let meant = self.outline.reordered.contains(&table.name);
        match meant || table.rows == RowPresence::None && self.is_bare(oid, number)? {
            true => self.move_to_end(oid, number),
            false => Ok(()),
        }
    }

    /// Whether no object depends on a column that would have to be created again: the order of columns is not worth
    /// that.
    fn is_bare(&self, oid: Oid, number: i16) -> Result<bool, Interruption> {
        let table = self.table_at(oid)?;
        let column = ObjectPart::Column(oid, number);
        let is_generated =
            |column: &Column| matches!(column.generation, Some(Generation::Stored | Generation::Virtual));
        Ok(table.policies.is_empty()
            && table.rules.is_empty()
            && table.inherits.is_empty()
            && !table.columns.values().any(is_generated)
            && !self.catalog.uses.iter().any(|(by, used)| {
                let is_counted = by.table() == Some(oid)
                    || matches!(by, ObjectPart::Constraint(..) | ObjectPart::Statistics(_));
                !is_counted && used.contains(&column)
            }))
    }

    fn move_to_end(&mut self, oid: Oid, number: i16) -> Result<(), Interruption> {
        self.require_renamed()?;
        let column = self.column_at(oid, number)?.clone();
        if column.generation.is_some() {
            let message =
                format!("column `{}` is generated, and can't be created again for its order", column.name);
            return Err(self.problem(ErrorKind::Unsupported, message).into());
        }
        let table = self.table_at(oid)?.clone();
        let mut dependents = self.dependents(oid, number)?;
        self.refuse_filled(&dependents)?;
        self.add_dependent_keys(oid, number, &mut dependents);
        let statements = dependents.around(self.as_printed(self.remade(oid, &table, &column, number)));
        let object = format!("{}.{}", self.object_name(oid), column.name);
        self.push(
            ChangeAction::Rebuild,
            object,
            statements.join(";\n"),
            &[ChangeHazard::Locks, ChangeHazard::Rewrites],
        );
        self.rewrites(oid);
        self.mark_outdated();
        let table = self.table_at_mut(oid)?;
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

    fn remade(&self, oid: Oid, table: &Table, column: &Column, number: i16) -> Vec<String> {
        let (t, c) = (table.name.quoted(), quote::identifier(&column.name));
        let temporary = quote::identifier("?");
        let kind = self.type_sql(column);
        let collation = column.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
        let mut sql = vec![
            format!("ALTER TABLE {t} ADD COLUMN {temporary} boolean"),
            // Unlike an UPDATE, this ignores triggers, rules and row security.
            format!("ALTER TABLE {t} ALTER COLUMN {temporary} TYPE {kind}{collation} USING {c}"),
        ];
        let checks = checks_on(table, number);
        let dropped = checks.iter().map(|(name, ..)| quote::identifier(name));
        sql.extend(dropped.map(|name| format!("ALTER TABLE {t} DROP CONSTRAINT {name}")));
        sql.push(format!("ALTER TABLE {t} DROP COLUMN {c}"));
        sql.push(format!("ALTER TABLE {t} RENAME COLUMN {temporary} TO {c}"));
        sql.extend(restored(table, column, number, &t, &c));
        for (name, definition, comment) in checks {
            let name = quote::identifier(name);
            sql.push(format!("ALTER TABLE {t} ADD CONSTRAINT {name} {definition}"));
            sql.extend(comment.map(|text| comment_sql(&format!("CONSTRAINT {name} ON {t}"), Some(text))));
        }
        sql.extend(self.restored_statistics(oid));
        sql
    }

    /// Statistics that used the column were dropped with it.
    fn restored_statistics(&self, oid: Oid) -> Vec<String> {
        let mut sql = Vec::new();
        for one in self.catalog.statistics.values().filter(|one| one.table == oid) {
            let name = one.name.quoted();
            sql.push(one.definition.replacen(" STATISTICS ", " STATISTICS IF NOT EXISTS ", 1));
            let target = one.target.map(|target| format!("ALTER STATISTICS {name} SET STATISTICS {target}"));
            sql.extend(target);
            let comment = one.comment.as_ref();
            sql.extend(comment.map(|text| comment_sql(&format!("STATISTICS {name}"), Some(text))));
        }
        sql
    }
}

/// The objects that depended on the column, as the catalog had them.
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
    if !column.options.is_empty() {
        let options = column.options.iter().filter_map(|option| option.split_once('='));
        let options: Vec<String> =
            options.map(|(name, value)| format!("{name} = {}", quote::literal(value))).collect();
        alter(format!("SET ({})", options.join(", ")));
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
        // An expression may use the column: the index was dropped in that case, and otherwise still exists.
        let concerned = index.keys.contains(&number) || index.include.contains(&number);
        let expression = index.has_expression();
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
    let clustered = table.indexes.iter().filter(|(_, index)| index.clustered);
    sql.extend(clustered.map(|(name, _)| format!("ALTER TABLE {t} CLUSTER ON {}", quote::identifier(name))));
    let replicated = table.replica_identity.iter().filter(|it| it.starts_with("USING INDEX"));
    sql.extend(replicated.map(|identity| format!("ALTER TABLE {t} REPLICA IDENTITY {identity}")));
    for item in column.grants.iter().flatten() {
        sql.extend(restated_column(item, t, c));
    }
    sql
}

/// The GRANT on one column that an `aclitem` stands for.
fn restated_column(item: &str, table: &str, column: &str) -> Option<String> {
    let item = AclItem::parse(item)?;
    let words = PRIVILEGES.iter().filter(|(letter, _)| item.has(*letter));
    let words: Vec<String> = words.map(|(_, word)| format!("{word} ({column})")).collect();
    let some = !words.is_empty();
    some.then(|| format!("GRANT {} ON TABLE {table} TO {}", words.join(", "), role(&item.to)))
}
