use crate::catalog::{self, ConstraintKind, Oid, QualifiedName, Reference, ReferentialAction, RowPresence};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::columns::FieldFact;
use crate::diff::definitions::label;
use crate::diff::edit::{columns, key, plain_index, reference};
use crate::diff::name_index::SURROGATE_COLUMN;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{Deferrable, LinkFact, OnDelete, mangle};
use crate::text::quote;

impl Planner {
    pub(crate) fn link(&mut self, fact: &LinkFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        let name = mangle(&[&fact.label], Some("id"));
        let column = self.column_named(oid, &mangle(&[&fact.label], None))?;
        if column.is_some_and(|number| !self.is_link(oid, number)) {
            return Err(self.label_clash(&fact.of, "column", &fact.label));
        }
        if !fact.present {
            return match self.column_named(oid, &name)? {
                Some(number) => self.drop_field(oid, number, fact.irreversible),
                None => Ok(()),
            };
        }
        let target = self.require_table(&fact.to)?;
        if target == oid && fact.required {
            let message = format!("link `{}` refers to its own table and is required", fact.label);
            return Err(self
                .problem(ErrorKind::Format, message)
                .help("say `required: false`: the first row has none to refer to")
                .into());
        }
        let number = match self.column_named(oid, &name)? {
            Some(number) => Some(number),
            None => self.former_link(oid, fact, &name)?,
        };
        let default = self.link_default(fact, target)?;
        let number = match number {
            None => self.create_link(oid, target, fact, name, default)?,
            Some(number) => {
                self.keep_required(oid, number, fact.required, &fact.label)?;
                self.keep_link_default(oid, number, default)?;
                number
            }
        };
        self.keep_foreign_key(oid, number, target, fact)?;
        let field =
            FieldFact { of: &fact.of, label: &fact.label, unique: fact.unique, title: fact.title.as_deref() };
        self.keep_unique(oid, number, &field)?;
        self.keep_index(oid, number, fact)?;
        self.keep_title(oid, number, &field)?;
        self.keep_order(oid, number, &fact.after)
    }

