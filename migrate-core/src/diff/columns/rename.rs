//! A new label for a table or field: all objects that were named after it are renamed.

use crate::catalog::{Function, ObjectPart, Oid, QualifiedName};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::label;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::facts::mangle;
use crate::text::quote;

impl Planner {
    pub(crate) fn rename_table(&mut self, oid: Oid, from: &str, to: &str) -> Result<(), Interruption> {
        let old = self.table_at(oid)?.name.clone();
        let new = QualifiedName { schema: old.schema.clone(), name: mangle(&[to], None) };
        let clause = format!("RENAME TO {}", quote::identifier(&new.name));
        self.alter(oid, "", clause, ChangeAction::Rename, &[ChangeHazard::Locks])?;
        self.table_at_mut(oid)?.name = new.clone();
        self.names.no_table(&old);
        self.names.table(new, oid);
        self.rename_sequence(oid, &mangle(&[from], Some("seq")), &mangle(&[to], Some("seq")))?;
        self.rename_key(oid, &mangle(&[from], Some("uk")), &mangle(&[to], Some("uk")))?;
        self.rename_identity(oid, &mangle(&[from], Some("pk")), &mangle(&[to], Some("pk")))?;
        let numbers: Vec<i16> = self.table_at(oid)?.columns.keys().copied().collect();
        for number in numbers {
            self.rename_field_objects(oid, number, from, to)?;
        }
        for (other, number) in self.links_to(oid) {
            self.rename_incoming(other, number, from, to)?;
        }
        self.rename_in_generator(oid)
    }

    /// Moves a table to another schema, with the types and functions that were created for it.
    pub(crate) fn move_table(&mut self, oid: Oid, schema: &str) -> Result<(), Interruption> {
        let old = self.table_at(oid)?.name.clone();
        if old.schema == schema {
            return Ok(());
        }
        let to = quote::identifier(schema);
        let types = self.own_enums(oid)?;
        let new = QualifiedName { schema: schema.to_owned(), name: old.name.clone() };
        let functions = self.functions_of(oid, &new)?;
        self.alter(oid, "", format!("SET SCHEMA {to}"), ChangeAction::Rename, &[ChangeHazard::Locks])?;
        for (kind, own_name) in types {
            let own = self.catalog.types.get(&kind).filter(|kind| kind.name == own_name);
            if let Some(name) = own.map(|own| own.name.clone()) {
                let sql = format!("ALTER TYPE {} SET SCHEMA {to}", name.quoted());
                self.push(ChangeAction::Rename, format!("{}.{}", name.schema, name.name), sql, &[]);
            }
        }
        for signature in functions {
            let sql = format!("ALTER FUNCTION {signature} SET SCHEMA {to}");
            self.push(ChangeAction::Rename, signature, sql, &[]);
        }
        self.table_at_mut(oid)?.name = new.clone();
        self.names.no_table(&old);
        self.names.table(new, oid);
        // Its indexes, constraints and sequences moved with it.
        self.mark_outdated();
        Ok(())
    }

    /// The functions that were created for a table, as ALTER FUNCTION names them after the table is moved: of its
    /// generators, and of its aliases.
    fn functions_of(&self, oid: Oid, moved: &QualifiedName) -> Result<Vec<String>, Interruption> {
        let table = self.table_at(oid)?;
        let primary = self.primary(oid)?.map(|(name, _)| name);
        let generator = primary.and_then(|name| Some((table.triggers.get(&name)?.function, name)));
        let of_row = |number: Oid, function: &Function| {
            let used = self.catalog.uses.get(&ObjectPart::Function(number));
            let arguments = &function.arguments;
            used.is_some_and(|used| used.contains(&ObjectPart::Table(oid)))
                && arguments.contains('.')
                && !arguments.contains([',', ' '])
        };
        let own = self.catalog.functions.iter().filter(|(_, it)| it.name.schema == table.name.schema);
        let signatures = own.filter_map(|(number, it)| {
            let generates =
                generator.as_ref().is_some_and(|(of, name)| of == number && it.name.name == *name);
            let arguments = match (generates, of_row(*number, it)) {
                (true, _) => String::new(),
                (false, true) => moved.quoted(),
                (false, false) => return None,
            };
            Some(format!("{}({arguments})", it.name.quoted()))
        });
        Ok(signatures.collect())
    }

    /// Renames the objects that were named after a table and one of its columns.
    fn rename_field_objects(
        &mut self,
        oid: Oid,
        number: i16,
        from: &str,
        to: &str,
    ) -> Result<(), Interruption> {
        let column = self.column_at(oid, number)?;
        let field = match self.is_link(oid, number) {
            true => self.link_label(oid, number)?,
            false => label(&column.name, column.comment.as_deref()),
        };
        let renamed = |suffix| (mangle(&[from, &field], Some(suffix)), mangle(&[to, &field], Some(suffix)));
        let (old, new) = renamed("fk");
        self.rename_key(oid, &old, &new)?;
        let (old, new) = renamed("uk");
        self.rename_key(oid, &old, &new)?;
        self.rename_enum_of(oid, number, from, to, &field)
    }

