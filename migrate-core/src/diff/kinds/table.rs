use crate::catalog::{self, ConstraintKind, Oid, QualifiedName, Relation, RowPresence};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::counts::counted;
use crate::diff::definitions::{Comment, label, meaning};
use crate::diff::edit::key;
use crate::diff::name_index::SURROGATE_COLUMN;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::{RowSecurity, TableFact, mangle};
use crate::text::quote;

impl Planner {
    pub(crate) fn table(&mut self, fact: &TableFact) -> Result<(), Interruption> {
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

    fn former(&mut self, fact: &TableFact, name: &QualifiedName) -> Result<Option<Oid>, Interruption> {
        let former = fact.was.iter().find_map(|was| {
            let schema = was.schema.as_ref().unwrap_or(&name.schema).clone();
            let old = QualifiedName { schema, name: mangle(&[&was.label], None) };
            self.find(&old).map(|oid| (oid, was.label.clone()))
        });
        match former {
            None => Ok(None),
            Some((oid, label)) => {
                self.require_created(oid)?;
                if label != fact.table.label {
                    self.rename_table(oid, &label, &fact.table.label)?;
                }
                self.move_table(oid, &name.schema)?;
                Ok(Some(oid))
            }
        }
    }

    fn create_table(&mut self, fact: &TableFact, name: QualifiedName) -> Result<(), Interruption> {
        let oid = self.planned_oid();
        let label = &fact.table.label;
        let mut table = catalog::Table {
            name: name.clone(),
            relation: Relation::Table { partitioned_by: fact.partition_by.clone(), partition: None },
            row_security: fact.row_security.map(RowSecurity::flags).unwrap_or_default(),
            unlogged: !fact.reliable,
            comment: self.table_comment(None, fact, &name),
            rows: RowPresence::None,
            ..catalog::Table::default()
        };
        if let Some(column) = self.surrogate(fact, &name) {
            table.columns.insert(1, column);
            let unique = key(
                ConstraintKind::Unique,
                vec![1],
                format!("UNIQUE ({})", quote::identifier(SURROGATE_COLUMN)),
            );
            table.constraints.insert(mangle(&[label], Some("uk")), unique);
        }
        self.catalog.tables.insert(oid, table);
        self.names.table(name, oid);
        self.push_table(oid);
        Ok(())
    }

    fn table_comment(&self, comment: Option<&str>, fact: &TableFact, name: &QualifiedName) -> Option<String> {
        let mut comment = Comment::parse(comment);
        let label = (fact.table.label != name.name).then_some(fact.table.label.as_str());
        comment.set_text("label", label);
        comment.set_text("title", fact.title.as_deref());
        comment.render()
    }

    /// Updates an existing table.
    fn keep_table(&mut self, oid: Oid, fact: &TableFact) -> Result<(), Interruption> {
        let table = self.table_at(oid)?;
        if !matches!(table.relation, Relation::Table { .. }) {
            let what = match table.relation {
                Relation::Foreign { .. } => "a foreign table",
                _ => "a view",
            };
            let message = format!("`{}` is {what}, not a table", fact.table);
            return Err(self
                .problem(ErrorKind::Pending, message)
                .help("give one of the two another name")
                .into());
        }
        if let Relation::Table { partitioned_by, .. } = table.relation.clone() {
            self.keep_partitioning(oid, fact.partition_by.as_deref(), partitioned_by.as_deref())?;
        }
        self.keep_row_security(oid, fact)?;
        let table = self.table_at(oid)?;
        if table.unlogged == fact.reliable {
            self.set_reliable(oid, fact.reliable)?;
        }
        self.keep_surrogate(oid, fact)?;
        let table = self.table_at(oid)?;
        let label = (fact.table.label != table.name.name).then_some(fact.table.label.as_str());
        if Comment::is_only(table.comment.as_deref(), label, fact.title.as_deref()) {
            return Ok(());
        }
        let comment = self.table_comment(table.comment.as_deref(), fact, &table.name);
        // Compares the meaning of comments, not their spelling.
        if meaning(table.comment.as_deref()) != meaning(comment.as_deref()) {
            self.comment_table(oid, comment)?;
        }
        Ok(())
    }

    fn keep_row_security(&mut self, oid: Oid, fact: &TableFact) -> Result<(), Interruption> {
        let Some(wanted) = fact.row_security.map(RowSecurity::flags) else { return Ok(()) };
        let known = self.table_at(oid)?.row_security;
        let mut clauses = Vec::new();
        if known.0 != wanted.0 {
            clauses.push(if wanted.0 { "ENABLE ROW LEVEL SECURITY" } else { "DISABLE ROW LEVEL SECURITY" });
        }
        if known.1 != wanted.1 {
            clauses.push(if wanted.1 { "FORCE ROW LEVEL SECURITY" } else { "NO FORCE ROW LEVEL SECURITY" });
        }
        if clauses.is_empty() {
            return Ok(());
        }
        self.alter(oid, "", clauses.join(", "), ChangeAction::Alter, &[ChangeHazard::Locks])?;
        self.table_at_mut(oid)?.row_security = wanted;
        Ok(())
    }

    fn set_reliable(&mut self, oid: Oid, reliable: bool) -> Result<(), Interruption> {
        let what = if reliable { "LOGGED" } else { "UNLOGGED" };
        self.alter(
            oid,
            "",
            format!("SET {what}"),
            ChangeAction::Alter,
            &[ChangeHazard::Locks, ChangeHazard::Rewrites],
        )?;
        self.table_at_mut(oid)?.unlogged = !reliable;
        Ok(())
    }

    /// Drops a table, with the links to it.
    pub(crate) fn drop_table(&mut self, oid: Oid, irreversible: bool) -> Result<(), Interruption> {
        self.require_created(oid)?;
        let name = self.table_at(oid)?.name.clone();
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
            self.require_created(other)?;
            if other != oid {
                self.drop_field(other, number, irreversible)?;
            }
        }
        self.drop_generator(oid)?;
        let types = self.own_enums(oid)?;
        self.record(
            oid,
            "",
            format!("DROP TABLE {}", name.quoted()),
            ChangeAction::Drop,
            &[ChangeHazard::Loses],
        );
        self.names.no_table(&name);
        self.catalog.tables.remove(&oid);
        for (kind, name) in types {
            self.drop_enum(kind, &name)?;
        }
        Ok(())
    }

    /// The types of a table's columns, each with the name of the enum type that would be created for it.
    pub(crate) fn own_enums(&self, oid: Oid) -> Result<Vec<(Oid, QualifiedName)>, Interruption> {
        let table = self.table_at(oid)?;
        let label = label(&table.name.name, table.comment.as_deref());
        let columns = table.columns.values();
        columns
            .map(|column| {
                let field = crate::diff::definitions::label(&column.name, column.comment.as_deref());
                Ok((column.type_oid, self.enum_name(oid, &label, &field)?))
            })
            .collect()
    }
}
