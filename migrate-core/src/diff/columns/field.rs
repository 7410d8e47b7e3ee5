use crate::catalog::{ConstraintKind, Oid, RowPresence};
use crate::diff::change::ChangeHazard;
use crate::diff::counts::{counted, having};
use crate::diff::definitions::{Comment, label, meaning};
use crate::diff::edit::key;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::{TableName, mangle};
use crate::text::quote;

/// The properties that columns and links share.
pub(crate) struct FieldFact<'a> {
    pub(crate) of: &'a TableName,
    pub(crate) label: &'a str,
    pub(crate) unique: bool,
    pub(crate) title: Option<&'a str>,
}

impl Planner {
    /// The table of a field; `None` if the table is missing and the field should not exist.
    pub(crate) fn table_of_field(
        &self,
        table: &TableName,
        present: bool,
    ) -> Result<Option<Oid>, Interruption> {
        match self.find(&self.name(table)) {
            None if !present => Ok(None),
            _ => self.require_table(table).map(Some),
        }
    }

    /// The error for a column and a link of one table with the same label.
    pub(crate) fn label_clash(&self, table: &TableName, by: &str, label: &str) -> Interruption {
        let message = format!("table `{}` has a {by} `{label}` already", table);
        self.problem(ErrorKind::Duplicate, message).help("a column and a link need two labels").into()
    }

    /// Refuses a required column without a default on a table with rows.
    pub(crate) fn refuse_missing_values(&self, oid: Oid, label: &str) -> Result<(), Interruption> {
        let table = self.table_at(oid)?;
        let rows =
            self.number(format!("SELECT pg_catalog.count(*)::pg_catalog.text FROM {}", table.name.quoted()))?;
        if rows == 0 {
            return Ok(());
        }
        let message = format!(
            "`{label}` is required and has no default, and table `{}` holds {} without it",
            table.name.name,
            counted(rows, "row")
        );
        Err(self
            .problem(ErrorKind::Pending, message)
            .help("give it a `default`, or add it with `required: false`, fill it in, and make it required then")
            .into())
    }

    /// Sets or drops NOT NULL as needed.
    pub(crate) fn keep_required(
        &mut self,
        oid: Oid,
        number: i16,
        required: bool,
        label: &str,
    ) -> Result<(), Interruption> {
        let column = self.column_at(oid, number)?;
        if column.required == required {
            return Ok(());
        }
        if !required {
            // A nullable column can't be part of a primary key.
            self.leave_identity(oid, number)?;
            return self.set_required(oid, number, false);
        }
        self.refuse_nulls(oid, number, label)?;
        self.set_required(oid, number, true)
    }

    /// Refuses to make a column required if rows have no value for it.
    pub(crate) fn refuse_nulls(&self, oid: Oid, number: i16, label: &str) -> Result<(), Interruption> {
        let (table, column) = (self.table_at(oid)?, self.column_at(oid, number)?);
        if table.rows == RowPresence::None {
            return Ok(());
        }
        let nulls = self.number(format!(
            "SELECT pg_catalog.count(*)::pg_catalog.text FROM {} WHERE {} IS NULL",
            table.name.quoted(),
            quote::identifier(&column.name)
        ))?;
        if nulls == 0 {
            return Ok(());
        }
        let message = format!(
            "`{label}` is to be required, and in table `{}` {} no value for it",
            table.name.name,
            having(nulls, "row")
        );
        Err(self
            .problem(ErrorKind::Pending, message)
            .help("fill them in first, with a `sql` fact or a patch")
            .into())
    }

