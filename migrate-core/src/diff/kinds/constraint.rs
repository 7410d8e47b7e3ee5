//! Constraints that have a name of their own: keys, foreign keys and exclusions. Checks are in `check.rs`.

use super::index_key::expression;
use super::link::{spell, wanted};
use crate::catalog::{Constraint, ConstraintKind, Oid, Reference, ReferentialAction, RowPresence};
use crate::diff::change::ChangeHazard;
use crate::diff::edit::{columns, key};
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::{Deferrable, ExcludeFact, ForeignKeyFact, KeyFact, OnDelete, TableName};
use crate::text::quote;

impl Planner {
    pub(crate) fn key_fact(&mut self, fact: &KeyFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_constraint(&fact.of, &fact.key, fact.present)? else { return Ok(()) };
        let numbers = self.members(oid, &fact.on, "the key")?;
        let include = self.members(oid, &fact.include, "the key")?;
        let nulls = if fact.nulls_equal { " NULLS NOT DISTINCT" } else { "" };
        if let Some(known) = self.known(oid, &fact.key, &ConstraintKind::Unique)? {
            let index = self.table_at(oid)?.indexes.get(&fact.key);
            let same = known.columns == numbers
                && index.is_none_or(|index| index.include == include)
                && known.definition.contains(" NULLS NOT DISTINCT") == fact.nulls_equal
                && known.deferrable == fact.deferrable.flags();
            if same {
                return Ok(());
            }
            self.require_created(oid)?;
            self.drop_constraint(oid, &fact.key)?;
        }
        let stored = match fact.include.is_empty() {
            true => String::new(),
            false => format!(" INCLUDE {}", columns(&self.names_of(oid, &include)?)),
        };
        let keys = columns(&self.names_of(oid, &numbers)?);
        let definition = format!("UNIQUE{nulls} {keys}{stored}{}", fact.deferrable.sql());
        let mut unique = key(ConstraintKind::Unique, numbers, definition);
        unique.deferrable = fact.deferrable.flags();
        let hazards = [ChangeHazard::Locks, ChangeHazard::Indexes];
        self.add_constraint(oid, &fact.key, unique, &hazards)?;
        if let Some(index) = self.table_at_mut(oid)?.indexes.get_mut(&fact.key) {
            index.include = include;
            index.plain = !fact.nulls_equal && index.include.is_empty() && fact.deferrable == Deferrable::No;
        }
        Ok(())
    }

    pub(crate) fn foreign_key_fact(&mut self, fact: &ForeignKeyFact) -> Result<(), Interruption> {
        let name = &fact.foreign_key;
        let Some(oid) = self.table_of_constraint(&fact.of, name, fact.present)? else { return Ok(()) };
        let Some(to) = &fact.to else { return Ok(()) };
        let target = self.require_table(to)?;
        let numbers = self.members(oid, &fact.on, "the foreign key")?;
        let there = match fact.columns.is_empty() {
            true => self.primary(target)?.map(|(_, columns)| columns).unwrap_or_default(),
            false => self.members(target, &fact.columns, "the foreign key")?,
        };
        if there.len() != numbers.len() {
            let message =
                format!("foreign key `{name}` has {} columns, and `{to}` {}", numbers.len(), there.len());
            let error = self.problem(ErrorKind::Format, message);
            return Err(error.help("name those there: `columns: [code]`").into());
        }
        let action = |given: Option<OnDelete>| given.map_or(ReferentialAction::NoAction, wanted);
        let reference = Reference {
            table: target,
            columns: there,
            on_delete: action(fact.on_delete),
            on_update: action(fact.on_update),
        };
        let kind = ConstraintKind::Foreign(reference.clone());
        if let Some(known) = self.known(oid, name, &kind)? {
            if known.kind == kind && known.columns == numbers {
                return self.keep_checked(oid, name, fact.deferrable);
            }
            self.require_created(oid)?;
            self.drop_constraint(oid, name)?;
        }
        self.add_reference(oid, name, numbers, reference, fact.deferrable)
    }

