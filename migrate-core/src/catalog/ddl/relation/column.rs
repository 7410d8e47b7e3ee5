use super::table::{alter, option_list, parameters, partition};
use crate::catalog::column::{Column, Generation};
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::grant::Grants;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::object_part::ObjectPart;
use crate::catalog::sequence::Sequence;
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

impl DdlScript<'_> {
    /// Its definition, as CREATE TABLE and ADD COLUMN take it.
    pub(crate) fn column(&self, oid: Oid, number: i16, table: &Table, column: &Column) -> String {
        let mut text = format!("{} {}", quote::identifier(&column.name), column.kind);
        if let Some(compression) = &column.compression {
            text.push_str(&format!(" COMPRESSION {compression}"));
        }
        if matches!(table.relation, Relation::Foreign { .. }) && !column.options.is_empty() {
            text.push_str(&format!(" OPTIONS ({})", option_list(&column.options)));
        }
        if let Some(collation) = &column.collation {
            text.push_str(&format!(" COLLATE {collation}"));
        }
        text.push_str(&match (column.generation, &column.default) {
            // A partition's column takes its values from its parent's sequence.
            (Some(Generation::Always | Generation::ByDefault), _)
                if partition(table).is_some() && self.identity_sequence(oid, number).is_none() =>
            {
                String::new()
            }
            (Some(Generation::Always | Generation::ByDefault), _) => {
                self.identity_of(oid, number, table, column)
            }
            (Some(Generation::Stored | Generation::Virtual), value)
                if self.inherits_expression(table, column, value) =>
            {
                String::new()
            }
            (Some(Generation::Stored), Some(value)) => format!(" GENERATED ALWAYS AS ({value}) STORED"),
            (Some(Generation::Virtual), Some(value)) => format!(" GENERATED ALWAYS AS ({value})"),
            (None, Some(value)) if self.is_default_inline(oid, number) => format!(" DEFAULT {value}"),
            _ => String::new(),
        });
        if column.required {
            text.push_str(" NOT NULL");
        }
        text
    }

    /// The statements that add it to its table again.
    pub(in crate::catalog) fn column_again(
        &self,
        oid: Oid,
        number: i16,
        table: &Table,
        column: &Column,
    ) -> Vec<String> {
        let definition = self.column(oid, number, table, column);
        let add = format!("ALTER TABLE {} ADD COLUMN {definition}", table.name.quoted());
        std::iter::once(add).chain(self.column_rest(table, column)).collect()
    }

    /// Whether a column that also its parent has takes the parent's expression: before PostgreSQL 16 it must not repeat it.
    fn inherits_expression(&self, table: &Table, column: &Column, value: &Option<String>) -> bool {
        let above = self.above(table, column).filter(|_| !table.inherits.is_empty());
        above.is_some_and(|above| above.generation == column.generation && above.default == *value)
    }

    /// `ALTER COLUMN … ADD` takes it.
    pub(crate) fn identity_of(&self, oid: Oid, number: i16, table: &Table, column: &Column) -> String {
        let sequence = self.identity_sequence(oid, number).map(|sequence| options(table, column, sequence));
        column.generation.map(|generation| identity(generation, sequence)).unwrap_or_default()
    }

    pub(in crate::catalog) fn identity_sequence(&self, table: Oid, number: i16) -> Option<&Sequence> {
        let owned = self.owned.get(&table)?.iter().filter_map(|oid| self.catalog.sequences.get(oid));
        let mut identity = owned.filter(|sequence| sequence.identity);
        identity.find(|sequence| sequence.owned_by == Some((table, number)))
    }

    /// Whether the default can be in CREATE TABLE: a default that calls a function must wait until the function exists.
    fn is_default_inline(&self, table: Oid, number: i16) -> bool {
        let uses = self.catalog.uses.get(&ObjectPart::Default(table, number));
        !uses.into_iter().flatten().any(|part| {
            matches!(
                part,
                ObjectPart::Function(_)
                    | ObjectPart::Table(_)
                    | ObjectPart::Column(..)
                    | ObjectPart::Constraint(..)
            )
        })
    }

    /// The statement that sets the default of a column, if CREATE TABLE could not.
    pub(in crate::catalog) fn default_apart(
        &self,
        oid: Oid,
        number: i16,
        table: &Table,
        column: &Column,
    ) -> Option<String> {
        if column.generation.is_some() {
            return None;
        }
        // If the parent's default comes later, so does this one.
        let above = self.above_at(table, column).filter(|_| !self.is_own(table, column));
        let later = above.is_some_and(|(oid, number, table, above)| {
            self.default_apart(oid, number, table, above).is_some()
        });
        let given = self.default_at_creation(oid, number, table, column);
        (later || given != column.default.as_ref()).then(|| set_default(table, column))
    }

    /// The default that a column has once CREATE TABLE is done.
    fn default_at_creation<'c>(
        &'c self,
        oid: Oid,
        number: i16,
        table: &'c Table,
        column: &'c Column,
    ) -> Option<&'c String> {
        if self.is_own(table, column) {
            return column.default.as_ref().filter(|_| self.is_default_inline(oid, number));
        }
        let (oid, number, table, above) = self.above_at(table, column)?;
        self.default_at_creation(oid, number, table, above)
    }

    fn is_own(&self, table: &Table, column: &Column) -> bool {
        self.is_listed(table, column) && !is_view(table)
    }

    /// The properties that CREATE TABLE can't set, or that differ from the inherited column.
    pub(in crate::catalog) fn column_rest(&self, table: &Table, column: &Column) -> Vec<String> {
        let above = match self.is_listed(table, column) {
            true => None,
            false => self.above(table, column),
        };
        let (mut statements, view) = (Vec::new(), is_view(table));
        if !view && !self.is_listed(table, column) {
            if column.required != above.is_some_and(|above| above.required) {
                statements.push(set_required(table, column));
            }
            if column.compression != above.and_then(|above| above.compression.clone()) {
                statements.push(set_compression(table, column));
            }
        }
        let materialized = matches!(table.relation, Relation::Materialized { .. });
        if (!view || materialized) && column.storage != above.and_then(|above| above.storage.clone()) {
            statements.extend(set_storage(table, column));
        }
        if materialized && column.compression.is_some() {
            statements.push(set_compression(table, column));
        }
        if column.statistics.is_some() {
            statements.push(set_statistics(table, column));
        }
        if !column.options.is_empty() && !matches!(table.relation, Relation::Foreign { .. }) {
            let (alter, name) = (alter_column(table, column), parameters(&column.options));
            statements.push(format!("{alter} SET ({name})"));
        }
        if self.access {
            statements.extend(self.column_grants(table, column).statements(column.grants.as_ref(), false));
        }
        statements.extend(comments(&column_object(table, column), column.comment.as_ref()));
        statements
    }

    pub(in crate::catalog) fn column_grants<'t>(&self, table: &'t Table, column: &'t Column) -> Grants<'t> {
        Grants { column: Some(&column.name), defaults: ("", ""), ..self.table_grants(table) }
    }
}

