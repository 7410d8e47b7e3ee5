use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Column, DataType, ObjectPart, Oid, QualifiedName, Relation, RowPresence, TypeKind};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::counts::having;
use crate::diff::definitions::label;
use crate::diff::new_table::create_enum;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::{self, ColumnFact, DeclaredType, Value, mangle};
use crate::text::quote;

/// A column with an enum type whose labels change.
#[derive(Clone, Copy)]
pub(crate) struct EnumChange<'a> {
    pub(crate) oid: Oid,
    pub(crate) number: i16,
    pub(crate) fact: &'a ColumnFact,
    pub(crate) known: &'a [String],
    pub(crate) labels: &'a [String],
}

impl Planner {
    /// The labels of an enum type; `None` if the type is not an enum.
    pub(crate) fn labels(&self, kind: Oid) -> Option<Vec<String>> {
        match &self.catalog.types.get(&kind)?.kind {
            TypeKind::Enum(labels) => Some(labels.clone()),
            _ => None,
        }
    }

    /// Makes the enum type of a column.
    pub(crate) fn create_enum(
        &mut self,
        table: Oid,
        name: QualifiedName,
        labels: &[String],
    ) -> Result<Oid, Interruption> {
        if let Some(oid) = self.type_named(&name) {
            // If a table was dropped by hand, the types of its columns remain.
            return match self.labels(oid).is_some_and(|known| known == labels) && !self.is_used(oid) {
                true => Ok(oid),
                false => Err(self
                    .problem(ErrorKind::Duplicate, format!("there is a type `{}` already", name.name))
                    .help("drop it, or give it another name")
                    .into()),
            };
        }
        let oid = self.planned_oid();
        if self.new_tables.contains(&table) {
            self.new_types.insert(oid);
        } else {
            let sql = create_enum(&name.quoted(), labels);
            self.push(ChangeAction::Create, format!("{}.{}", name.schema, name.name), sql, &[]);
        }
        let kind = DataType {
            name,
            owner: String::new(),
            kind: TypeKind::Enum(labels.to_vec()),
            grants: None,
            comment: None,
            comments: Default::default(),
        };
        self.names.kind(kind.name.clone(), oid);
        self.catalog.types.insert(oid, kind);
        Ok(oid)
    }

    fn is_used(&self, kind: Oid) -> bool {
        self.catalog
            .tables
            .values()
            .flat_map(|table| table.columns.values())
            .any(|column| column.type_oid == kind)
    }

    /// Changes the labels of an enum type: new labels are added if that is enough, otherwise the column is rewritten.
    pub(crate) fn alter_enum(&mut self, column: &EnumChange<'_>) -> Result<(), Interruption> {
        let EnumChange { oid, number, fact, known, labels } = *column;
        let kind = self.column_at(oid, number)?.type_oid;
        let mut wanted = labels.iter();
        let only_added = known.iter().all(|label| wanted.any(|wanted| wanted == label));
        if self.new_types.contains(&kind) {
            if let Some(kind) = self.catalog.types.get_mut(&kind) {
                kind.kind = TypeKind::Enum(labels.to_vec());
            }
            return Ok(());
        }
        match only_added && !self.uses_new(fact, known) {
            true => self.add_labels(kind, known, labels),
            false => self.rebuild_enum(column),
        }
    }

    /// Whether this deployment uses the new labels itself, which the server allows only after they are committed.
    fn uses_new(&self, fact: &ColumnFact, known: &[String]) -> bool {
        let by_default = match &fact.default {
            Some(facts::ColumnDefault::Value(Value::Text(label))) => !known.contains(label),
            _ => false,
        };
        let labels = match &fact.kind {
            Some(facts::DeclaredType::Enum(labels)) => labels.as_slice(),
            _ => &[],
        };
        let in_sql = labels.iter().filter(|label| !known.contains(label)).any(|label| {
            let quoted = quote::literal(label);
            self.outline.texts.iter().any(|text| text.contains(&quoted))
        });
        by_default || in_sql || self.outline.fields.contains(&(self.name(&fact.of), fact.label.clone()))
    }