    fn rename_enum_of(
        &mut self,
        oid: Oid,
        number: i16,
        from: &str,
        to: &str,
        field: &str,
    ) -> Result<(), Interruption> {
        let kind = self.column_at(oid, number)?.type_oid;
        let own_name = self.enum_name(oid, from, field)?;
        let own = self.catalog.types.get(&kind).is_some_and(|kind| kind.name == own_name);
        if own { self.rename_enum(oid, number, to, field) } else { Ok(()) }
    }

    /// Renames a link that was named after the table that it refers to, unless the facts still use the old name.
    fn rename_incoming(&mut self, other: Oid, number: i16, from: &str, to: &str) -> Result<(), Interruption> {
        if self.column_name(other, number)? != mangle(&[from], Some("id")) {
            return Ok(());
        }
        let table = self.table_at(other)?;
        let name = table.name.clone();
        let table_label = label(&table.name.name, table.comment.as_deref());
        if self.outline.links.contains(&(name.clone(), from.to_owned()))
            || !self.outline.links.contains(&(name, to.to_owned()))
        {
            return Ok(());
        }
        self.require_created(other)?;
        self.rename_link(other, number, &table_label, from, to)
    }

    fn rename_sequence(&mut self, oid: Oid, from: &str, to: &str) -> Result<(), Interruption> {
        let name = self.in_schema_of(oid, from)?;
        let Some(sequence) = self.catalog.sequences.values_mut().find(|sequence| sequence.name == name)
        else {
            return Ok(());
        };
        sequence.name.name = to.to_owned();
        let sql = format!("ALTER SEQUENCE {} RENAME TO {}", name.quoted(), quote::identifier(to));
        self.push(ChangeAction::Rename, format!("{}.{from}", name.schema), sql, &[]);
        Ok(())
    }

    /// Renames a constraint, and an index with its name.
    pub(crate) fn rename_key(&mut self, oid: Oid, from: &str, to: &str) -> Result<(), Interruption> {
        if from == to {
            return Ok(());
        }
        let table = self.table_at(oid)?;
        let (constraint, index) = (table.constraints.contains_key(from), table.indexes.get(from).cloned());
        if constraint {
            self.rename_constraint(oid, from, to)?;
        }
        match index {
            // The index of a constraint is renamed with it.
            Some(index) if index.constraint.is_none() => self.rename_plain_index(oid, from, to, index),
            _ => Ok(()),
        }
    }

    fn rename_plain_index(
        &mut self,
        oid: Oid,
        from: &str,
        to: &str,
        index: crate::catalog::Index,
    ) -> Result<(), Interruption> {
        // Renaming the constraint has moved the entry, if it had the same name.
        self.table_at_mut(oid)?.indexes.remove(to);
        self.table_at_mut(oid)?.indexes.insert(from.to_owned(), index);
        self.rename_index(oid, from, to)
    }

    pub(crate) fn rename_unique(
        &mut self,
        oid: Oid,
        table: &str,
        from: &str,
        to: &str,
    ) -> Result<(), Interruption> {
        self.rename_key(oid, &mangle(&[table, from], Some("uk")), &mangle(&[table, to], Some("uk")))
    }

    /// Renames the primary key, and the trigger and function of its generators.
    fn rename_identity(&mut self, oid: Oid, from: &str, to: &str) -> Result<(), Interruption> {
        self.rename_key(oid, from, to)?;
        let Some(trigger) = self.table_at_mut(oid)?.triggers.remove(from) else { return Ok(()) };
        let on = self.table_at(oid)?.name.quoted();
        let mut sql =
            format!("ALTER TRIGGER {} ON {on} RENAME TO {}", quote::identifier(from), quote::identifier(to));
        let old = self.in_schema_of(oid, from)?;
        if let Some(function) = self.catalog.functions.get_mut(&trigger.function).filter(|it| it.name == old)
        {
            function.name.name = to.to_owned();
            self.names.function(function.name.clone(), trigger.function);
            sql.push_str(&format!(
                ";\nALTER FUNCTION {}() RENAME TO {}",
                old.quoted(),
                quote::identifier(to)
            ));
        }
        self.push(ChangeAction::Rename, format!("{}.{from}", self.object_name(oid)), sql, &[]);
        self.table_at_mut(oid)?.triggers.insert(to.to_owned(), trigger);
        Ok(())
    }
}
