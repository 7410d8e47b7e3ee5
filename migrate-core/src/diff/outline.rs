use std::collections::BTreeSet;

use crate::catalog::QualifiedName;
use crate::facts::{Claim, Fact, TableName, mangle};

/// Facts about a list of facts as a whole: some changes depend on facts that come later in the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct FactOutline {
    schema: String,
    /// The tables that should exist.
    pub(crate) tables: BTreeSet<QualifiedName>,
    /// The links that should exist: table and label.
    pub(crate) links: BTreeSet<(QualifiedName, String)>,
    /// The links with an explicit `on_delete`.
    pub(crate) actions: BTreeSet<(QualifiedName, String)>,
    /// The fields that data facts fill: table and label.
    pub(crate) fields: BTreeSet<(QualifiedName, String)>,
    /// All SQL.
    pub(crate) texts: Vec<String>,
    /// The tables whose columns may be reordered although they have rows.
    pub(crate) reordered: BTreeSet<QualifiedName>,
    /// The columns that should exist: table and label.
    pub(crate) columns: BTreeSet<(QualifiedName, String)>,
    /// The constraints that facts declare by name: table and name.
    keys: BTreeSet<(QualifiedName, String)>,
    /// The materialized views that may be built again at a boot.
    pub(crate) rebuilt: BTreeSet<QualifiedName>,
}

impl FactOutline {
    pub(crate) fn of(facts: &[Fact], schema: &str) -> FactOutline {
        let mut outline = FactOutline { schema: schema.to_owned(), ..FactOutline::default() };
        outline.read(facts);
        outline
    }

    /// The qualified name of the table with a label.
    pub(crate) fn name(&self, table: &TableName) -> QualifiedName {
        QualifiedName {
            schema: table.schema.clone().unwrap_or_else(|| self.schema.clone()),
            name: mangle(&[&table.label], None),
        }
    }

    /// Whether a fact declares the unique constraint of that name.
    pub(crate) fn has_key(&self, table: &QualifiedName, name: &str) -> bool {
        self.keys.contains(&(table.clone(), name.to_owned()))
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
                Claim::Column(column) if column.present => {
                    self.columns.insert((self.name(&column.of), column.label.clone()));
                    self.texts.extend(column.generated.clone());
                }
                Claim::Key(key) if key.present => {
                    self.keys.insert((self.name(&key.of), key.key.clone()));
                }
                Claim::Exclude(exclude) => {
                    self.texts.extend(exclude.on.iter().chain(&exclude.filter).cloned());
                }
                Claim::Policy(policy) => {
                    self.texts.extend(policy.using.iter().chain(&policy.check).cloned());
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
                Claim::View(view) => {
                    if view.rebuild {
                        let schema = view.view.schema.clone().unwrap_or_else(|| self.schema.clone());
                        self.rebuilt.insert(QualifiedName { schema, name: view.view.label.clone() });
                    }
                    self.texts.extend(view.query.iter().map(|query| query.text.clone()));
                }
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