    /// Adds or drops the unique constraint of a field as needed.
    pub(crate) fn keep_unique(
        &mut self,
        oid: Oid,
        number: i16,
        field: &FieldFact<'_>,
    ) -> Result<(), Interruption> {
        let table = self.table_at(oid)?;
        let constraint = table.constraints.iter().find(|(_, constraint)| {
            matches!(constraint.kind, ConstraintKind::Unique) && constraint.columns == [number]
        });
        let name = mangle(&[&field.of.label, field.label], Some("uk"));
        let changed = constraint.is_some_and(|(_, it)| it.deferrable.0 || it.definition.contains(" NULLS "));
        let found = constraint.map(|(name, _)| name.clone());
        let declared = found.as_ref().is_some_and(|name| self.outline.has_key(&table.name, name));
        match (found, field.unique) {
            (None, false) => Ok(()),
            (Some(_), _) if declared => Ok(()),
            (Some(name), true) if changed => {
                self.drop_constraint(oid, &name)?;
                self.keep_unique(oid, number, field)
            }
            (Some(_), true) => Ok(()),
            (Some(name), false) => self.drop_constraint(oid, &name),
            (None, true) => {
                let index = table
                    .indexes
                    .iter()
                    .find(|(_, index)| {
                        index.unique
                            && index.valid
                            && index.plain
                            && index.keys == [number]
                            && index.constraint.is_none()
                    })
                    .map(|(name, _)| name.clone());
                let column = quote::identifier(&self.column_name(oid, number)?);
                let mut definition = format!("UNIQUE ({column})");
                if let Some(index) = index {
                    definition = format!("UNIQUE USING INDEX {}", quote::identifier(&index));
                    self.table_at_mut(oid)?.indexes.remove(&index);
                }
                let unique = key(ConstraintKind::Unique, vec![number], definition);
                self.add_constraint(oid, &name, unique, &[ChangeHazard::Locks, ChangeHazard::Scans])?;
                if let Some(unique) = self.table_at_mut(oid)?.constraints.get_mut(&name) {
                    unique.definition = format!("UNIQUE ({column})");
                }
                Ok(())
            }
        }
    }

    /// Updates the title and label in a field's comment.
    pub(crate) fn keep_title(
        &mut self,
        oid: Oid,
        number: i16,
        field: &FieldFact<'_>,
    ) -> Result<(), Interruption> {
        let column = self.column_at(oid, number)?;
        let stem = column.name.strip_suffix("_id").filter(|stem| *stem == field.label);
        let named = column.name == field.label || stem.is_some();
        let label = (!named).then_some(field.label);
        if Comment::is_only(column.comment.as_deref(), label, field.title) {
            return Ok(());
        }
        let mut comment = Comment::parse(column.comment.as_deref());
        comment.set_text("label", label);
        comment.set_text("title", field.title);
        let comment = comment.render();
        match meaning(column.comment.as_deref()) == meaning(comment.as_deref()) {
            true => Ok(()),
            false => self.comment_column(oid, number, comment),
        }
    }

    /// Drops a column or link, with the objects that were created for it.
    pub(crate) fn drop_field(
        &mut self,
        oid: Oid,
        number: i16,
        irreversible: bool,
    ) -> Result<(), Interruption> {
        self.require_created(oid)?;
        let (table, column) = (self.table_at(oid)?.name.clone(), self.column_at(oid, number)?.clone());
        if !irreversible {
            let values = self.locked_number(oid, &quote::identifier(&column.name), "")?;
            if values > 0 {
                let message =
                    format!("column `{}.{}` holds {}", table.name, column.name, counted(values, "value"));
                return Err(self
                    .problem(ErrorKind::Pending, message)
                    .help("say `irreversible: true` beside `present: false` if they may be lost")
                    .into());
            }
        }
        let at = self.table_at(oid)?;
        let table_label = label(&table.name, at.comment.as_deref());
        let enum_type = self.enum_name(oid, &table_label, &label(&column.name, column.comment.as_deref()))?;
        self.leave_identity(oid, number)?;
        self.drop_column(oid, number, &[ChangeHazard::Locks, ChangeHazard::Loses])?;
        self.drop_enum(column.type_oid, &enum_type)
    }
}
