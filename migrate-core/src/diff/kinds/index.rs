use super::index_key::{expression, is_of_column};
use crate::catalog::{self, Oid, QualifiedName, Relation, RowPresence};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::{CommentTarget, DefinitionMatch, note_sql, probe};
use crate::diff::edit::plain_index;
use crate::diff::name_index::FIRST_PLANNED;
use crate::diff::planner::Planner;
use crate::diff::question::{Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{IndexFact, mangle};
use crate::text::quote;

impl Planner {
    pub(crate) fn index_fact(&mut self, fact: &IndexFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        if !fact.present {
            return match self.table_at(oid)?.indexes.contains_key(&fact.index) {
                true => self.drop_index(oid, &fact.index),
                false => Ok(()),
            };
        }
        if oid >= FIRST_PLANNED && self.table_at(oid)?.columns.is_empty() && !self.is_verifying() {
            // The columns of a view are known only after it is created.
            self.mark_outdated();
            return Err(Interruption::Ask(Question::MakeFirst));
        }
        self.former_index(oid, fact)?;
        self.drop_leftovers(oid, fact)?;
        let source = self.index_source(oid, fact)?;
        let found = self.table_at(oid)?.indexes.get(&fact.index).cloned();
        match found {
            None => self.build_index(oid, fact, &source, None),
            Some(index) if index.constraint.is_some() => {
                let message = format!("`{}` is the index of a constraint", fact.index);
                Err(self.problem(ErrorKind::Duplicate, message).help("give the index another name").into())
            }
            Some(index) => self.keep_index_fact(oid, fact, &source, &index),
        }
    }

    fn former_index(&mut self, oid: Oid, fact: &IndexFact) -> Result<(), Interruption> {
        let indexes = &self.table_at(oid)?.indexes;
        if indexes.contains_key(&fact.index) {
            return Ok(());
        }
        match fact.was.iter().find(|name| indexes.contains_key(*name)).cloned() {
            Some(old) => {
                self.require_created(oid)?;
                self.rename_index(oid, &old, &fact.index)
            }
            None => Ok(()),
        }
    }

    fn keep_index_fact(
        &mut self,
        oid: Oid,
        fact: &IndexFact,
        source: &str,
        index: &catalog::Index,
    ) -> Result<(), Interruption> {
        self.require_created(oid)?;
        let held = self.same_index(oid, fact, source, index)?;
        match (held, index.valid) {
            (DefinitionMatch::Recorded, true) => Ok(()),
            (DefinitionMatch::Same, true) => self.note_index(oid, fact, source, index.comment.as_deref()),
            _ => self.build_index(oid, fact, source, Some(index)),
        }
    }

    fn same_index(
        &mut self,
        oid: Oid,
        fact: &IndexFact,
        source: &str,
        index: &catalog::Index,
    ) -> Result<DefinitionMatch, Interruption> {
        let table = self.table_at(oid)?.name.quoted();
        let probe = probe(&self.table_at(oid)?.name.schema);
        let setup = vec![
            format!("CREATE TABLE {probe} (LIKE {table})"),
            format!("CREATE {}INDEX migrate_probe_index ON {probe} {source}", unique(fact)),
        ];
        let query = format!(
            "SELECT pg_catalog.pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index \
             WHERE indrelid = {}::pg_catalog.regclass",
            quote::literal(&probe)
        );
        let question = Question::Printed { setup, query };
        let form = |definition: &str| {
            let method = definition.split_once(" USING ").map(|(_, method)| method.to_owned());
            (definition.starts_with("CREATE UNIQUE"), method)
        };
        let whole = format!("{}{source}", unique(fact));
        self.match_definition(&whole, &index.definition, index.comment.as_deref(), question, |answer| {
            form(answer) == form(&index.definition)
        })
    }

    /// The text after the table in CREATE INDEX.
    fn index_source(&self, oid: Oid, fact: &IndexFact) -> Result<String, Interruption> {
        let keys = fact.on.iter().map(|key| self.index_key(oid, key)).collect::<Result<Vec<_>, _>>()?;
        let mut sql = match &fact.using {
            Some(method) => format!("USING {} ({})", quote::identifier(method), keys.join(", ")),
            None => format!("({})", keys.join(", ")),
        };
        if !fact.include.is_empty() {
            let stored =
                fact.include.iter().map(|label| self.index_key(oid, label)).collect::<Result<Vec<_>, _>>()?;
            sql.push_str(&format!(" INCLUDE ({})", stored.join(", ")));
        }
        if fact.nulls_equal {
            sql.push_str(" NULLS NOT DISTINCT");
        }
        if !fact.with.is_empty() {
            let with: Vec<String> = fact
                .with
                .iter()
                .map(|(name, value)| format!("{} = {}", quote::identifier(name), quote::literal(value)))
                .collect();
            sql.push_str(&format!(" WITH ({})", with.join(", ")));
        }
        if let Some(filter) = &fact.filter {
            sql.push_str(&format!(" WHERE ({filter})"));
        }
        Ok(sql)
    }

    /// A key of an index: a label, optionally followed by an order or operator class, or an expression.
    fn index_key(&self, oid: Oid, key: &str) -> Result<String, Interruption> {
        let (label, rest) = match key.split_once(' ') {
            Some((label, rest)) if is_of_column(rest) => (label, rest),
            _ => (key, ""),
        };
        if let Some(number) = self.field(oid, label)? {
            let column = quote::identifier(&self.column_name(oid, number)?);
            return Ok(format!("{column} {rest}").trim_end().to_owned());
        }
        // The surrogate key has no fact and no label.
        if let Some(number) = self.column_named(oid, label)? {
            let column = quote::identifier(&self.column_name(oid, number)?);
            return Ok(format!("{column} {rest}").trim_end().to_owned());
        }
        let word = key.chars().all(|c| c.is_alphanumeric() || c == '_');
        if word {
            let message = format!("table `{}` has no column or link `{key}`", self.table_at(oid)?.name.name);
            return Err(self.problem(ErrorKind::Missing, message).help("declare it before the index").into());
        }
        Ok(expression(key))
    }

    /// Builds an index; on a table with rows it is built after the transaction, so that writers need not wait.
    fn build_index(
        &mut self,
        oid: Oid,
        fact: &IndexFact,
        source: &str,
        old: Option<&catalog::Index>,
    ) -> Result<(), Interruption> {
        let table = self.table_at(oid)?;
        let on = table.name.quoted();
        let name = QualifiedName { schema: table.name.schema.clone(), name: fact.index.clone() };
        let object = format!("{}.{}", self.object_name(oid), fact.index);
        let (unique, bare) = (unique(fact), quote::identifier(&fact.index));
        let apart = self.is_built_apart(oid)?;
        let definition = format!("CREATE {unique}INDEX {bare} ON {on} {source}");
        if apart {
            // An index that is in use stays until the new one is complete.
            let replaced = old.filter(|old| old.valid);
            if old.is_some() && replaced.is_none() {
                let sql = format!("DROP INDEX CONCURRENTLY {}", name.quoted());
                self.push_after(ChangeAction::Drop, object.clone(), sql, &[]);
            }
            let built = if replaced.is_some() { new_name(&fact.index) } else { fact.index.clone() };
            let built = quote::identifier(&built);
            let sql = format!("CREATE {unique}INDEX CONCURRENTLY {built} ON {on} {source}");
            self.push_after(ChangeAction::Create, object, sql, &[]);
            if let Some(old) = replaced {
                self.swap_index(oid, fact, old)?;
            }
        } else {
            if old.is_some() {
                self.drop_index(oid, &fact.index)?;
            }
            // Not together with the table: an index fact may need objects of the facts before it.
            self.push(ChangeAction::Create, object, definition.clone(), &[ChangeHazard::Indexes]);
        }
        self.note_index(oid, fact, source, old.and_then(|old| old.comment.as_deref()))?;
        if !self.new_tables.contains(&oid) {
            let index =
                catalog::Index { unique: fact.unique, plain: false, ..plain_index(vec![0], definition) };
            self.table_at_mut(oid)?.indexes.insert(fact.index.clone(), index);
        }
        Ok(())
    }

    /// Puts an index that was built under another name in the place of the old one.
    fn swap_index(&mut self, oid: Oid, fact: &IndexFact, old: &catalog::Index) -> Result<(), Interruption> {
        let object = format!("{}.{}", self.object_name(oid), fact.index);
        let (own, gone) = (self.in_schema_of(oid, &fact.index)?, old_name(&fact.index));
        let built = self.in_schema_of(oid, &new_name(&fact.index))?;
        let table = self.table_at(oid)?;
        let (on, bare) = (table.name.quoted(), quote::identifier(&fact.index));
        // One message without BEGIN is one transaction.
        let mut sql = vec![
            format!("ALTER INDEX {} RENAME TO {}", own.quoted(), quote::identifier(&gone)),
            format!("ALTER INDEX {} RENAME TO {bare}", built.quoted()),
        ];
        let method = matches!(fact.using.as_deref(), None | Some("btree" | "gist"));
        if old.clustered && method && fact.filter.is_none() {
            sql.push(format!("ALTER TABLE {on} CLUSTER ON {bare}"));
        }
        let identity = table.replica_identity.as_deref().and_then(|it| it.strip_prefix("USING INDEX "));
        if identity.is_some_and(|name| name.trim_matches('"') == fact.index)
            && fact.unique
            && fact.filter.is_none()
        {
            sql.push(format!("ALTER TABLE {on} REPLICA IDENTITY USING INDEX {bare}"));
        }
        self.push_after(ChangeAction::Rename, object.clone(), sql.join(";\n"), &[]);
        let gone = self.in_schema_of(oid, &gone)?;
        let sql = format!("DROP INDEX CONCURRENTLY {}", gone.quoted());
        self.push_after(ChangeAction::Drop, object, sql, &[]);
        Ok(())
    }

    /// Drops what is left of an index that was being replaced when its deployment ended early.
    fn drop_leftovers(&mut self, oid: Oid, fact: &IndexFact) -> Result<(), Interruption> {
        for name in [new_name(&fact.index), old_name(&fact.index)] {
            if !self.table_at(oid)?.indexes.contains_key(&name) {
                continue;
            }
            if !self.is_built_apart(oid)? {
                self.drop_index(oid, &name)?;
                continue;
            }
            let object = format!("{}.{name}", self.object_name(oid));
            let sql = format!("DROP INDEX CONCURRENTLY {}", self.in_schema_of(oid, &name)?.quoted());
            self.push_after(ChangeAction::Drop, object, sql, &[]);
            self.table_at_mut(oid)?.indexes.remove(&name);
        }
        Ok(())
    }

    /// Whether an index is built after the transaction; the server can't do this for a partitioned table.
    fn is_built_apart(&self, oid: Oid) -> Result<bool, Interruption> {
        let table = self.table_at(oid)?;
        let partitioned = matches!(table.relation, Relation::Table { partitioned_by: Some(_), .. });
        Ok(self.defers_builds() && table.rows == RowPresence::Perhaps && !partitioned)
    }

    fn note_index(
        &mut self,
        oid: Oid,
        fact: &IndexFact,
        source: &str,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        if self.is_verifying() {
            return Ok(());
        }
        let name = self.in_schema_of(oid, &fact.index)?.quoted();
        let printing = format!("pg_catalog.pg_get_indexdef({}::pg_catalog.regclass)", quote::literal(&name));
        let sql = note_sql(
            &CommentTarget::Named(format!("INDEX {name}")),
            &format!("{}{source}", unique(fact)),
            &printing,
            comment,
        );
        let object = format!("{}.{}", self.object_name(oid), fact.index);
        match self.is_built_apart(oid)? {
            true => self.push_after(ChangeAction::Comment, object, sql, &[]),
            false => self.push(ChangeAction::Comment, object, sql, &[]),
        }
        Ok(())
    }
}

/// The name of an index while it is built to replace another one.
fn new_name(index: &str) -> String {
    mangle(&[index, "new"], Some("index"))
}

/// The name of an index that was replaced, until it is dropped.
fn old_name(index: &str) -> String {
    mangle(&[index, "old"], Some("index"))
}

fn unique(fact: &IndexFact) -> &'static str {
    if fact.unique { "UNIQUE " } else { "" }
}
