use std::collections::BTreeMap;

use super::comment::Comment;
use super::edit::{key, qualified};
use super::lookup::spoken;
use super::{Action, Hazard, Planner, Stop};
use crate::catalog::{self, Column, ConstraintKind, Generation, Name, Oid, Relation, Rows};
use crate::facts::{Key, Table, mangle};
use crate::{ErrorKind, quote};

/// The name of a surrogate key.
pub(super) const ID: &str = "id";

impl Planner {
    pub(super) fn table(&mut self, fact: &Table) -> Result<(), Stop> {
        let name = self.name(&fact.table);
        if !fact.present {
            return match self.find(&name) {
                Some(oid) => self.drop_table(oid, fact.irreversible),
                None => Ok(()),
            };
        }
        let found = match self.find(&name) {
            Some(oid) => Some(oid),
            None => self.former(fact, &name)?,
        };
        match found {
            None => self.create_table(fact, name),
            Some(oid) => self.keep_table(oid, fact),
        }
    }

    fn former(&mut self, fact: &Table, name: &Name) -> Result<Option<Oid>, Stop> {
        let former = fact.was.iter().find_map(|label| {
            let old = Name { schema: name.schema.clone(), name: mangle(&[label], None) };
            self.find(&old).map(|oid| (oid, label.clone()))
        });
        match former {
            None => Ok(None),
            Some((oid, label)) => {
                self.made(oid)?;
                self.rename_table(oid, &label, &fact.table.label)?;
                Ok(Some(oid))
            }
        }
    }

    fn create_table(&mut self, fact: &Table, name: Name) -> Result<(), Stop> {
        let oid = self.fresh_oid();
        let label = &fact.table.label;
        let mut table = catalog::Table {
            name: name.clone(),
            relation: Relation::Table { partitioned_by: None, partition: None },
            unlogged: !fact.reliable,
            comment: self.table_comment(None, fact, &name),
            rows: Rows::None,
            ..catalog::Table::default()
        };
        if let Some(column) = self.surrogate(fact, &name) {
            table.columns.insert(1, column);
            let unique = key(ConstraintKind::Unique, vec![1], format!("UNIQUE ({})", quote::identifier(ID)));
            table.constraints.insert(mangle(&[label], Some("uk")), unique);
        }
        self.catalog.tables.insert(oid, table);
        self.names.table(name, oid);
        self.push_table(oid);
        Ok(())
    }

    /// The column `id` of a new table.
    fn surrogate(&self, fact: &Table, name: &Name) -> Option<Column> {
        let sequence = Name { schema: name.schema.clone(), name: mangle(&[&fact.table.label], Some("seq")) };
        let column = |kind: &str, default: String, generation| Column {
            name: ID.to_owned(),
            kind: kind.to_owned(),
            required: true,
            default: Some(default),
            generation,
            ..Column::default()
        };
        match fact.id.unwrap_or(Key::Bigint) {
            Key::Bigint => Some(column("bigint", qualified(&sequence), Some(Generation::ByDefault))),
            Key::Integer => Some(column("integer", qualified(&sequence), Some(Generation::ByDefault))),
            Key::Uuid => Some(column("uuid", "pg_catalog.gen_random_uuid()".into(), None)),
            Key::None => None,
        }
    }

    fn table_comment(&self, comment: Option<&str>, fact: &Table, name: &Name) -> Option<String> {
        let mut comment = Comment::parse(comment);
        let label = (fact.table.label != name.name).then_some(fact.table.label.as_str());
        comment.set_text("label", label);
        comment.set_text("title", fact.title.as_deref());
        comment.render()
    }

    /// Sees to a table that is there.
    fn keep_table(&mut self, oid: Oid, fact: &Table) -> Result<(), Stop> {
        let table = self.at(oid)?;
        if !matches!(table.relation, Relation::Table { .. }) {
            let what = match table.relation {
                Relation::Foreign { .. } => "a foreign table",
                _ => "a view",
            };
            let message = format!("`{}` is {what}, not a table", spoken(&fact.table));
            return Err(self
                .problem(ErrorKind::Pending, message)
                .help("give one of the two another name")
                .into());
        }
        if table.unlogged == fact.reliable {
            self.set_reliable(oid, fact.reliable)?;
        }
        self.keep_surrogate(oid, fact)?;
        let table = self.at(oid)?;
        let label = (fact.table.label != table.name.name).then_some(fact.table.label.as_str());
        if Comment::is_only(table.comment.as_deref(), label, fact.title.as_deref()) {
            return Ok(());
        }
        let comment = self.table_comment(table.comment.as_deref(), fact, &table.name);
        // Spelling apart: what a comment says is compared, not how.
        if said(table.comment.as_deref()) != said(comment.as_deref()) {
            self.comment_table(oid, comment)?;
        }
        Ok(())
    }

