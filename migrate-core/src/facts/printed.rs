use super::within::Within;
use super::{TableName, Value};

/// The clauses of a fact as they are printed.
pub(super) struct Printed(pub(super) Vec<(String, Value)>);

impl Printed {
    pub(super) fn new(kind: &str, value: impl Into<Value>) -> Printed {
        Printed(vec![(kind.to_owned(), value.into())])
    }

    /// Adds a clause.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Printed {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a clause that says something.
    pub(super) fn some(self, name: &str, value: Option<impl Into<Value>>) -> Printed {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a clause where it differs from what its absence says.
    pub(super) fn unless(self, name: &str, value: bool, otherwise: bool) -> Printed {
        match value == otherwise {
            true => self,
            false => self.with(name, Value::Bool(value)),
        }
    }

    /// Adds a list where it isn't empty.
    pub(super) fn list(self, name: &str, texts: &[String]) -> Printed {
        match texts {
            [] => self,
            [text] => self.with(name, text.as_str()),
            texts => self.with(name, Value::List(texts.iter().map(|text| text.as_str().into()).collect())),
        }
    }

    /// Adds the table, where the fact doesn't stand in its `with`.
    pub(super) fn of(self, table: &TableName, within: Option<&Within>) -> Printed {
        match within.is_some_and(|within| within.table == *table) {
            true => self,
            false => self.with("of", table.to_string().as_str()),
        }
    }
}
