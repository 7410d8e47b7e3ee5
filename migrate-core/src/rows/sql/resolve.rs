use crate::quote::identifier;
use crate::rows::batch::Batch;
use crate::rows::target::Target;

use super::given_rows::{equal, relation, typed};
use super::{Parameter, Statement, Wire, relation_name};

/// Asks for what a link column holds to point to the rows of these keys: `n` within them, and the text.
pub fn resolve<'a>(batch: &'a Batch<'a>, column: usize, numbers: &'a [u32]) -> Option<Statement<'a>> {
    let column = batch.columns.get(column)?;
    let keys = &column.links()?.keys;
    let mut joins = Joins::default();
    let first = joins.table(&keys.target);
    let parameters = keys.leaves.iter().zip(keys.target.leaves()).map(|(cells, kind)| {
        let text = |index: usize| cells.get(*numbers.get(index)?).text();
        Parameter::new(Wire::of(&kind.kind), numbers.len(), text)
    });
    let parameters: Vec<Parameter<'a>> = parameters.collect();
    let key = identifier(&keys.key);
    let (k, from) = (relation(&parameters), joins.sql);
    let sql = format!("SELECT k.n, {first}.{key}::pg_catalog.text\nFROM {k}{from}");
    Some(Statement { sql, parameters })
}

/// The tables that an identity leads through.
#[derive(Default)]
struct Joins {
    sql: String,
    tables: usize,
    leaves: usize,
}

impl Joins {
    /// Joins a table on its identity, those before it that its links point to; its name in the statement.
    fn table(&mut self, target: &Target) -> String {
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
        let (table, conditions) = (relation_name(&target.name), conditions.join(" AND "));
        self.sql += &format!("\nJOIN {table} AS {own} ON {conditions}");
        own
    }
}