    fn add_labels(&mut self, kind: Oid, known: &[String], labels: &[String]) -> Result<(), Interruption> {
        let Some(name) = self.catalog.types.get(&kind).map(|kind| kind.name.clone()) else { return Ok(()) };
        let known: BTreeSet<&String> = known.iter().collect();
        let mut before: Option<&String> = None;
        for label in labels {
            if !known.contains(label) {
                let place = match before {
                    Some(before) => format!(" AFTER {}", quote::literal(before)),
                    None => match labels.iter().find(|label| known.contains(label)) {
                        Some(first) => format!(" BEFORE {}", quote::literal(first)),
                        None => String::new(),
                    },
                };
                let sql = format!("ALTER TYPE {} ADD VALUE {}{place}", name.quoted(), quote::literal(label));
                self.push(ChangeAction::Alter, format!("{}.{}", name.schema, name.name), sql, &[]);
            }
            before = Some(label);
        }
        if let Some(kind) = self.catalog.types.get_mut(&kind) {
            kind.kind = TypeKind::Enum(labels.to_vec());
        }
        Ok(())
    }

    fn rebuild_enum(&mut self, column: &EnumChange<'_>) -> Result<(), Interruption> {
        self.require_renamed()?;
        let EnumChange { oid, number, fact, known, labels } = *column;
        let kind = self.column_at(oid, number)?.type_oid;
        let fields = self.fields_of(kind);
        let gone: Vec<&String> = known.iter().filter(|label| !labels.contains(label)).collect();
        for (oid, number) in &fields {
            self.refuse_gone(*oid, *number, &gone)?;
        }
        let column = self.column_at(oid, number)?.clone();
        let name = self.enum_name(oid, &fact.of.label, &fact.label)?;
        let old = QualifiedName {
            schema: name.schema.clone(),
            name: mangle(&[&fact.of.label, &fact.label, "old"], Some("enum")),
        };
        let new = name.quoted();
        let rename =
            format!("ALTER TYPE {} RENAME TO {}", self.type_sql(&column), quote::identifier(&old.name));
        let mut sql = vec![rename];
        sql.extend(self.enum_again(kind, &name, labels));
        if column.default.is_some() {
            sql.push(self.alter_column(oid, number, "DROP DEFAULT")?);
        }
        sql.extend(self.convert_fields(&fields, &new)?);
        let default = match &fact.default {
            Some(default) => Some(self.default_sql(&DeclaredType::Enum(labels.to_vec()), &new, default)?)
                .filter(|sql| sql != "NULL"),
            None => None,
        };
        if let Some(default) = &default {
            sql.push(self.alter_column(oid, number, &format!("SET DEFAULT {default}"))?);
        }
        sql.push(format!("DROP TYPE {}", old.quoted()));
        let dependents = self.dependents_on_enum(kind, &fields, &ObjectPart::Default(oid, number))?;
        self.refuse_filled(&dependents)?;
        if !dependents.is_empty() {
            self.mark_outdated();
        }
        let sql = dependents.around(sql);
        self.record(
            oid,
            &column.name,
            sql.join(";\n"),
            ChangeAction::Alter,
            &[ChangeHazard::Locks, ChangeHazard::Rewrites],
        );
        self.column_mut(oid, number)?.default = default;
        if let Some(kind) = self.catalog.types.get_mut(&column.type_oid) {
            kind.name = name.clone();
            kind.kind = TypeKind::Enum(labels.to_vec());
            self.names.kind(name, column.type_oid);
        }
        Ok(())
    }

    /// The columns of tables that have an enum type, or an array of it.
    fn fields_of(&self, kind: Oid) -> Vec<(Oid, i16)> {
        let mut fields = Vec::new();
        for (oid, table) in &self.catalog.tables {
            let has = |number: i16, column: &Column| {
                let used = self.catalog.uses.get(&ObjectPart::Column(*oid, number));
                column.type_oid == kind || used.is_some_and(|used| used.contains(&ObjectPart::Type(kind)))
            };
            let own =
                table.columns.iter().filter(|(number, column)| !column.inherited && has(**number, column));
            if matches!(table.relation, Relation::Table { .. }) {
                fields.extend(own.map(|(number, _)| (*oid, *number)));
            }
        }
        fields
    }

    /// The statements that create an enum type with other labels, and what else it had.
    fn enum_again(&self, kind: Oid, name: &QualifiedName, labels: &[String]) -> Vec<String> {
        let Some(known) = self.catalog.types.get(&kind).filter(|kind| !kind.owner.is_empty()) else {
            return vec![create_enum(&name.quoted(), labels)];
        };
        let again = DataType { name: name.clone(), kind: TypeKind::Enum(labels.to_vec()), ..known.clone() };
        self.catalog.ddl().in_place().data_type(&again)
    }

