use super::given_rows::{equal, relation, typed};
use super::statement::{ArrayParameter, RowStatement};
use super::wire::WireType;
use crate::rows::columns::TableIdentity;
use crate::rows::row_batch::RowBatch;
use crate::text::quote::identifier;

/// Selects the value that a link column must hold to point to the rows of these keys: `n`, and the value as text.
pub fn resolve<'a>(batch: &'a RowBatch<'a>, column: usize, numbers: &'a [u32]) -> Option<RowStatement<'a>> {
    let column = batch.columns.get(column)?;
    let keys = &column.links()?.keys;
    let mut joins = Joins::default();
    let first = joins.table(&keys.target);
    let parameters = keys.leaves.iter().zip(keys.target.leaves()).map(|(cells, kind)| {
        let text = |index: usize| cells.get(*numbers.get(index)?).text();
        ArrayParameter::new(WireType::of(&kind.kind), numbers.len(), text)
    });
    let parameters: Vec<ArrayParameter<'a>> = parameters.collect();
    let key = identifier(&keys.key);
    let (k, from) = (relation(&parameters), joins.sql);
    let sql = format!("SELECT k.n, {first}.{key}::pg_catalog.text\nFROM {k}{from}");
    Some(RowStatement { sql, parameters })
}

/// The tables that an identity refers to through links.
#[derive(Default)]
struct Joins {
    sql: String,
    tables: usize,
    leaves: usize,
}

impl Joins {
    /// Joins a table by its identity, after the tables that its links point to; returns its name in the statement.
    fn table(&mut self, target: &TableIdentity) -> String {
        let mut conditions = Vec::new();
        let own = format!("t{}", self.tables);
        self.tables += 1;
        for member in &target.members {
            let column = format!("{own}.{}", identifier(&member.column));
            conditions.push(match &member.link {
                Some((below, key)) => {
                    let below = self.table(below);
                    equal(&column, &format!("{below}.{}", identifier(key)), &member.kind)
                }
                None => {
                    let text = format!("k.c{}", self.leaves);
                    self.leaves += 1;
                    equal(&column, &typed(&text, &member.kind), &member.kind)
                }
            });
        }
        let (table, conditions) = (target.name.quoted(), conditions.join(" AND "));
        self.sql += &format!("\nJOIN {table} AS {own} ON {conditions}");
        own
    }
}