    fn former_link(&mut self, oid: Oid, fact: &LinkFact, name: &str) -> Result<Option<i16>, Interruption> {
        for label in &fact.was {
            if let Some(number) = self.column_named(oid, &mangle(&[label], Some("id")))? {
                self.require_created(oid)?;
                self.rename_link(oid, number, &fact.of.label, label, &fact.label)?;
                debug_assert_eq!(self.column_name(oid, number)?, name);
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn create_link(
        &mut self,
        oid: Oid,
        target: Oid,
        fact: &LinkFact,
        name: String,
        default: Option<String>,
    ) -> Result<i16, Interruption> {
        if fact.required && default.is_none() && self.table_at(oid)?.rows == RowPresence::Perhaps {
            self.refuse_missing_values(oid, &fact.label)?;
        }
        let Some(id) = self.column_named(target, SURROGATE_COLUMN)? else {
            let message = format!("table `{}` has no `id` to link to", fact.to);
            return Err(self.problem(ErrorKind::Missing, message).help("give its fact an `id:`").into());
        };
        let kind = self.column_at(target, id)?.kind.clone();
        let column =
            catalog::Column { name, kind, required: fact.required, default, ..catalog::Column::default() };
        self.add_column(oid, column, &[ChangeHazard::Locks])
    }

    /// The foreign key of a column alone.
    pub(crate) fn link_constraint(&self, oid: Oid, number: i16) -> Option<(&String, &catalog::Constraint)> {
        let constraints = self.catalog.tables.get(&oid)?.constraints.iter();
        constraints.filter(|(_, constraint)| constraint.columns == [number]).find(|(_, constraint)| {
            match &constraint.kind {
                // A foreign key to another column is not a link.
                ConstraintKind::Foreign(reference) => self.is_to_id(reference),
                _ => false,
            }
        })
    }

    fn is_to_id(&self, reference: &Reference) -> bool {
        let target = self.catalog.tables.get(&reference.table);
        let column = reference.columns.first().and_then(|number| target?.columns.get(number));
        column.is_none_or(|column| column.name == SURROGATE_COLUMN)
    }

    fn keep_foreign_key(
        &mut self,
        oid: Oid,
        number: i16,
        target: Oid,
        fact: &LinkFact,
    ) -> Result<(), Interruption> {
        let wanted = match fact.on_delete {
            Some(action) => wanted(action),
            None if self.is_in_identity(oid, number)? => ReferentialAction::Cascade,
            None => ReferentialAction::SetDefault,
        };
        let known = self.link_constraint(oid, number).and_then(|(name, constraint)| match &constraint.kind {
            ConstraintKind::Foreign(reference) => Some((name.clone(), reference.clone())),
            _ => None,
        });
        let Some((name, reference)) = known else {
            let name = mangle(&[&fact.of.label, &fact.label], Some("fk"));
            return self.add_foreign_key(oid, number, target, &name, (wanted, fact.deferrable));
        };
        if reference.table != target {
            let message = format!(
                "link `{}` refers to table `{}`, not to `{}`",
                fact.label,
                self.table_at(reference.table)?.name.name,
                fact.to
            );
            return Err(self
                .problem(ErrorKind::Pending, message)
                .help("drop the link first (`present: false`), or give the new one another label")
                .into());
        }
        if reference.on_delete != wanted || reference.on_update != ReferentialAction::NoAction {
            self.drop_constraint(oid, &name)?;
            return self.add_foreign_key(oid, number, target, &name, (wanted, fact.deferrable));
        }
        self.keep_checked(oid, &name, fact.deferrable)
    }

    /// Makes a foreign key be checked at the right time, and valid for all rows.
    pub(crate) fn keep_checked(
        &mut self,
        oid: Oid,
        name: &str,
        deferrable: Deferrable,
    ) -> Result<(), Interruption> {
        let Some(known) = self.table_at(oid)?.constraints.get(name).cloned() else { return Ok(()) };
        if known.deferrable != deferrable.flags() {
            let clause = if deferrable == Deferrable::No { " NOT DEFERRABLE" } else { deferrable.sql() };
            // DEFERRABLE alone would keep INITIALLY DEFERRED.
            let clause = match deferrable {
                Deferrable::Immediate => " DEFERRABLE INITIALLY IMMEDIATE",
                _ => clause,
            };
            let clause = format!("ALTER CONSTRAINT {}{clause}", quote::identifier(name));
            self.alter(oid, name, clause, ChangeAction::Alter, &[ChangeHazard::Locks])?;
            if let Some(constraint) = self.table_at_mut(oid)?.constraints.get_mut(name) {
                constraint.deferrable = deferrable.flags();
                let bare =
                    constraint.definition.replace(" DEFERRABLE", "").replace(" INITIALLY DEFERRED", "");
                constraint.definition = bare + deferrable.sql();
            }
        }
        if known.validated { Ok(()) } else { self.validate(oid, name) }
    }

    fn add_foreign_key(
        &mut self,
        oid: Oid,
        number: i16,
        target: Oid,
        name: &str,
        (action, deferrable): (ReferentialAction, Deferrable),
    ) -> Result<(), Interruption> {
        let id = self.column_named(target, SURROGATE_COLUMN)?.unwrap_or(1);
        let definition = format!(
            "FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {}{}",
            quote::identifier(&self.column_name(oid, number)?),
            self.table_at(target)?.name.quoted(),
            quote::identifier(SURROGATE_COLUMN),
            spell(action),
            deferrable.sql()
        );
        let mut constraint = key(reference(target, id, action), vec![number], definition);
        constraint.deferrable = deferrable.flags();
        self.add_constraint(oid, name, constraint, &[ChangeHazard::Locks, ChangeHazard::Scans])
    }

    /// Changes ON DELETE of a link's foreign key.
    pub(crate) fn set_on_delete(
        &mut self,
        oid: Oid,
        number: i16,
        name: &str,
        target: Oid,
        action: ReferentialAction,
    ) -> Result<(), Interruption> {
        let known = self.table_at(oid)?.constraints.get(name).map(|known| known.deferrable);
        let deferrable = match known.unwrap_or_default() {
            (true, true) => Deferrable::Deferred,
            (true, false) => Deferrable::Immediate,
            (false, _) => Deferrable::No,
        };
        self.drop_constraint(oid, name)?;
        self.add_foreign_key(oid, number, target, name, (action, deferrable))
    }

    /// Adds or drops the index of a link; a unique link has an index already.
    fn keep_index(&mut self, oid: Oid, number: i16, fact: &LinkFact) -> Result<(), Interruption> {
        let table = self.table_at(oid)?;
        let plain = table.indexes.iter().find(|(_, index)| {
            index.plain
                && index.valid
                && index.keys == [number]
                && index.include.is_empty()
                && index.constraint.is_none()
        });
        let name = mangle(&[&fact.of.label, &fact.label], Some("fk"));
        match (plain.map(|(found, _)| found.clone()), fact.unique) {
            (Some(found), true) if found == name => self.drop_index(oid, &found),
            (Some(_), _) | (None, true) => Ok(()),
            (None, false) => {
                if self.table_at(oid)?.indexes.contains_key(&name) {
                    // An index that was not completed, or another index with our name.
                    self.drop_index(oid, &name)?;
                }
                let on = columns(&[self.column_name(oid, number)?]);
                let table = self.table_at(oid)?.name.quoted();
                let sql = format!("CREATE INDEX {} ON {table} {on}", quote::identifier(&name));
                self.add_index(oid, &name, plain_index(vec![number], sql))
            }
        }
    }

    /// The default of a link: the `id` of the row that has the identity.
    fn link_default(&mut self, fact: &LinkFact, target: Oid) -> Result<Option<String>, Interruption> {
        let Some(value) = &fact.default else { return Ok(None) };
        self.require_created(target)?;
        let condition = self.identity_condition(target, value, "t")?;
        let sql = format!(
            "SELECT t.id::pg_catalog.text FROM {} AS t{condition}",
            self.table_at(target)?.name.quoted()
        );
        match self.ask(Question::Value(sql))? {
            Answer::Value(Some(id)) => {
                let id = id.clone();
                Ok(Some(id.parse::<i64>().map_or_else(|_| quote::literal(&id), |id| id.to_string())))
            }
            Answer::Refused(reason) => Err(self.problem(ErrorKind::Sql, reason.clone()).into()),
            Answer::Value(None) | Answer::Unknown => {
                let message = format!(
                    "there is no row of `{}` that the default of link `{}` names",
                    fact.to, fact.label
                );
                Err(self
                    .problem(ErrorKind::Missing, message)
                    .help("declare the row with a `data` fact before the link")
                    .into())
            }
        }
    }

    fn keep_link_default(
        &mut self,
        oid: Oid,
        number: i16,
        wanted: Option<String>,
    ) -> Result<(), Interruption> {
        let bare =
            |sql: &str| sql.split("::").next().unwrap_or_default().trim_matches(['\'', '(', ')']).to_owned();
        let known = self.column_at(oid, number)?.default.as_deref().map(bare);
        match known == wanted.as_deref().map(bare) {
            true => Ok(()),
            false => self.set_default(oid, number, wanted),
        }
    }

    /// Renames a link's column, foreign key, index and unique constraint after its new label.
    pub(crate) fn rename_link(
        &mut self,
        oid: Oid,
        number: i16,
        table: &str,
        from: &str,
        to: &str,
    ) -> Result<(), Interruption> {
        self.rename_column(oid, number, &mangle(&[to], Some("id")))?;
        let (old, new) = (mangle(&[table, from], Some("fk")), mangle(&[table, to], Some("fk")));
        self.rename_key(oid, &old, &new)?;
        self.rename_unique(oid, table, from, to)?;
        self.rename_in_generator(oid)
    }

    /// The label of the link with this column.
    pub(crate) fn link_label(&self, oid: Oid, number: i16) -> Result<String, Interruption> {
        let column = self.column_at(oid, number)?;
        let stem = column.name.trim_end_matches("id").trim_end_matches('_');
        Ok(label(stem, column.comment.as_deref()))
    }

    /// A name in the schema of a table.
    pub(crate) fn in_schema_of(&self, oid: Oid, name: &str) -> Result<QualifiedName, Interruption> {
        Ok(QualifiedName { schema: self.table_at(oid)?.name.schema.clone(), name: name.to_owned() })
    }
}

pub(crate) fn wanted(action: OnDelete) -> ReferentialAction {
    match action {
        OnDelete::Cascade => ReferentialAction::Cascade,
        OnDelete::Restrict => ReferentialAction::Restrict,
        OnDelete::NoAction => ReferentialAction::NoAction,
        OnDelete::SetNull => ReferentialAction::SetNull,
        OnDelete::SetDefault => ReferentialAction::SetDefault,
    }
}

pub(crate) fn spell(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    }
}