fn is_view(table: &Table) -> bool {
    matches!(table.relation, Relation::View { .. } | Relation::Materialized { .. })
}

/// `COLUMN "public"."study"."title"`
pub(in crate::catalog) fn column_object(table: &Table, column: &Column) -> String {
    format!("COLUMN {}.{}", table.name.quoted(), quote::identifier(&column.name))
}

pub(in crate::catalog) fn alter_column(table: &Table, column: &Column) -> String {
    format!("{} ALTER COLUMN {}", alter(table), quote::identifier(&column.name))
}

pub(in crate::catalog) fn set_default(table: &Table, column: &Column) -> String {
    let alter = alter_column(table, column);
    match &column.default {
        Some(value) => format!("{alter} SET DEFAULT {value}"),
        None => format!("{alter} DROP DEFAULT"),
    }
}

pub(in crate::catalog) fn set_required(table: &Table, column: &Column) -> String {
    format!("{} {} NOT NULL", alter_column(table, column), if column.required { "SET" } else { "DROP" })
}

pub(in crate::catalog) fn set_compression(table: &Table, column: &Column) -> String {
    let method = column.compression.as_deref().unwrap_or("DEFAULT");
    format!("{} SET COMPRESSION {method}", alter_column(table, column))
}

/// Before PostgreSQL 16 there is no word for the type's default.
pub(in crate::catalog) fn set_storage(table: &Table, column: &Column) -> Option<String> {
    column.storage.as_ref().map(|storage| format!("{} SET STORAGE {storage}", alter_column(table, column)))
}

pub(in crate::catalog) fn set_statistics(table: &Table, column: &Column) -> String {
    format!("{} SET STATISTICS {}", alter_column(table, column), column.statistics.unwrap_or(-1))
}

fn identity(generation: Generation, options: Option<String>) -> String {
    let word = if generation == Generation::Always { "ALWAYS" } else { "BY DEFAULT" };
    let options = options.filter(|options| !options.is_empty());
    let options = options.map(|options| format!(" ({})", options.trim_start())).unwrap_or_default();
    format!(" GENERATED {word} AS IDENTITY{options}")
}

fn options(table: &Table, column: &Column, sequence: &Sequence) -> String {
    let defaults = format!("{}_{}_seq", table.name.name, column.name);
    let name = match defaults.len() < 64
        && sequence.name.name == defaults
        && sequence.name.schema == table.name.schema
    {
        true => String::new(),
        false => format!(" SEQUENCE NAME {}", sequence.name.quoted()),
    };
    name + &crate::catalog::ddl::sequence::numbers(sequence)
}
