/// A message of ours within the caller's transaction, without the caller's limit for a statement, which is put back: what a
/// role or a database allows its statements is no limit for ours. It adds no row to the answer.
pub(crate) fn unlimited(sql: &str) -> String {
    format!(
        "SELECT WHERE {};\nSET LOCAL statement_timeout = 0;\n{sql};\nSELECT WHERE {}",
        set("migrate.caller_statement_timeout", "statement_timeout"),
        set("statement_timeout", "migrate.caller_statement_timeout"),
    )
}

/// Sets one setting to the value of another; an expression that is never true.
fn set(name: &str, from: &str) -> String {
    format!("pg_catalog.set_config('{name}', pg_catalog.current_setting('{from}'), true) IS NULL")
}
