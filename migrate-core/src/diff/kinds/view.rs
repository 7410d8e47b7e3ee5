use crate::catalog::{self, ObjectPart, Oid, QualifiedName, Relation, RowPresence, with_options};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::columns::relation;
use crate::diff::definitions::{CommentTarget, DefinitionMatch, note_sql, probe};
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::ViewFact;
use crate::text::quote;

impl Planner {
    pub(crate) fn view(&mut self, fact: &ViewFact) -> Result<(), Interruption> {
        let name = self.as_written(&fact.view);
        let found = self.find(&name);
        let Some(query) = fact.query.as_ref().filter(|_| fact.present) else {
            return match found {
                Some(oid) => self.drop_view(oid),
                None => Ok(()),
            };
        };
        let source = query.text.trim().trim_end_matches(';').to_owned();
        let Some(oid) = found else { return self.create_view(fact, name, &source) };
        let (known, materialized) = match &self.table_at(oid)?.relation {
            Relation::View { query } => (query.clone(), false),
            Relation::Materialized { query, .. } => (query.clone(), true),
            _ => {
                let message = format!("`{}` is a table, not a view", fact.view);
                return Err(self
                    .problem(ErrorKind::Pending, message)
                    .help("give one of the two another name")
                    .into());
            }
        };
        if materialized != fact.materialized {
            return self.remake_view(oid, fact, name, &source);
        }
        let comment = self.table_at(oid)?.comment.clone();
        let probe = probe(&name.schema);
        let setup = vec![format!("CREATE VIEW {probe} AS {source}")];
        let printed =
            format!("SELECT pg_catalog.pg_get_viewdef({}::pg_catalog.regclass)", quote::literal(&probe));
        let question = Question::Printed { setup, query: printed };
        match self
            .match_definition(&source, &known, comment.as_deref(), question, |answer| answer == known)?
        {
            DefinitionMatch::Recorded => Ok(()),
            DefinitionMatch::Same => self.note_view(&name, fact, &source, comment.as_deref()),
            DefinitionMatch::Different => self.replace_view(oid, fact, name, &source),
        }
    }

    fn create_view(
        &mut self,
        fact: &ViewFact,
        name: QualifiedName,
        source: &str,
    ) -> Result<(), Interruption> {
        let what = kind(fact);
        let sql = format!("CREATE {what} {} AS\n{source}", name.quoted());
        self.push(ChangeAction::Create, format!("{}.{}", name.schema, name.name), sql, &[]);
        self.note_view(&name, fact, source, None)?;
        let relation = relation_of(fact, source);
        let oid = self.planned_oid();
        let table = catalog::Table {
            name: name.clone(),
            relation,
            rows: RowPresence::Perhaps,
            ..catalog::Table::default()
        };
        self.catalog.tables.insert(oid, table);
        self.names.table(name, oid);
        Ok(())
    }

    /// Changes the query of a view: in place if the server can, otherwise by creating the view and its dependent
    /// objects again.
    fn replace_view(
        &mut self,
        oid: Oid,
        fact: &ViewFact,
        name: QualifiedName,
        source: &str,
    ) -> Result<(), Interruption> {
        let options = with_options(&options_beside(&self.table_at(oid)?.options, source));
        let in_place = format!("CREATE OR REPLACE VIEW {}{options} AS\n{source}", name.quoted());
        let comment = self.table_at(oid)?.comment.clone();
        if !fact.materialized {
            let question =
                Question::Printed { setup: vec![in_place.clone()], query: "SELECT 'replaced'".into() };
            if let Answer::Value(_) = self.ask(question)? {
                self.push(
                    ChangeAction::Alter,
                    format!("{}.{}", name.schema, name.name),
                    in_place,
                    &[ChangeHazard::Locks],
                );
                return self.note_view(&name, fact, source, comment.as_deref());
            }
        }
        self.remake_view(oid, fact, name, source)
    }

