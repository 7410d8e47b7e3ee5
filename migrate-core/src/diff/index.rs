use super::edit::{plain_index, qualified};
use super::planner::FIRST;
use super::printed::{Held, On, note_sql, probe};
use super::{Action, Hazard, Planner, Question, Stop};
use crate::catalog::{self, Name, Oid, Relation, Rows};
use crate::facts::Index;
use crate::{ErrorKind, quote};

impl Planner {
    pub(super) fn index_fact(&mut self, fact: &Index) -> Result<(), Stop> {
        let Some(oid) = self.of(&fact.of, fact.present)? else { return Ok(()) };
        if !fact.present {
            return match self.at(oid)?.indexes.contains_key(&fact.index) {
                true => self.drop_index(oid, &fact.index),
                false => Ok(()),
            };
        }
        if oid >= FIRST && self.at(oid)?.columns.is_empty() && !self.is_verifying() {
            // The columns of a view are known once it is there.
            self.outdate();
            return Err(Stop::Ask(Question::Made));
        }
        self.former_index(oid, fact)?;
        let source = self.index_source(oid, fact)?;
        let found = self.at(oid)?.indexes.get(&fact.index).cloned();
        match found {
            None => self.build_index(oid, fact, &source, None),
            Some(index) if index.constraint.is_some() => {
                let message = format!("`{}` is the index of a constraint", fact.index);
                Err(self.problem(ErrorKind::Duplicate, message).help("give the index another name").into())
            }
            Some(index) => self.keep_index_fact(oid, fact, &source, &index),
        }
    }

    fn former_index(&mut self, oid: Oid, fact: &Index) -> Result<(), Stop> {
        let indexes = &self.at(oid)?.indexes;
        if indexes.contains_key(&fact.index) {
            return Ok(());
        }
        match fact.was.iter().find(|name| indexes.contains_key(*name)).cloned() {
            Some(old) => {
                self.made(oid)?;
                self.rename_index(oid, &old, &fact.index)
            }
            None => Ok(()),
        }
    }

    fn keep_index_fact(
        &mut self,
        oid: Oid,
        fact: &Index,
        source: &str,
        index: &catalog::Index,
    ) -> Result<(), Stop> {
        self.made(oid)?;
        let held = self.same_index(oid, fact, source, index)?;
        match (held, index.valid) {
            (Held::Noted, true) => Ok(()),
            (Held::Same, true) => self.note_index(oid, fact, source, index.comment.as_deref()),
            _ => self.build_index(oid, fact, source, Some(index)),
        }
    }

    fn same_index(
        &mut self,
        oid: Oid,
        fact: &Index,
        source: &str,
        index: &catalog::Index,
    ) -> Result<Held, Stop> {
        let table = qualified(&self.at(oid)?.name);
        let probe = probe(&self.at(oid)?.name.schema);
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
        self.held(&whole, &index.definition, index.comment.as_deref(), question, |answer| {
            form(answer) == form(&index.definition)
        })
    }

    /// What follows the table in CREATE INDEX.
    fn index_source(&self, oid: Oid, fact: &Index) -> Result<String, Stop> {
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

    /// A key of an index: a label, perhaps with an order or operator class behind it, or an expression.
    fn index_key(&self, oid: Oid, key: &str) -> Result<String, Stop> {
        let (label, rest) = key.split_once(' ').unwrap_or((key, ""));
        if let Some(number) = self.field(oid, label)? {
            let column = quote::identifier(&self.column_name(oid, number)?);
            return Ok(format!("{column} {rest}").trim_end().to_owned());
        }
        // The surrogate key has no fact, and no label.
        if let Some(number) = self.column_named(oid, label)? {
            let column = quote::identifier(&self.column_name(oid, number)?);
            return Ok(format!("{column} {rest}").trim_end().to_owned());
        }
        let word = key.chars().all(|c| c.is_alphanumeric() || c == '_');
        if word {
            let message = format!("table `{}` has no column or link `{key}`", self.at(oid)?.name.name);
            return Err(self.problem(ErrorKind::Missing, message).help("declare it before the index").into());
        }
        let call = key.ends_with(')') && key.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '(');
        Ok(if call { key.to_owned() } else { format!("({key})") })
    }

    /// Builds an index: on a table that holds rows after the transaction, so that writers need not wait.
    fn build_index(
        &mut self,
        oid: Oid,
        fact: &Index,
        source: &str,
        old: Option<&catalog::Index>,
    ) -> Result<(), Stop> {
        let table = self.at(oid)?;
        let on = qualified(&table.name);
        let name = Name { schema: table.name.schema.clone(), name: fact.index.clone() };
        let object = format!("{}.{}", self.object(oid), fact.index);
        let (unique, bare) = (unique(fact), quote::identifier(&fact.index));
        let apart = self.is_built_apart(oid)?;
        let definition = format!("CREATE {unique}INDEX {bare} ON {on} {source}");
        if apart {
            if old.is_some() {
                let sql = format!("DROP INDEX CONCURRENTLY {}", qualified(&name));
                self.push_after(Action::Drop, object.clone(), sql, &[]);
            }
            let sql = format!("CREATE {unique}INDEX CONCURRENTLY {bare} ON {on} {source}");
            self.push_after(Action::Create, object, sql, &[]);
        } else {
            if old.is_some() {
                self.drop_index(oid, &fact.index)?;
            }
            // Not with the table: an index that a person describes may need what comes before this fact.
            self.push(Action::Create, object, definition.clone(), &[Hazard::Indexes]);
        }
        self.note_index(oid, fact, source, old.and_then(|old| old.comment.as_deref()))?;
        if !self.fresh.contains(&oid) {
            let index =
                catalog::Index { unique: fact.unique, plain: false, ..plain_index(vec![0], definition) };
            self.at_mut(oid)?.indexes.insert(fact.index.clone(), index);
        }
        Ok(())
    }

    /// Whether an index is built after the transaction; the server can't do that for a partitioned table.
    fn is_built_apart(&self, oid: Oid) -> Result<bool, Stop> {
        let table = self.at(oid)?;
        let partitioned = matches!(table.relation, Relation::Table { partitioned_by: Some(_), .. });
        Ok(self.is_apart() && table.rows == Rows::Perhaps && !partitioned)
    }

    fn note_index(
        &mut self,
        oid: Oid,
        fact: &Index,
        source: &str,
        comment: Option<&str>,
    ) -> Result<(), Stop> {
        if self.is_verifying() {
            return Ok(());
        }
        let name = qualified(&self.beside(oid, &fact.index)?);
        let printing = format!("pg_catalog.pg_get_indexdef({}::pg_catalog.regclass)", quote::literal(&name));
        let sql = note_sql(
            &On::Named(format!("INDEX {name}")),
            &format!("{}{source}", unique(fact)),
            &printing,
            comment,
        );
        let object = format!("{}.{}", self.object(oid), fact.index);
        match self.is_built_apart(oid)? {
            true => self.push_after(Action::Comment, object, sql, &[]),
            false => self.push(Action::Comment, object, sql, &[]),
        }
        Ok(())
    }
}

fn unique(fact: &Index) -> &'static str {
    if fact.unique { "UNIQUE " } else { "" }
}