    /// Adds a foreign key. If the table has rows, they are validated in a separate step, while writers continue.
    fn add_reference(
        &mut self,
        oid: Oid,
        name: &str,
        numbers: Vec<i16>,
        reference: Reference,
        deferrable: Deferrable,
    ) -> Result<(), Interruption> {
        let apart = self.table_at(oid)?.rows == RowPresence::Perhaps && !self.new_tables.contains(&oid);
        let mut definition = format!(
            "FOREIGN KEY {} REFERENCES {} {}",
            columns(&self.names_of(oid, &numbers)?),
            self.table_at(reference.table)?.name.quoted(),
            columns(&self.names_of(reference.table, &reference.columns)?),
        );
        for (event, action) in [("UPDATE", reference.on_update), ("DELETE", reference.on_delete)] {
            if action != ReferentialAction::NoAction {
                definition.push_str(&format!(" ON {event} {}", spell(action)));
            }
        }
        definition.push_str(deferrable.sql());
        if apart {
            definition.push_str(" NOT VALID");
        }
        let mut foreign = key(ConstraintKind::Foreign(reference), numbers, definition);
        (foreign.deferrable, foreign.validated) = (deferrable.flags(), !apart);
        self.add_constraint(oid, name, foreign, &[ChangeHazard::Locks])?;
        if apart { self.validate(oid, name) } else { Ok(()) }
    }

    pub(crate) fn exclude_fact(&mut self, fact: &ExcludeFact) -> Result<(), Interruption> {
        let name = &fact.exclude;
        let Some(oid) = self.table_of_constraint(&fact.of, name, fact.present)? else { return Ok(()) };
        let mut elements = Vec::new();
        for (element, operator) in fact.elements() {
            let element = match self.field(oid, element)? {
                Some(number) => quote::identifier(&self.column_name(oid, number)?),
                None => expression(element),
            };
            elements.push(format!("{element} WITH {operator}"));
        }
        let method = quote::identifier(fact.using.as_deref().unwrap_or("gist"));
        let filter = fact.filter.as_ref().map(|filter| format!(" WHERE ({filter})")).unwrap_or_default();
        let source =
            format!("EXCLUDE USING {method} ({}){filter}{}", elements.join(", "), fact.deferrable.sql());
        let known = self.known(oid, name, &ConstraintKind::Exclude)?;
        self.keep_printed(oid, name, known, (&source, &source), ConstraintKind::Exclude)
    }

    /// The table of a constraint that should exist; one that should not is dropped.
    fn table_of_constraint(
        &mut self,
        of: &TableName,
        name: &str,
        present: bool,
    ) -> Result<Option<Oid>, Interruption> {
        let Some(oid) = self.table_of_field(of, present)? else { return Ok(None) };
        if !present {
            if self.table_at(oid)?.constraints.contains_key(name) {
                self.require_created(oid)?;
                self.drop_constraint(oid, name)?;
            }
            return Ok(None);
        }
        Ok(Some(oid))
    }

    /// The constraint of that name, which must be of that kind.
    pub(crate) fn known(
        &self,
        oid: Oid,
        name: &str,
        kind: &ConstraintKind,
    ) -> Result<Option<Constraint>, Interruption> {
        let known = self.table_at(oid)?.constraints.get(name);
        let other = |known: &ConstraintKind| std::mem::discriminant(known) != std::mem::discriminant(kind);
        if known.is_some_and(|known| other(&known.kind)) {
            let message = format!("`{name}` is a constraint of another kind");
            return Err(self.problem(ErrorKind::Duplicate, message).help("give it another name").into());
        }
        Ok(known.cloned())
    }

    /// The columns of labels, which must exist.
    fn members(&self, oid: Oid, labels: &[String], what: &str) -> Result<Vec<i16>, Interruption> {
        let mut numbers = Vec::new();
        for label in labels {
            let number = match self.field(oid, label)? {
                Some(number) => Some(number),
                None => self.column_named(oid, label)?,
            };
            let Some(number) = number else {
                let table = &self.table_at(oid)?.name.name;
                let message = format!("table `{table}` has no column or link `{label}`");
                let help = format!("declare it before {what}");
                return Err(self.problem(ErrorKind::Missing, message).help(help).into());
            };
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn names_of(&self, oid: Oid, numbers: &[i16]) -> Result<Vec<String>, Interruption> {
        numbers.iter().map(|number| self.column_name(oid, *number)).collect()
    }
}
