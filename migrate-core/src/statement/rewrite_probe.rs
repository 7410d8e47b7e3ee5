use crate::text::quote;

/// Statements that find out whether other types for columns rewrite their table: the server gives them to a table
/// of the same columns and indexes that holds no rows. All is to be rolled back.
///
/// A table stays as it is if the old type is stored in the new one's form (manual, ALTER TABLE, Notes), which depends on both
/// types, their lengths, the expression behind USING, and for moments on the time zone: the server alone knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewriteProbe {
    /// What comes before the question, in order.
    pub setup: Vec<String>,
    /// The query: `true` if the table or one of its indexes is rewritten.
    pub query: String,
}

impl RewriteProbe {
    /// A probe of clauses of an ALTER TABLE after others, which don't count: `ALTER n TYPE bigint`. The table is named as in
    /// SQL, and once more without its schema.
    pub fn new(table: &str, name: &str, earlier: &[String], clauses: &[String]) -> RewriteProbe {
        let copy = format!("pg_temp.{name}");
        let files = files(&copy);
        let alter = |clause: &String| format!("ALTER TABLE {copy} {clause}");
        // It has the table's name, which an expression may say.
        let created = format!("CREATE TEMPORARY TABLE {name} (LIKE {table} INCLUDING INDEXES)");
        let kept = format!("CREATE TEMPORARY TABLE {FILES} AS {files}");
        let setup = [created].into_iter().chain(earlier.iter().map(alter)).chain([kept]);
        RewriteProbe {
            setup: setup.chain(clauses.iter().map(alter)).collect(),
            query: format!(
                "SELECT (EXISTS (SELECT file FROM pg_temp.{FILES} EXCEPT {files}))::pg_catalog.text"
            ),
        }
    }
}

/// The files that there were before.
const FILES: &str = "migrate_files";

/// The files of a table and of its indexes.
fn files(table: &str) -> String {
    let table = format!("{}::pg_catalog.regclass", quote::literal(table));
    format!(
        "SELECT pg_catalog.pg_relation_filenode(c.oid) AS file FROM pg_catalog.pg_class AS c \
         WHERE c.oid OPERATOR(pg_catalog.=) {table} OR c.oid OPERATOR(pg_catalog.=) ANY \
         (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) {table})"
    )
}