    fn set_reliable(&mut self, oid: Oid, reliable: bool) -> Result<(), Stop> {
        let what = if reliable { "LOGGED" } else { "UNLOGGED" };
        self.alter(oid, "", format!("SET {what}"), Action::Alter, &[Hazard::Locks, Hazard::Rewrites])?;
        self.at_mut(oid)?.unlogged = !reliable;
        Ok(())
    }

    fn keep_surrogate(&mut self, oid: Oid, fact: &Table) -> Result<(), Stop> {
        if fact.id == Some(Key::None) {
            return Ok(());
        }
        let name = self.at(oid)?.name.clone();
        let label = &fact.table.label;
        let number = match self.column_named(oid, ID)? {
            Some(number) => number,
            None => {
                let Some(column) = self.surrogate(fact, &name) else { return Ok(()) };
                self.add_column(oid, column, &[Hazard::Locks, Hazard::Rewrites])?
            }
        };
        self.keep_id_type(oid, number, fact)?;
        let column = self.column_at(oid, number)?.clone();
        if !column.required {
            self.set_required(oid, number, true)?;
        }
        if column.default.is_none() && column.generation.is_none() {
            self.restore_id_default(oid, number, &column, label)?;
        }
        if !self.is_unique(oid, number)? {
            let constraint =
                key(ConstraintKind::Unique, vec![number], format!("UNIQUE ({})", quote::identifier(ID)));
            let hazards = [Hazard::Locks, Hazard::Scans];
            self.add_constraint(oid, &mangle(&[label], Some("uk")), constraint, &hazards)?;
        }
        Ok(())
    }

    fn keep_id_type(&self, oid: Oid, number: i16, fact: &Table) -> Result<(), Stop> {
        let kind = &self.column_at(oid, number)?.kind;
        let fits = match fact.id {
            None => true,
            Some(Key::Bigint) => kind == "bigint",
            Some(Key::Integer) => kind == "integer",
            Some(Key::Uuid) => kind == "uuid",
            Some(Key::None) => true,
        };
        if fits {
            return Ok(());
        }
        let message = format!("the `id` of table `{}` is of type `{kind}`", spoken(&fact.table));
        Err(self
            .problem(ErrorKind::Pending, message)
            .help("leave `id:` out to keep it as it is; links refer to it, so that it is not converted")
            .into())
    }

    /// Gives `id` its numbers back, after the highest that is taken.
    fn restore_id_default(
        &mut self,
        oid: Oid,
        number: i16,
        column: &Column,
        label: &str,
    ) -> Result<(), Stop> {
        if column.kind == "uuid" {
            return self.set_default(oid, number, Some("pg_catalog.gen_random_uuid()".into()));
        }
        let name = self.at(oid)?.name.clone();
        let sequence = Name { schema: name.schema.clone(), name: mangle(&[label], Some("seq")) };
        let known = self.catalog.sequences.values().any(|known| known.name == sequence);
        let regclass = quote::literal(&qualified(&sequence));
        let table = qualified(&name);
        let restart = format!(
            "SELECT pg_catalog.setval({regclass}::pg_catalog.regclass, (SELECT pg_catalog.max(id) FROM {table}))"
        );
        if known {
            let default = format!("pg_catalog.nextval({regclass}::pg_catalog.regclass)");
            self.set_default(oid, number, Some(default))?;
        } else {
            let generated = format!(
                "ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME {})",
                qualified(&sequence)
            );
            self.alter(oid, ID, generated, Action::Alter, &[Hazard::Locks])?;
            self.column_mut(oid, number)?.generation = Some(Generation::ByDefault);
        }
        self.note(oid, ID, restart, Action::Alter, &[]);
        Ok(())
    }

