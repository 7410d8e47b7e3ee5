use std::collections::BTreeSet;

use crate::catalog::QualifiedName;
use crate::facts::{Claim, Fact, TableName, mangle};

/// What a list of facts says as a whole: some changes depend on facts that come later.
#[derive(Debug, Clone, Default)]
pub(crate) struct FactOutline {
    schema: String,
    /// The tables that are to be there.
    pub(crate) tables: BTreeSet<QualifiedName>,
    /// The links that are to be there: table and label.
    pub(crate) links: BTreeSet<(QualifiedName, String)>,
    /// The links that say themselves what happens when their target is deleted.
    pub(crate) actions: BTreeSet<(QualifiedName, String)>,
    /// The fields that data facts give: table and label.
    pub(crate) fields: BTreeSet<(QualifiedName, String)>,
    /// All SQL.
    pub(crate) texts: Vec<String>,
    /// The tables whose columns may be put in order though there are rows.
    pub(crate) reordered: BTreeSet<QualifiedName>,
}

impl FactOutline {
    pub(crate) fn of(facts: &[Fact], schema: &str) -> FactOutline {
        let mut outline = FactOutline { schema: schema.to_owned(), ..FactOutline::default() };
        outline.read(facts);
        outline
    }

    /// The name of a label's table.
    pub(crate) fn name(&self, table: &TableName) -> QualifiedName {
        QualifiedName {
            schema: table.schema.clone().unwrap_or_else(|| self.schema.clone()),
            name: mangle(&[&table.label], None),
        }
    }

    fn read(&mut self, facts: &[Fact]) {
        for fact in facts {
            match &fact.claim {
                Claim::Table(table) if table.present => {
                    let name = self.name(&table.table);
                    if table.reorder {
                        self.reordered.insert(name.clone());
                    }
                    self.tables.insert(name);
                    self.read(&table.with);
                }
                Claim::Link(link) if link.present => {
                    let key = (self.name(&link.of), link.label.clone());
                    if link.on_delete.is_some() {
                        self.actions.insert(key.clone());
                    }
                    self.links.insert(key);
                }
                Claim::Data(data) => {
                    let name = self.name(&data.of);
                    let fields = data.rows.fields().iter().map(|field| (name.clone(), field.clone()));
                    self.fields.extend(fields);
                }
                Claim::Sql(sql) => {
                    self.texts.push(sql.sql.text.clone());
                    self.texts.extend(sql.unless.iter().map(|unless| unless.text.clone()));
                }
                Claim::Check(check) => self.texts.extend(check.that.clone()),
                Claim::View(view) => self.texts.extend(view.query.iter().map(|query| query.text.clone())),
                Claim::Function(function) => {
                    self.texts.extend(function.body.iter().map(|body| body.text.clone()));
                }
                Claim::Index(index) => self.texts.extend(index.on.iter().chain(&index.filter).cloned()),
                Claim::Trigger(trigger) => self.texts.extend(trigger.when.clone()),
                Claim::Alias(alias) => self.texts.extend(alias.sql.clone()),
                Claim::Include(include) => self.read(include.facts.as_deref().unwrap_or_default()),
                _ => {}
            }
        }
    }
}
