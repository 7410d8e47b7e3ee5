use super::label::TableName;
use super::table_context::TableContext;
use crate::facts::values::Value;

/// The clauses of a fact as they are printed.
pub(crate) struct PrintedClauses(pub(crate) Vec<(String, Value)>);

impl PrintedClauses {
    pub(crate) fn new(kind: &str, value: impl Into<Value>) -> PrintedClauses {
        PrintedClauses(vec![(kind.to_owned(), value.into())])
    }

    /// Adds a clause.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> PrintedClauses {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a clause, if there is a value.
    pub(crate) fn some(self, name: &str, value: Option<impl Into<Value>>) -> PrintedClauses {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a clause if it differs from its default.
    pub(crate) fn unless(self, name: &str, value: bool, otherwise: bool) -> PrintedClauses {
        match value == otherwise {
            true => self,
            false => self.with(name, Value::Bool(value)),
        }
    }

    /// Adds a list if it isn't empty.
    pub(crate) fn list(self, name: &str, texts: &[String]) -> PrintedClauses {
        match texts {
            [] => self,
            [text] => self.with(name, text.as_str()),
            texts => self.with(name, Value::List(texts.iter().map(|text| text.as_str().into()).collect())),
        }
    }

    /// Adds the table, unless the fact is inside its `with`.
    pub(crate) fn of(self, table: &TableName, within: Option<&TableContext>) -> PrintedClauses {
        match within.is_some_and(|within| within.table == *table) {
            true => self,
            false => self.with("of", table.to_string().as_str()),
        }
    }
}
