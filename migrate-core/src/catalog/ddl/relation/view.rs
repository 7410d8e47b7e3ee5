use super::table::{with, word};
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::table::{Relation, Table};

impl DdlScript<'_> {
    pub(in crate::catalog) fn view(&self, table: &Table) -> String {
        let (query, filled) = match &table.relation {
            Relation::View { query } => (query.as_str(), ""),
            Relation::Materialized { query, populated: true } => (query.as_str(), ""),
            Relation::Materialized { query, populated: false } => (query.as_str(), "\nWITH NO DATA"),
            Relation::Table { .. } | Relation::Foreign { .. } => ("", ""),
        };
        let query = query.trim_end().trim_end_matches(';');
        format!("CREATE {} {}{} AS\n{query}{filled}", word(table), table.name.quoted(), with(&table.options))
    }
}
