use embed_migrate_core::{Result, quote};

use crate::connection::rows::rows;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::topology::locked_node::LockedNode;

/// What decides which value an expression or a literal has, or which object a name means, beside what the server is.
/// A role or a database may have them.
const SETTINGS: [&str; 17] = [
    "TimeZone",
    "timezone_abbreviations",
    "DateStyle",
    "IntervalStyle",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "extra_float_digits",
    "bytea_output",
    "xmlbinary",
    "xmloption",
    "array_nulls",
    "transform_null_equals",
    "backslash_quote",
    "default_text_search_config",
    "quote_all_identifiers",
    "search_path",
];

/// How values are printed where nodes' are compared.
pub(in crate::topology::logical) const PRINTED: &str = "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL TimeZone = 'UTC'; \
    SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; \
    SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'; SET LOCAL quote_all_identifiers = off; ";

impl LockedNode<'_> {
    /// What has another server evaluate expressions as this one does, for as long as a transaction. Its search path is
    /// left out if the patches have their own.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(in crate::topology::logical) async fn evaluation(&self, own_path: bool) -> Result<String> {
        let names = SETTINGS.iter().filter(|name| !own_path || **name != "search_path");
        let asked: Vec<_> = names
            .clone()
            .map(|name| format!("pg_catalog.current_setting({}, true)", quote::literal(name)))
            .collect();
        let sql = format!("SELECT {}", asked.join(", "));
        let answer = with_timeout(self.run.context.options, self.session.simple_query(&sql)).await;
        let answer = answer.map_err(|error| self.on(failure::own("looking at the settings", error)))?;
        let Some(row) = rows(&answer).next() else { return Ok(String::new()) };
        let set = names.enumerate().filter_map(|(column, name)| {
            let (name, value) = (quote::literal(name), quote::literal(row.get(column)?));
            Some(format!("pg_catalog.set_config({name}, {value}, true)"))
        });
        Ok(format!("SELECT {};\n", set.collect::<Vec<_>>().join(", ")))
    }
}
