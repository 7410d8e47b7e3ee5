use super::comment::Comment;
use super::edit::{key, qualified};
use super::enums::Relabelled;
use super::lookup::spoken;
use super::table::{counted, having, label, said};
use super::types::{printed, same};
use super::{Hazard, Planner, Question, Stop};
use crate::catalog::{self, ConstraintKind, Name, Oid, Rows};
use crate::facts::{Column, TableName, Type, mangle};
use crate::{ErrorKind, quote};

/// What is common to a column and to the column of a link.
pub(super) struct Field<'a> {
    pub(super) of: &'a TableName,
    pub(super) label: &'a str,
    pub(super) unique: bool,
    pub(super) title: Option<&'a str>,
}

impl Planner {
    pub(super) fn column(&mut self, fact: &Column) -> Result<(), Stop> {
        let Some(oid) = self.of(&fact.of, fact.present)? else { return Ok(()) };
        let name = mangle(&[&fact.label], None);
        let link = self.column_named(oid, &mangle(&[&fact.label], Some("id")))?;
        if link.is_some_and(|number| self.is_link(oid, number)) {
            return Err(self.taken(&fact.of, "link", &fact.label));
        }
        if !fact.present {
            return match self.column_named(oid, &name)? {
                Some(number) => self.drop_field(oid, number, fact.irreversible),
                None => Ok(()),
            };
        }
        let Some(kind) = &fact.kind else {
            return Err(self
                .problem(ErrorKind::Format, format!("column `{}` has no type", fact.label))
                .into());
        };
        let number = match self.column_named(oid, &name)? {
            Some(number) => Some(number),
            None => self.former_column(oid, fact, &name)?,
        };
        let number = match number {
            None => self.create_column(oid, fact, kind, name)?,
            Some(number) => {
                self.keep_column(oid, number, fact, kind)?;
                number
            }
        };
        let field =
            Field { of: &fact.of, label: &fact.label, unique: fact.unique, title: fact.title.as_deref() };
        self.keep_unique(oid, number, &field)?;
        self.keep_title(oid, number, &field)?;
        self.keep_order(oid, number, &fact.after)
    }

    /// The table of a field; `None` where neither it nor the field is to be there.
    pub(super) fn of(&self, table: &TableName, present: bool) -> Result<Option<Oid>, Stop> {
        match self.find(&self.name(table)) {
            None if !present => Ok(None),
            _ => self.known(table).map(Some),
        }
    }

    /// A column and a link of one table can't have the same label.
    pub(super) fn taken(&self, table: &TableName, by: &str, label: &str) -> Stop {
        let message = format!("table `{}` has a {by} `{label}` already", spoken(table));
        self.problem(ErrorKind::Duplicate, message).help("a column and a link need two labels").into()
    }

