//! One function for each edit: it changes the planner's catalog and records the change. For a table that is yet to be
//! created nothing is recorded, because the table will be created as the catalog has it.

use super::change::{ChangeAction, ChangeHazard};
use super::planner::Planner;
use super::question::Interruption;
use crate::catalog::{
    Column, Constraint, ConstraintKind, Index, Oid, QualifiedName, Reference, ReferentialAction,
};
use crate::text::quote;

impl Planner {
    /// Adds a column at the end.
    pub(crate) fn add_column(
        &mut self,
        oid: Oid,
        column: Column,
        hazards: &[ChangeHazard],
    ) -> Result<i16, Interruption> {
        let clause = self.column_sql(&column);
        self.alter(oid, &column.name, format!("ADD COLUMN {clause}"), ChangeAction::Create, hazards)?;
        let table = self.table_at_mut(oid)?;
        let number = table.columns.keys().last().copied().unwrap_or(0).saturating_add(1);
        table.columns.insert(number, column);
        Ok(number)
    }

    /// Drops a column, and in the catalog the constraints and indexes that name it.
    pub(crate) fn drop_column(
        &mut self,
        oid: Oid,
        number: i16,
        hazards: &[ChangeHazard],
    ) -> Result<(), Interruption> {
        let name = self.column_name(oid, number)?;
        let clause = format!("DROP COLUMN {}", quote::identifier(&name));
        self.alter(oid, &name, clause, ChangeAction::Drop, hazards)?;
        let table = self.table_at_mut(oid)?;
        table.columns.remove(&number);
        table.constraints.retain(|_, constraint| !constraint.columns.contains(&number));
        table.indexes.retain(|_, index| !index.keys.contains(&number) && !index.include.contains(&number));
        Ok(())
    }

    pub(crate) fn rename_column(&mut self, oid: Oid, number: i16, to: &str) -> Result<(), Interruption> {
        let from = self.column_name(oid, number)?;
        let clause = format!("RENAME COLUMN {} TO {}", quote::identifier(&from), quote::identifier(to));
        self.alter(oid, &from, clause, ChangeAction::Rename, &[ChangeHazard::Locks])?;
        self.column_mut(oid, number)?.name = to.to_owned();
        Ok(())
    }

    pub(crate) fn set_required(&mut self, oid: Oid, number: i16, required: bool) -> Result<(), Interruption> {
        let name = self.column_name(oid, number)?;
        let (verb, hazards) = if required {
            ("SET", &[ChangeHazard::Locks, ChangeHazard::Scans][..])
        } else {
            ("DROP", &[ChangeHazard::Locks][..])
        };
        let clause = format!("ALTER COLUMN {} {verb} NOT NULL", quote::identifier(&name));
        self.alter(oid, &name, clause, ChangeAction::Alter, hazards)?;
        self.column_mut(oid, number)?.required = required;
        Ok(())
    }

    pub(crate) fn set_default(
        &mut self,
        oid: Oid,
        number: i16,
        default: Option<String>,
    ) -> Result<(), Interruption> {
        let name = self.column_name(oid, number)?;
        let what = default.as_ref().map_or("DROP DEFAULT".to_owned(), |sql| format!("SET DEFAULT {sql}"));
        let clause = format!("ALTER COLUMN {} {what}", quote::identifier(&name));
        self.alter(oid, &name, clause, ChangeAction::Alter, &[ChangeHazard::Locks])?;
        self.column_mut(oid, number)?.default = default;
        Ok(())
    }

    /// Adds a constraint; `hazards` are those for an existing table.
    pub(crate) fn add_constraint(
        &mut self,
        oid: Oid,
        name: &str,
        constraint: Constraint,
        hazards: &[ChangeHazard],
    ) -> Result<(), Interruption> {
        let clause = format!("ADD CONSTRAINT {} {}", quote::identifier(name), constraint.definition);
        self.alter(oid, name, clause, ChangeAction::Create, hazards)?;
        let table = self.table_at_mut(oid)?;
        if matches!(constraint.kind, ConstraintKind::Primary | ConstraintKind::Unique) {
            let index = Index {
                keys: constraint.columns.clone(),
                unique: true,
                plain: true,
                constraint: Some(name.to_owned()),
                valid: true,
                ..Index::default()
            };
            table.indexes.insert(name.to_owned(), index);
        }
        table.constraints.insert(name.to_owned(), constraint);
        Ok(())
    }

    pub(crate) fn drop_constraint(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
        let clause = format!("DROP CONSTRAINT {}", quote::identifier(name));
        self.alter(oid, name, clause, ChangeAction::Drop, &[ChangeHazard::Locks])?;
        let table = self.table_at_mut(oid)?;
        table.constraints.remove(name);
        table.indexes.retain(|_, index| index.constraint.as_deref() != Some(name));
        Ok(())
    }