    /// Creates a view again with the new query, and its dependent objects as they were.
    fn remake_view(
        &mut self,
        oid: Oid,
        fact: &ViewFact,
        name: QualifiedName,
        source: &str,
    ) -> Result<(), Interruption> {
        if self.has_new_views() && !self.is_verifying() {
            self.mark_outdated();
            return Err(Interruption::Ask(Question::MakeFirst));
        }
        self.require_renamed()?;
        let kept = self.columns_of(&name, source)?;
        let (comment, mut catalog) = (self.table_at(oid)?.comment.clone(), self.catalog.clone());
        if let Some(view) = catalog.tables.get_mut(&oid) {
            renew(view, fact, source, &kept);
        }
        let own = catalog.ddl().only([oid]).in_place().statements();
        let (first, rest) = own.split_at(own.len().min(1));
        let dependents = self.dependents_of(ObjectPart::Table(oid))?;
        self.refuse_filled(&dependents)?;
        let mut sql = dependents.before;
        sql.push(format!("DROP {} {}", relation(&self.table_at(oid)?.relation), name.quoted()));
        sql.extend_from_slice(first);
        sql.extend(self.as_printed(rest.to_vec()));
        let object = self.object_name(oid);
        self.push(ChangeAction::Alter, object.clone(), sql.join(";\n"), &[ChangeHazard::Locks]);
        self.note_view(&name, fact, source, comment.as_deref())?;
        if !dependents.after.is_empty() {
            self.push(ChangeAction::Create, object, dependents.after.join(";\n"), &[]);
        }
        self.catalog = catalog;
        self.mark_outdated();
        Ok(())
    }

    /// The columns that a view would have, one a line and quoted.
    fn columns_of(&self, name: &QualifiedName, source: &str) -> Result<String, Interruption> {
        let probe = probe(&name.schema);
        let query = format!(
            "SELECT pg_catalog.string_agg(pg_catalog.concat('\"', pg_catalog.replace(attname, '\"', '\"\"'), '\"'), pg_catalog.chr(10)) \
             FROM pg_catalog.pg_attribute WHERE attrelid = {}::pg_catalog.regclass AND attnum > 0",
            quote::literal(&probe)
        );
        let setup = vec![format!("CREATE VIEW {probe} AS {source}")];
        match self.ask(Question::Printed { setup, query })? {
            Answer::Value(Some(columns)) => Ok(columns.clone()),
            Answer::Value(None) | Answer::Unknown => Ok(String::new()),
            Answer::Refused(reason) => Err(self
                .problem(ErrorKind::Sql, format!("the view is refused by the server: {reason}"))
                .into()),
        }
    }

    fn note_view(
        &mut self,
        name: &QualifiedName,
        fact: &ViewFact,
        source: &str,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        if self.is_verifying() {
            return Ok(());
        }
        let view = name.quoted();
        let printing = format!("pg_catalog.pg_get_viewdef({}::pg_catalog.regclass)", quote::literal(&view));
        let sql =
            note_sql(&CommentTarget::Named(format!("{} {view}", kind(fact))), source, &printing, comment);
        self.push(ChangeAction::Comment, format!("{}.{}", name.schema, name.name), sql, &[]);
        Ok(())
    }

    fn drop_view(&mut self, oid: Oid) -> Result<(), Interruption> {
        let view = self.table_at(oid)?;
        let name = view.name.clone();
        let sql = format!("DROP {} {}", relation(&view.relation), name.quoted());
        self.push(ChangeAction::Drop, self.object_name(oid), sql, &[ChangeHazard::Locks]);
        self.names.no_table(&name);
        self.catalog.tables.remove(&oid);
        Ok(())
    }
}

/// Changes the query of a view, and removes what belonged to columns that it no longer has.
fn renew(view: &mut catalog::Table, fact: &ViewFact, source: &str, kept: &str) {
    let was = matches!(view.relation, Relation::Materialized { .. });
    view.relation = relation_of(fact, source);
    view.comment = None;
    view.options = options_beside(&view.options, source);
    view.columns.retain(|_, column| kept.lines().any(|kept| kept == quote::identifier(&column.name)));
    let columns = &view.columns;
    let stays = |number: &i16| *number == 0 || columns.contains_key(number);
    view.indexes.retain(|_, index| index.keys.iter().chain(&index.include).all(stays));
    if was != fact.materialized {
        // Views and materialized views can't have each other's properties.
        view.columns.values_mut().for_each(|column| column.default = None);
        view.options.clear();
        view.indexes.clear();
        view.triggers.clear();
        view.rules.clear();
    }
}

/// The options of a view that its query does not set itself.
fn options_beside(options: &[String], source: &str) -> Vec<String> {
    let source = source.to_uppercase();
    let checks = source.split_whitespace().collect::<Vec<_>>().join(" ").ends_with("CHECK OPTION");
    options.iter().filter(|option| !checks || !option.starts_with("check_option=")).cloned().collect()
}

fn relation_of(fact: &ViewFact, source: &str) -> Relation {
    match fact.materialized {
        true => Relation::Materialized { query: source.to_owned(), populated: true },
        false => Relation::View { query: source.to_owned() },
    }
}

fn kind(fact: &ViewFact) -> &'static str {
    if fact.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}