    /// Drops a table, with the links to it.
    fn drop_table(&mut self, oid: Oid, irreversible: bool) -> Result<(), Stop> {
        self.made(oid)?;
        let name = self.at(oid)?.name.clone();
        if !irreversible {
            let rows = self.locked_number(oid, "*", "")?;
            if rows > 0 {
                let message = format!("table `{}` holds {}", name.name, counted(rows, "row"));
                return Err(self
                    .problem(ErrorKind::Pending, message)
                    .help("say `irreversible: true` beside `present: false` if they may be lost")
                    .into());
            }
        }
        for (other, number) in self.links_to(oid) {
            self.made(other)?;
            if other != oid {
                self.drop_field(other, number, irreversible)?;
            }
        }
        self.drop_generator(oid)?;
        let types = self.own_enums(oid)?;
        self.note(oid, "", format!("DROP TABLE {}", qualified(&name)), Action::Drop, &[Hazard::Loses]);
        self.names.no_table(&name);
        self.catalog.tables.remove(&oid);
        for (kind, name) in types {
            self.drop_enum(kind, &name)?;
        }
        Ok(())
    }

    /// The types of a table's columns, each with the name of the enum type that would be made for it.
    fn own_enums(&self, oid: Oid) -> Result<Vec<(Oid, Name)>, Stop> {
        let table = self.at(oid)?;
        let label = label(&table.name.name, table.comment.as_deref());
        let columns = table.columns.values();
        columns
            .map(|column| {
                let field = self::label(&column.name, column.comment.as_deref());
                Ok((column.type_oid, self.enum_name(oid, &label, &field)?))
            })
            .collect()
    }

    /// The columns with a foreign key of their own to that table.
    pub(super) fn links_to(&self, oid: Oid) -> Vec<(Oid, i16)> {
        let id = self.column_named(oid, ID).ok().flatten();
        let tables = self.catalog.tables.iter();
        tables
            .flat_map(|(other, table)| {
                table.constraints.values().filter_map(move |constraint| match &constraint.kind {
                    // One of several columns, or to another than `id`, is no link.
                    ConstraintKind::Foreign(reference) if reference.table == oid => {
                        match (constraint.columns.as_slice(), reference.columns.as_slice()) {
                            ([column], [to]) if Some(*to) == id => Some((*other, *column)),
                            _ => None,
                        }
                    }
                    _ => None,
                })
            })
            .collect()
    }

    /// Whether a column alone is unique.
    pub(super) fn is_unique(&self, oid: Oid, number: i16) -> Result<bool, Stop> {
        let table = self.at(oid)?;
        let constrained = table.constraints.values().any(|constraint| {
            matches!(constraint.kind, ConstraintKind::Primary | ConstraintKind::Unique)
                && constraint.columns == [number]
        });
        Ok(constrained
            || table
                .indexes
                .values()
                .any(|index| index.unique && index.valid && index.plain && index.keys == [number]))
    }

    pub(super) fn column_named(&self, oid: Oid, name: &str) -> Result<Option<i16>, Stop> {
        let columns: &BTreeMap<i16, Column> = &self.at(oid)?.columns;
        Ok(columns.iter().find(|(_, column)| column.name == name).map(|(number, _)| *number))
    }

    pub(super) fn column_at(&self, oid: Oid, number: i16) -> Result<&Column, Stop> {
        self.at(oid)?.columns.get(&number).ok_or_else(|| {
            self.problem(ErrorKind::Missing, "a column is gone that was there a moment ago").into()
        })
    }
}

/// What a comment says: its title and label, and a person's text.
pub(super) fn said(comment: Option<&str>) -> (Option<String>, Option<String>, Vec<String>) {
    let comment = Comment::parse(comment);
    (comment.text("title"), comment.text("label"), comment.list("aliases"))
}

/// The label of a table or column: its name, unless the comment says otherwise.
pub(super) fn label(name: &str, comment: Option<&str>) -> String {
    Comment::parse(comment).text("label").unwrap_or_else(|| name.to_owned())
}

/// `1 row has`, `2 rows have`.
pub(super) fn having(number: u64, what: &str) -> String {
    format!("{} {}", counted(number, what), if number == 1 { "has" } else { "have" })
}

/// `1 row`, `2 rows`.
pub(super) fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