    fn former_column(&mut self, oid: Oid, fact: &Column, name: &str) -> Result<Option<i16>, Stop> {
        for label in &fact.was {
            if let Some(number) = self.column_named(oid, &mangle(&[label], None))? {
                self.made(oid)?;
                self.rename_column(oid, number, name)?;
                self.rename_enum(oid, number, &fact.of.label, &fact.label)?;
                self.rename_unique(oid, &fact.of.label, label, &fact.label)?;
                self.rename_in_generator(oid)?;
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn create_column(&mut self, oid: Oid, fact: &Column, kind: &Type, name: String) -> Result<i16, Stop> {
        let enum_type = self.enum_name(oid, &fact.of.label, &fact.label)?;
        let default =
            fact.default.as_ref().map(|default| self.default_sql(kind, &qualified(&enum_type), default));
        let default = default.transpose()?.filter(|sql| sql != "NULL");
        if fact.required && default.is_none() && self.at(oid)?.rows == Rows::Perhaps {
            self.refuse_missing_values(oid, &fact.label)?;
        }
        let (kind, type_oid) = match kind {
            Type::Enum(labels) => (qualified(&enum_type), self.create_enum(oid, enum_type, labels)?),
            kind => (sql_type(kind), 0),
        };
        let column = catalog::Column {
            name,
            kind,
            type_oid,
            required: fact.required,
            default,
            ..catalog::Column::default()
        };
        self.add_column(oid, column, &[Hazard::Locks])
    }

    /// A required column without a default can't be added where there are rows.
    pub(super) fn refuse_missing_values(&self, oid: Oid, label: &str) -> Result<(), Stop> {
        let table = self.at(oid)?;
        let rows = self
            .number(format!("SELECT pg_catalog.count(*)::pg_catalog.text FROM {}", qualified(&table.name)))?;
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

    fn keep_column(&mut self, oid: Oid, number: i16, fact: &Column, kind: &Type) -> Result<(), Stop> {
        // Before anything is begun, so that it can be asked together with what others ask.
        if fact.required && !self.column_at(oid, number)?.required {
            self.refuse_nulls(oid, number, &fact.label)?;
        }
        self.keep_type(oid, number, fact, kind)?;
        self.keep_required(oid, number, fact.required, &fact.label)?;
        self.keep_default(oid, number, fact, kind)
    }

    fn keep_type(&mut self, oid: Oid, number: i16, fact: &Column, kind: &Type) -> Result<(), Stop> {
        let column = self.column_at(oid, number)?;
        match (kind, self.labels(column.type_oid)) {
            (Type::Enum(labels), Some(known)) if *labels == known => Ok(()),
            (Type::Enum(labels), Some(known)) => {
                self.alter_enum(&Relabelled { oid, number, fact, known: &known, labels })
            }
            (Type::Enum(_), None) => self.convert(oid, number, fact, kind),
            (kind, _) => {
                let wanted = printed(kind).unwrap_or_default();
                match same(&column.kind, &wanted) {
                    true => Ok(()),
                    false => self.convert(oid, number, fact, kind),
                }
            }
        }
    }

    /// Sees to NOT NULL.
    pub(super) fn keep_required(
        &mut self,
        oid: Oid,
        number: i16,
        required: bool,
        label: &str,
    ) -> Result<(), Stop> {
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

    /// A column can't become required where rows have no value for it.
    fn refuse_nulls(&self, oid: Oid, number: i16, label: &str) -> Result<(), Stop> {
        let (table, column) = (self.at(oid)?, self.column_at(oid, number)?);
        if table.rows == Rows::None {
            return Ok(());
        }
        let nulls = self.number(format!(
            "SELECT pg_catalog.count(*)::pg_catalog.text FROM {} WHERE {} IS NULL",
            qualified(&table.name),
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

    fn keep_default(&mut self, oid: Oid, number: i16, fact: &Column, kind: &Type) -> Result<(), Stop> {
        let column = self.column_at(oid, number)?;
        let type_sql = self.type_sql(column);
        let wanted = fact.default.as_ref().map(|default| self.default_sql(kind, &type_sql, default));
        let wanted = wanted.transpose()?.filter(|sql| sql != "NULL");
        let holds = self.same_default(
            kind,
            &type_sql,
            column.default.as_deref(),
            wanted.as_deref(),
            fact.default.as_ref(),
        )?;
        match holds || column.generation.is_some() {
            true => Ok(()),
            false => self.set_default(oid, number, wanted),
        }
    }

    /// What comparing the default of a column that is there will ask.
    pub(super) fn default_question(&self, fact: &Column) -> Option<Question> {
        let oid = self.find(&self.name(&fact.of))?;
        let number = self.column_named(oid, &mangle(&[&fact.label], None)).ok()??;
        let column = self.column_at(oid, number).ok()?;
        let (kind, default) = (fact.kind.as_ref()?, fact.default.as_ref()?);
        let type_sql = self.type_sql(column);
        let wanted = self.default_sql(kind, &type_sql, default).ok()?;
        let printed = column.default.as_deref();
        match self.same_default(kind, &type_sql, printed, Some(&wanted), Some(default)) {
            Err(Stop::Ask(question)) => Some(question),
            _ => None,
        }
    }

    /// Sees to the constraint that a field's values are unique.
    pub(super) fn keep_unique(&mut self, oid: Oid, number: i16, field: &Field<'_>) -> Result<(), Stop> {
        let table = self.at(oid)?;
        let constraint = table.constraints.iter().find(|(_, constraint)| {
            matches!(constraint.kind, ConstraintKind::Unique) && constraint.columns == [number]
        });
        let name = mangle(&[&field.of.label, field.label], Some("uk"));
        match (constraint.map(|(name, _)| name.clone()), field.unique) {
            (Some(_), true) | (None, false) => Ok(()),
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
                    self.at_mut(oid)?.indexes.remove(&index);
                }
                let unique = key(ConstraintKind::Unique, vec![number], definition);
                self.add_constraint(oid, &name, unique, &[Hazard::Locks, Hazard::Scans])?;
                if let Some(unique) = self.at_mut(oid)?.constraints.get_mut(&name) {
                    unique.definition = format!("UNIQUE ({column})");
                }
                Ok(())
            }
        }
    }

    /// Sees to the title and label in a field's comment.
    pub(super) fn keep_title(&mut self, oid: Oid, number: i16, field: &Field<'_>) -> Result<(), Stop> {
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
        match said(column.comment.as_deref()) == said(comment.as_deref()) {
            true => Ok(()),
            false => self.comment_column(oid, number, comment),
        }
    }

    /// Drops a column or link, with what was made for it.
    pub(super) fn drop_field(&mut self, oid: Oid, number: i16, irreversible: bool) -> Result<(), Stop> {
        self.made(oid)?;
        let (table, column) = (self.at(oid)?.name.clone(), self.column_at(oid, number)?.clone());
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
        let at = self.at(oid)?;
        let table_label = label(&table.name, at.comment.as_deref());
        let made = self.enum_name(oid, &table_label, &label(&column.name, column.comment.as_deref()))?;
        self.leave_identity(oid, number)?;
        self.drop_column(oid, number, &[Hazard::Locks, Hazard::Loses])?;
        self.drop_enum(column.type_oid, &made)
    }

    /// Whether a column has a foreign key of its own.
    pub(super) fn is_link(&self, oid: Oid, number: i16) -> bool {
        self.link_constraint(oid, number).is_some()
    }

    /// The name of the enum type of a column.
    pub(super) fn enum_name(&self, oid: Oid, table: &str, label: &str) -> Result<Name, Stop> {
        let schema = self.at(oid)?.name.schema.clone();
        Ok(Name { schema, name: mangle(&[table, label], Some("enum")) })
    }
}

/// A type as SQL: the user's own words for one that isn't the language's.
pub(super) fn sql_type(kind: &Type) -> String {
    match kind {
        Type::Sql(name) => name.clone(),
        kind => printed(kind).unwrap_or_default(),
    }
}
