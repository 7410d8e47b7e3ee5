use crate::quote::identifier;
use crate::rows::batch::Batch;
use crate::rows::cells::Cell;
use crate::rows::column::Column;
use crate::rows::kind::{ColumnType, Equal};

use super::{Parameter, Statement, Wire};

/// Some rows of a batch as a statement sees them: the relation `k`, whose columns are arrays.
///
/// `k` has a column `c0`, `c1` … for each column that is asked for, and `n`, which counts from 0.
pub(crate) struct GivenRows<'a> {
    batch: &'a Batch<'a>,
    rows: &'a [u32],
    parameters: Vec<Parameter<'a>>,
    asked: Vec<(Part, String)>,
}

/// What of a column is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Value(usize),
    /// Whether the row gives one.
    Given(usize),
}

/// Which rows give a column and which give NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mix {
    pub(crate) absent: bool,
    pub(crate) null: bool,
    pub(crate) some: bool,
}

impl<'a> GivenRows<'a> {
    pub(crate) fn new(batch: &'a Batch<'a>, rows: &'a [u32]) -> GivenRows<'a> {
        GivenRows { batch, rows, parameters: Vec::new(), asked: Vec::new() }
    }

    pub(crate) fn mix(&self, column: &Column) -> Mix {
        let mut mix = Mix { absent: false, null: false, some: false };
        for row in self.rows {
            match column.cell(*row) {
                Cell::Absent => mix.absent = true,
                Cell::Null => mix.null = true,
                Cell::Text(_) => mix.some = true,
            }
        }
        mix
    }

    /// A column's value as it travels.
    pub(crate) fn text(&mut self, at: usize) -> String {
        self.ask(Part::Value(at))
    }

    /// A column's value in its type.
    pub(crate) fn value(&mut self, at: usize) -> String {
        let text = self.text(at);
        self.batch.columns.get(at).map(|column| typed(&text, &column.kind)).unwrap_or(text)
    }

    /// Whether a row gives a column.
    pub(crate) fn given(&mut self, at: usize) -> String {
        self.ask(Part::Given(at)) + " IS NOT NULL"
    }

    fn ask(&mut self, part: Part) -> String {
        if let Some((_, name)) = self.asked.iter().find(|(asked, _)| *asked == part) {
            return name.clone();
        }
        let name = format!("k.c{}", self.asked.len());
        self.asked.push((part, name.clone()));
        let (batch, rows) = (self.batch, self.rows);
        let wire = match part {
            Part::Value(at) => batch.columns.get(at).map_or(Wire::Text, |column| Wire::of(&column.kind.kind)),
            Part::Given(_) => Wire::Text,
        };
        self.parameters.push(Parameter::new(wire, rows.len(), move |index| {
            let row = *rows.get(index)?;
            match part {
                Part::Value(at) => batch.columns.get(at)?.cell(row).text(),
                Part::Given(at) => (batch.columns.get(at)?.cell(row) != Cell::Absent).then_some(""),
            }
        }));
        name
    }

    /// `t.code = k.c0 AND …`: the row of the table that has the identity.
    pub(crate) fn identity(&mut self) -> String {
        let equal = self.batch.identity.clone().into_iter().map(|at| {
            let value = self.value(at);
            match self.batch.columns.get(at) {
                Some(column) => equal(&format!("t.{}", identifier(&column.name)), &value, &column.kind),
                None => "false".to_owned(),
            }
        });
        equal.collect::<Vec<_>>().join(" AND ")
    }

    /// The statement: `k` between what stands before it and after it.
    pub(crate) fn statement(self, before: &str, after: &str) -> Statement<'a> {
        let k = relation(&self.parameters);
        Statement { sql: format!("{before}\n{k}\n{after}"), parameters: self.parameters }
    }
}

/// `k`, of these parameters.
pub(crate) fn relation(parameters: &[Parameter<'_>]) -> String {
    let columns = parameters.iter().enumerate().map(|(at, parameter)| {
        format!("pg_catalog.unnest(${}::{}) AS c{at}", at + 1, parameter.wire.array())
    });
    let columns: Vec<String> = columns.collect();
    let first = parameters.first().map_or("pg_catalog.text[]", |parameter| parameter.wire.array());
    let last = format!("pg_catalog.cardinality($1::{first}) OPERATOR(pg_catalog.-) 1");
    format!("(SELECT {}, pg_catalog.generate_series(0, {last}) AS n) AS k", columns.join(", "))
}

/// What travelled, as a value of its type.
pub(crate) fn typed(text: &str, kind: &ColumnType) -> String {
    match kind.cast.as_str() {
        _ if Wire::of(&kind.kind) != Wire::Text => text.to_owned(),
        "pg_catalog.text" => text.to_owned(),
        cast => format!("{text}::{cast}"),
    }
}

/// Whether two values are one to the type, and to the index on it.
pub(crate) fn equal(one: &str, other: &str, kind: &ColumnType) -> String {
    format!("{one} OPERATOR({}.=) {other}", identifier(&kind.operators))
}

/// Whether two values are the same to the last byte, where the type makes such a difference.
pub(crate) fn same(stored: &str, text: &str, kind: &ColumnType) -> String {
    const BYTES: &str = "COLLATE pg_catalog.\"C\"";
    match kind.equal {
        Equal::Native => equal(stored, &typed(text, kind), kind),
        Equal::Jsonb => {
            format!("{stored}::pg_catalog.jsonb OPERATOR(pg_catalog.=) {text}::pg_catalog.jsonb")
        }
        Equal::Bytes => {
            let text = if kind.is_text() {
                text.to_owned()
            } else {
                format!("({})::pg_catalog.text", typed(text, kind))
            };
            format!("{stored}::pg_catalog.text {BYTES} OPERATOR(pg_catalog.=) {text} {BYTES}")
        }
    }
}
