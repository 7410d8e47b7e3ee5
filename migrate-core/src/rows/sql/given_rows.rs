use super::statement::{ArrayParameter, RowStatement};
use super::wire::WireType;
use crate::rows::columns::{ColumnCell, DataColumn};
use crate::rows::row_batch::RowBatch;
use crate::rows::values::{ColumnType, Equality};
use crate::text::quote::identifier;

/// Some rows of a batch as a statement sees them: the relation `k`, whose columns come from arrays.
///
/// `k` has a column `c0`, `c1` … for each requested column, and `n`, which counts from 0.
pub(crate) struct GivenRows<'a> {
    batch: &'a RowBatch<'a>,
    rows: &'a [u32],
    parameters: Vec<ArrayParameter<'a>>,
    asked: Vec<(ColumnQuery, String)>,
}

/// What a statement requests of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnQuery {
    Value(usize),
    /// Whether the row gives one.
    Given(usize),
}

/// Whether some rows leave out a column, give NULL, or give a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CellMix {
    pub(crate) absent: bool,
    pub(crate) null: bool,
    pub(crate) some: bool,
}

impl<'a> GivenRows<'a> {
    pub(crate) fn new(batch: &'a RowBatch<'a>, rows: &'a [u32]) -> GivenRows<'a> {
        GivenRows { batch, rows, parameters: Vec::new(), asked: Vec::new() }
    }

    pub(crate) fn mix(&self, column: &DataColumn) -> CellMix {
        let mut mix = CellMix { absent: false, null: false, some: false };
        for row in self.rows {
            match column.cell(*row) {
                ColumnCell::Absent => mix.absent = true,
                ColumnCell::Null => mix.null = true,
                ColumnCell::Text(_) => mix.some = true,
            }
        }
        mix
    }

    /// A column's value in the type in which it is sent.
    pub(crate) fn text(&mut self, at: usize) -> String {
        self.ask(ColumnQuery::Value(at))
    }

    /// A column's value in its type.
    pub(crate) fn value(&mut self, at: usize) -> String {
        let text = self.text(at);
        self.batch.columns.get(at).map(|column| typed(&text, &column.kind)).unwrap_or(text)
    }

    /// Whether a row gives a column.
    pub(crate) fn given(&mut self, at: usize) -> String {
        self.ask(ColumnQuery::Given(at)) + " IS NOT NULL"
    }

    fn ask(&mut self, part: ColumnQuery) -> String {
        if let Some((_, name)) = self.asked.iter().find(|(asked, _)| *asked == part) {
            return name.clone();
        }
        let name = format!("k.c{}", self.asked.len());
        self.asked.push((part, name.clone()));
        let (batch, rows) = (self.batch, self.rows);
        let wire = match part {
            ColumnQuery::Value(at) => {
                batch.columns.get(at).map_or(WireType::Text, |column| WireType::of(&column.kind.kind))
            }
            ColumnQuery::Given(_) => WireType::Text,
        };
        self.parameters.push(ArrayParameter::new(wire, rows.len(), move |index| {
            let row = *rows.get(index)?;
            match part {
                ColumnQuery::Value(at) => batch.columns.get(at)?.cell(row).text(),
                ColumnQuery::Given(at) => {
                    (batch.columns.get(at)?.cell(row) != ColumnCell::Absent).then_some("")
                }
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

    /// The statement: `k` between the texts before and after it.
    pub(crate) fn statement(self, before: &str, after: &str) -> RowStatement<'a> {
        let k = relation(&self.parameters);
        RowStatement { sql: format!("{before}\n{k}\n{after}"), parameters: self.parameters }
    }
}

/// `k`, of these parameters.
pub(crate) fn relation(parameters: &[ArrayParameter<'_>]) -> String {
    let columns = parameters.iter().enumerate().map(|(at, parameter)| {
        format!("pg_catalog.unnest(${}::{}) AS c{at}", at + 1, parameter.wire.array())
    });
    let columns: Vec<String> = columns.collect();
    let first = parameters.first().map_or("pg_catalog.text[]", |parameter| parameter.wire.array());
    let last = format!("pg_catalog.cardinality($1::{first}) OPERATOR(pg_catalog.-) 1");
    format!("(SELECT {}, pg_catalog.generate_series(0, {last}) AS n) AS k", columns.join(", "))
}

/// The sent value, converted to the column's type.
pub(crate) fn typed(text: &str, kind: &ColumnType) -> String {
    match kind.cast.as_str() {
        _ if WireType::of(&kind.kind) != WireType::Text => text.to_owned(),
        "pg_catalog.text" => text.to_owned(),
        cast => format!("{text}::{cast}"),
    }
}

/// Whether two values are equal by the type's `=`, which an index uses too.
pub(crate) fn equal(one: &str, other: &str, kind: &ColumnType) -> String {
    format!("{one} OPERATOR({}.=) {other}", identifier(&kind.operators))
}

/// Whether two values are identical, byte by byte if the type distinguishes more than its `=`.
pub(crate) fn same(stored: &str, text: &str, kind: &ColumnType) -> String {
    const BYTES: &str = "COLLATE pg_catalog.\"C\"";
    match kind.equal {
        Equality::Native => equal(stored, &typed(text, kind), kind),
        Equality::Jsonb => {
            format!("{stored}::pg_catalog.jsonb OPERATOR(pg_catalog.=) {text}::pg_catalog.jsonb")
        }
        Equality::Bytes => {
            let text = if kind.is_text() {
                text.to_owned()
            } else {
                format!("({})::pg_catalog.text", typed(text, kind))
            };
            format!("{stored}::pg_catalog.text {BYTES} OPERATOR(pg_catalog.=) {text} {BYTES}")
        }
    }
}
