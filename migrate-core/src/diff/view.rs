use super::edit::qualified;
use super::planner::spoken;
use super::printed::{Held, On, note_sql, probe};
use super::{Action, Answer, Hazard, Planner, Question, Stop};
use crate::catalog::{self, Name, Oid, Relation, Rows};
use crate::facts::View;
use crate::{ErrorKind, quote};

impl Planner {
    pub(super) fn view(&mut self, fact: &View) -> Result<(), Stop> {
        let name = Name {
            schema: fact.view.schema.clone().unwrap_or_else(|| self.schema.clone()),
            name: fact.view.label.clone(),
        };
        let found = self.find(&name);
        let Some(query) = fact.query.as_ref().filter(|_| fact.present) else {
            return match found {
                Some(oid) => self.drop_view(oid),
                None => Ok(()),
            };
        };
        let source = query.text.trim().trim_end_matches(';').to_owned();
        let Some(oid) = found else { return self.create_view(fact, name, &source, None) };
        let (known, materialized) = match &self.at(oid)?.relation {
            Relation::View { query } => (query.clone(), false),
            Relation::Materialized { query, .. } => (query.clone(), true),
            _ => {
                let message = format!("`{}` is a table, not a view", spoken(&fact.view));
                return Err(self
                    .problem(ErrorKind::Pending, message)
                    .help("give one of the two another name")
                    .into());
            }
        };
        if materialized != fact.materialized {
            self.drop_view(oid)?;
            return self.create_view(fact, name, &source, None);
        }
        let comment = self.at(oid)?.comment.clone();
        let probe = probe(&name.schema);
        let setup = vec![format!("CREATE VIEW {probe} AS {source}")];
        let printed =
            format!("SELECT pg_catalog.pg_get_viewdef({}::pg_catalog.regclass)", quote::literal(&probe));
        let question = Question::Printed { setup, query: printed };
        match self.held(&source, &known, comment.as_deref(), question, |answer| answer == known)? {
            Held::Noted => Ok(()),
            Held::Same => self.note_view(&name, fact, &source, comment.as_deref()),
            Held::Other => self.replace_view(oid, fact, name, &source),
        }
    }

    fn create_view(
        &mut self,
        fact: &View,
        name: Name,
        source: &str,
        comment: Option<&str>,
    ) -> Result<(), Stop> {
        let what = kind(fact);
        let sql = format!("CREATE {what} {} AS\n{source}", qualified(&name));
        self.push(Action::Create, format!("{}.{}", name.schema, name.name), sql, &[]);
        self.note_view(&name, fact, source, comment)?;
        let relation = match fact.materialized {
            true => Relation::Materialized { query: source.to_owned(), populated: true },
            false => Relation::View { query: source.to_owned() },
        };
        let oid = self.fresh_oid();
        let table =
            catalog::Table { name: name.clone(), relation, rows: Rows::Perhaps, ..catalog::Table::default() };
        self.catalog.tables.insert(oid, table);
        self.names.insert(name, oid);
        Ok(())
    }

    /// Gives a view another query: in place where the server can, otherwise by making it and what depends on it anew.
    fn replace_view(&mut self, oid: Oid, fact: &View, name: Name, source: &str) -> Result<(), Stop> {
        let in_place = format!("CREATE OR REPLACE VIEW {} AS\n{source}", qualified(&name));
        let comment = self.at(oid)?.comment.clone();
        if !fact.materialized {
            let question =
                Question::Printed { setup: vec![in_place.clone()], query: "SELECT 'replaced'".into() };
            if let Answer::Value(_) = self.ask(question)? {
                self.push(
                    Action::Alter,
                    format!("{}.{}", name.schema, name.name),
                    in_place,
                    &[Hazard::Locks],
                );
                return self.note_view(&name, fact, source, comment.as_deref());
            }
        }
        let dependants = self.dependants(oid)?;
        for dependant in dependants.iter().rev() {
            self.drop_view_only(*dependant)?;
        }
        self.drop_view_only(oid)?;
        let privileges = self.view_privileges(oid)?;
        let remade = dependants.iter().map(|oid| self.remake(*oid)).collect::<Result<Vec<_>, _>>()?;
        self.names.remove(&name);
        self.catalog.tables.remove(&oid);
        self.create_view(fact, name.clone(), source, comment.as_deref())?;
        for sql in privileges {
            self.push(Action::Grant, format!("{}.{}", name.schema, name.name), sql, &[]);
        }
        for (object, statements) in remade {
            for sql in statements {
                self.push(Action::Create, object.clone(), sql, &[]);
            }
        }
        Ok(())
    }

    fn note_view(
        &mut self,
        name: &Name,
        fact: &View,
        source: &str,
        comment: Option<&str>,
    ) -> Result<(), Stop> {
        if self.is_verifying() {
            return Ok(());
        }
        let view = qualified(name);
        let printing = format!("pg_catalog.pg_get_viewdef({}::pg_catalog.regclass)", quote::literal(&view));
        let sql = note_sql(&On::Named(format!("{} {view}", kind(fact))), source, &printing, comment);
        self.push(Action::Comment, format!("{}.{}", name.schema, name.name), sql, &[]);
        Ok(())
    }

    fn drop_view(&mut self, oid: Oid) -> Result<(), Stop> {
        self.drop_view_only(oid)?;
        let name = self.at(oid)?.name.clone();
        self.names.remove(&name);
        self.catalog.tables.remove(&oid);
        Ok(())
    }

    fn drop_view_only(&mut self, oid: Oid) -> Result<(), Stop> {
        let view = self.at(oid)?;
        let sql = format!("DROP {} {}", relation(view), qualified(&view.name));
        self.push(Action::Drop, self.object(oid), sql, &[Hazard::Locks]);
        Ok(())
    }

    /// The statements that make a view again as it was.
    fn remake(&self, oid: Oid) -> Result<(String, Vec<String>), Stop> {
        let view = self.at(oid)?;
        let query = match &view.relation {
            Relation::View { query } | Relation::Materialized { query, .. } => query.trim_end_matches(';'),
            _ => "",
        };
        let name = qualified(&view.name);
        let mut statements = vec![format!("CREATE {} {name} AS\n{query}", relation(view))];
        if let Some(comment) = &view.comment {
            statements.push(super::edit::comment_sql(&format!("{} {name}", relation(view)), Some(comment)));
        }
        statements.extend(view.indexes.values().map(|index| index.definition.clone()));
        statements.extend(self.view_privileges(oid)?);
        Ok((self.object(oid), statements))
    }

    fn view_privileges(&self, oid: Oid) -> Result<Vec<String>, Stop> {
        let view = self.at(oid)?;
        let on = format!("TABLE {}", qualified(&view.name));
        Ok(view
            .grants
            .iter()
            .flatten()
            .filter_map(|item| super::grant::restated(item, &on, &view.owner))
            .collect())
    }
}

fn kind(fact: &View) -> &'static str {
    if fact.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

fn relation(view: &catalog::Table) -> &'static str {
    match view.relation {
        Relation::Materialized { .. } => "MATERIALIZED VIEW",
        _ => "VIEW",
    }
}
