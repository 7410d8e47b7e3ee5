use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, label, nulls};
use crate::facts::values::Value;

/// An index exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFact {
    /// Its name, as it is.
    pub index: String,
    /// Its table or materialized view.
    pub of: TableName,
    /// Labels of columns and links, or expressions, each with an optional operator class or order: `title
    /// text_pattern_ops`, `code DESC`.
    pub on: Vec<String>,
    /// The access method; btree if the fact names none.
    pub using: Option<String>,
    /// The rows that it covers.
    pub filter: Option<String>,
    /// Whether its keys are unique.
    pub unique: bool,
    /// Whether two NULLs are equal, if it is unique: NULLS NOT DISTINCT.
    pub nulls_equal: bool,
    /// Columns that it stores in addition to its keys.
    pub include: Vec<String>,
    /// Storage parameters, as names and values.
    pub with: Vec<(String, String)>,
    /// Former names.
    pub was: Vec<String>,
    /// Whether it should exist.
    pub present: bool,
}

impl IndexFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<IndexFact> {
        let present = clauses.present(&[]);
        let index = clauses.value("index", label::name);
        let of = clauses.of(None);
        let on = clauses.needed("on", |node| label::each(node, label::expression));
        let using = clauses.value("using", label::name);
        let filter = clauses.value("where", label::expression);
        let unique = clauses.truth("unique", false);
        let nulls_equal = clauses.value("nulls", nulls).unwrap_or_default();
        if nulls_equal && !unique {
            clauses.problem_at(
                "nulls",
                "`nulls` belongs to `unique: true`",
                "add `unique: true`, or remove it",
            );
        }
        let include = clauses.labels("include");
        let with = clauses.value("with", parameters).unwrap_or_default();
        let was = clauses.value("was", |node| label::each(node, label::name)).unwrap_or_default();
        if present && on.as_ref().is_some_and(Vec::is_empty) {
            clauses.problem_at("on", "an index needs columns or expressions", "name them: `on: [title]`");
        }
        clauses.finish();
        let on = on.unwrap_or_default();
        let (index, of) = (index?, of?);
        Some(IndexFact { index, of, on, using, filter, unique, nulls_equal, include, with, was, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let with: Vec<(String, Value)> =
            self.with.iter().map(|(name, value)| (name.clone(), value.into())).collect();
        PrintedClauses::new("index", &self.index)
            .of(&self.of, within)
            .list("on", &self.on)
            .some("using", self.using.as_ref())
            .some("where", self.filter.as_ref())
            .unless("unique", self.unique, false)
            .some("nulls", self.nulls_equal.then_some("not distinct"))
            .list("include", &self.include)
            .some("with", (!with.is_empty()).then_some(Value::Map(with)))
            .list("was", &self.was)
            .unless("present", self.present, true)
    }
}

fn parameters(node: &DocumentNode) -> Result<Vec<(String, String)>, Error> {
    let entries = node.map()?.iter();
    entries
        .map(|entry| {
            let value = match entry.value.truth() {
                Ok(truth) => truth.to_string(),
                Err(_) => entry.value.text()?.to_owned(),
            };
            Ok((entry.key.to_string(), value))
        })
        .collect()
}