    /// The statements that give the new enum type to columns.
    fn convert_fields(&self, fields: &[(Oid, i16)], to: &str) -> Result<Vec<String>, Interruption> {
        let mut tables: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
        for (oid, number) in fields {
            let column = self.column_at(*oid, *number)?;
            let (c, array) = (quote::identifier(&column.name), if is_array(column) { "[]" } else { "" });
            let clause =
                format!("ALTER COLUMN {c} TYPE {to}{array} USING {c}::pg_catalog.text{array}::{to}{array}");
            tables.entry(*oid).or_default().push(clause);
        }
        let mut sql = Vec::new();
        for (oid, clauses) in tables {
            sql.push(format!("ALTER TABLE {} {}", self.table_at(oid)?.name.quoted(), clauses.join(", ")));
        }
        Ok(sql)
    }

    fn alter_column(&self, oid: Oid, number: i16, what: &str) -> Result<String, Interruption> {
        let (table, column) = (self.table_at(oid)?.name.quoted(), self.column_name(oid, number)?);
        Ok(format!("ALTER TABLE {table} ALTER COLUMN {} {what}", quote::identifier(&column)))
    }

    /// Refuses to remove a label that rows still have.
    fn refuse_gone(&self, oid: Oid, number: i16, gone: &[&String]) -> Result<(), Interruption> {
        let (table, column) = (self.table_at(oid)?, self.column_at(oid, number)?);
        if gone.is_empty() || table.rows == RowPresence::None {
            return Ok(());
        }
        let (c, labels) = (quote::identifier(&column.name), quote::texts(gone));
        let has = match is_array(column) {
            true => format!("{c}::pg_catalog.text[] OPERATOR(pg_catalog.&&) {labels}"),
            false => format!("{c}::pg_catalog.text OPERATOR(pg_catalog.=) ANY ({labels})"),
        };
        let sql =
            format!("SELECT pg_catalog.count(*)::pg_catalog.text FROM {} WHERE {has}", table.name.quoted());
        let rows = self.number(sql)?;
        if rows == 0 {
            return Ok(());
        }
        let labels: Vec<String> = gone.iter().map(|label| format!("`{label}`")).collect();
        let message = format!(
            "in table `{}` {} a value of `{}` that is no longer a label: {}",
            table.name.name,
            having(rows, "row"),
            label(&column.name, column.comment.as_deref()),
            labels.join(", ")
        );
        Err(self
            .problem(ErrorKind::Pending, message)
            .help("give them another value first, with a `sql` fact or a patch")
            .into())
    }

    /// Drops the enum type that was created for a dropped column.
    pub(crate) fn drop_enum(&mut self, kind: Oid, own_name: &QualifiedName) -> Result<(), Interruption> {
        let Some(name) = self.catalog.types.get(&kind).map(|kind| kind.name.clone()) else { return Ok(()) };
        if self.labels(kind).is_none() || name != *own_name || self.is_used(kind) || self.is_needed(kind) {
            return Ok(());
        }
        let sql = format!("DROP TYPE {}", name.quoted());
        self.push(ChangeAction::Drop, format!("{}.{}", name.schema, name.name), sql, &[]);
        self.catalog.types.remove(&kind);
        Ok(())
    }

    /// Whether something that is no column needs a type.
    fn is_needed(&self, kind: Oid) -> bool {
        let by = self.catalog.uses.iter().filter(|(_, used)| used.contains(&ObjectPart::Type(kind)));
        let functions = by.filter(|(by, _)| match by {
            ObjectPart::Function(oid) => self.catalog.functions.contains_key(oid),
            ObjectPart::Type(_) => true,
            _ => false,
        });
        functions.count() > 0
    }

    /// Renames a column's enum type after the column's new label.
    pub(crate) fn rename_enum(
        &mut self,
        oid: Oid,
        number: i16,
        table: &str,
        label: &str,
    ) -> Result<(), Interruption> {
        let kind = self.column_at(oid, number)?.type_oid;
        if self.labels(kind).is_none() {
            return Ok(());
        }
        let to = self.enum_name(oid, table, label)?;
        let Some(from) = self.catalog.types.get(&kind).map(|kind| kind.name.clone()) else { return Ok(()) };
        if from == to || from.schema != to.schema {
            return Ok(());
        }
        let sql = format!("ALTER TYPE {} RENAME TO {}", from.quoted(), quote::identifier(&to.name));
        self.push(ChangeAction::Rename, format!("{}.{}", from.schema, from.name), sql, &[]);
        if let Some(renamed) = self.catalog.types.get_mut(&kind) {
            renamed.name = to.clone();
            self.names.kind(to, kind);
        }
        Ok(())
    }
}

fn is_array(column: &Column) -> bool {
    column.kind.ends_with("[]")
}