    pub(crate) fn rename_constraint(&mut self, oid: Oid, from: &str, to: &str) -> Result<(), Interruption> {
        let clause = format!("RENAME CONSTRAINT {} TO {}", quote::identifier(from), quote::identifier(to));
        self.alter(oid, from, clause, ChangeAction::Rename, &[ChangeHazard::Locks])?;
        let table = self.table_at_mut(oid)?;
        if let Some(constraint) = table.constraints.remove(from) {
            table.constraints.insert(to.to_owned(), constraint);
        }
        if let Some(mut index) = table.indexes.remove(from) {
            index.constraint = Some(to.to_owned());
            table.indexes.insert(to.to_owned(), index);
        }
        Ok(())
    }

    pub(crate) fn rename_index(&mut self, oid: Oid, from: &str, to: &str) -> Result<(), Interruption> {
        let name = self.table_at(oid)?.name.clone();
        let sql = format!(
            "ALTER INDEX {} RENAME TO {}",
            QualifiedName { schema: name.schema, name: from.to_owned() }.quoted(),
            quote::identifier(to)
        );
        self.record(oid, from, sql, ChangeAction::Rename, &[ChangeHazard::Locks]);
        let table = self.table_at_mut(oid)?;
        if let Some(index) = table.indexes.remove(from) {
            table.indexes.insert(to.to_owned(), index);
        }
        Ok(())
    }

    /// Adds an index that `definition` makes.
    pub(crate) fn add_index(&mut self, oid: Oid, name: &str, index: Index) -> Result<(), Interruption> {
        self.record(oid, name, index.definition.clone(), ChangeAction::Create, &[ChangeHazard::Indexes]);
        self.table_at_mut(oid)?.indexes.insert(name.to_owned(), index);
        Ok(())
    }

    pub(crate) fn drop_index(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
        let schema = self.table_at(oid)?.name.schema.clone();
        let sql = format!("DROP INDEX {}", QualifiedName { schema, name: name.to_owned() }.quoted());
        self.record(oid, name, sql, ChangeAction::Drop, &[ChangeHazard::Locks]);
        self.table_at_mut(oid)?.indexes.remove(name);
        Ok(())
    }

    pub(crate) fn comment_table(&mut self, oid: Oid, text: Option<String>) -> Result<(), Interruption> {
        let on = format!("TABLE {}", self.table_at(oid)?.name.quoted());
        self.record(oid, "", comment_sql(&on, text.as_deref()), ChangeAction::Comment, &[]);
        self.table_at_mut(oid)?.comment = text;
        Ok(())
    }

    pub(crate) fn comment_column(
        &mut self,
        oid: Oid,
        number: i16,
        text: Option<String>,
    ) -> Result<(), Interruption> {
        let name = self.column_name(oid, number)?;
        let on = format!("COLUMN {}.{}", self.table_at(oid)?.name.quoted(), quote::identifier(&name));
        self.record(oid, &name, comment_sql(&on, text.as_deref()), ChangeAction::Comment, &[]);
        self.column_mut(oid, number)?.comment = text;
        Ok(())
    }

    /// Records an ALTER TABLE of an existing table.
    pub(crate) fn alter(
        &mut self,
        oid: Oid,
        part: &str,
        clause: String,
        action: ChangeAction,
        hazards: &[ChangeHazard],
    ) -> Result<(), Interruption> {
        let sql = format!("ALTER TABLE {} {clause}", self.table_at(oid)?.name.quoted());
        self.record(oid, part, sql, action, hazards);
        Ok(())
    }

    /// Records a change of an existing table; a table that is yet to be created will be created as the catalog has it.
    pub(crate) fn record(
        &mut self,
        oid: Oid,
        part: &str,
        sql: String,
        action: ChangeAction,
        hazards: &[ChangeHazard],
    ) {
        if self.new_tables.contains(&oid) {
            return;
        }
        let table = self.object_name(oid);
        let object = if part.is_empty() { table } else { format!("{table}.{part}") };
        self.push(action, object, sql, hazards);
        if hazards.contains(&ChangeHazard::Rewrites) {
            self.rewrites(oid);
        }
    }
}

pub(crate) fn comment_sql(on: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {on} IS {}", quote::optional(text))
}

/// A constraint of columns, as a plan creates it.
pub(crate) fn key(kind: ConstraintKind, columns: Vec<i16>, definition: String) -> Constraint {
    Constraint {
        kind,
        columns,
        definition,
        deferrable: (false, false),
        validated: true,
        inherited: false,
        comment: None,
    }
}

/// The reference of a foreign key, as a plan creates it.
pub(crate) fn reference(table: Oid, column: i16, on_delete: ReferentialAction) -> ConstraintKind {
    ConstraintKind::Foreign(Reference {
        table,
        columns: vec![column],
        on_delete,
        on_update: ReferentialAction::NoAction,
    })
}

/// An index on columns, as a plan creates it.
pub(crate) fn plain_index(keys: Vec<i16>, definition: String) -> Index {
    Index { keys, plain: true, valid: true, definition, ..Index::default() }
}

/// Columns in parentheses, as SQL.
pub(crate) fn columns(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote::identifier(name)).collect();
    format!("({})", names.join(", "))
}
