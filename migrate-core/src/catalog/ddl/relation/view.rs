use std::collections::BTreeSet;

use super::table::{with, word};
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

impl DdlScript<'_> {
    pub(in crate::catalog) fn view(&self, table: &Table) -> String {
        let (query, filled) = match &table.relation {
            Relation::View { query } => (query.as_str(), ""),
            Relation::Materialized { query, populated: true } => (query.as_str(), ""),
            Relation::Materialized { query, populated: false } => (query.as_str(), "\nWITH NO DATA"),
            Relation::Table { .. } | Relation::Foreign { .. } => ("", ""),
        };
        let query = query.trim_end().trim_end_matches(';');
        let method = table.access_method.as_ref();
        let method = method.map(|method| format!("\nUSING {}", quote::identifier(method)));
        let space = table.tablespace.as_ref();
        let space = space.map(|space| format!("\nTABLESPACE {}", quote::identifier(space)));
        format!(
            "CREATE {} {}{}{}{} AS\n{query}{filled}",
            word(table),
            table.name.quoted(),
            method.unwrap_or_default(),
            with(&table.options),
            space.unwrap_or_default()
        )
    }

    /// Whether it can be filled: it needs no materialized view that is not.
    pub(in crate::catalog) fn is_filled(&self, oid: Oid) -> bool {
        let (mut left, mut seen) = (vec![oid], BTreeSet::new());
        while let Some(oid) = left.pop() {
            let relation = self.catalog.tables.get(&oid).map(|table| &table.relation);
            if matches!(relation, Some(Relation::Materialized { populated: false, .. })) {
                return false;
            }
            if seen.insert(oid) {
                let needs = self.catalog.uses.get(&ObjectPart::Table(oid)).into_iter().flatten();
                left.extend(needs.filter_map(ObjectPart::table));
            }
        }
        true
    }
}
