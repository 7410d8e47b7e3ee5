use squawk_parser::SyntaxKind as K;

use super::script::ParsedStatement;
use super::tree::Node;

/// What PostgreSQL refuses in a transaction block (25001), as far as the text alone shows: whether a table
/// is partitioned decides in places, and only the server knows.
pub(crate) fn refuses_transaction(statement: &ParsedStatement) -> Option<&'static str> {
    let kind = statement.kind;
    let concurrently = statement.has_word(K::CONCURRENTLY_KW);
    let name = if kind == K::CREATE_INDEX && concurrently {
        "CREATE INDEX CONCURRENTLY"
    } else if kind == K::DROP_INDEX && concurrently {
        "DROP INDEX CONCURRENTLY"
    } else if kind == K::REINDEX {
        return reindex(statement);
    } else if kind == K::ALTER_TABLE && statement.has(K::DETACH_CONCURRENTLY) {
        "ALTER TABLE … DETACH PARTITION … CONCURRENTLY"
    } else if kind == K::VACUUM {
        "VACUUM"
    } else if kind == K::CLUSTER && !statement.has(K::TABLE_NAME_REF) && !statement.has(K::CLUSTER_LEGACY) {
        "CLUSTER"
    } else if kind == K::REPACK {
        return repack(statement);
    } else if kind == K::ALTER_DATABASE && statement.has(K::SET_TABLESPACE) {
        "ALTER DATABASE … SET TABLESPACE"
    } else if kind == K::ALTER_SUBSCRIPTION && statement.has(K::REFRESH_PUBLICATION) {
        "ALTER SUBSCRIPTION … REFRESH PUBLICATION"
    } else {
        return NEVER.iter().find(|(never, _)| *never == kind).map(|(_, name)| *name);
    };
    Some(name)
}

const NEVER: [(K, &str); 7] = [
    (K::CREATE_DATABASE, "CREATE DATABASE"),
    (K::DROP_DATABASE, "DROP DATABASE"),
    (K::CREATE_TABLESPACE, "CREATE TABLESPACE"),
    (K::DROP_TABLESPACE, "DROP TABLESPACE"),
    (K::ALTER_SYSTEM, "ALTER SYSTEM"),
    (K::COMMIT_PREPARED, "COMMIT PREPARED"),
    (K::ROLLBACK_PREPARED, "ROLLBACK PREPARED"),
];

fn reindex(statement: &ParsedStatement) -> Option<&'static str> {
    let option = statement.has(K::REINDEX_OPTION_CONCURRENTLY) || statement.has(K::CONCURRENTLY_KW);
    let many = [K::REINDEX_TARGET_SCHEMA, K::REINDEX_TARGET_DATABASE, K::REINDEX_TARGET_SYSTEM];
    match (option, many.iter().any(|target| statement.has(*target))) {
        (true, _) => Some("REINDEX CONCURRENTLY"),
        (false, true) => Some("REINDEX of a schema or database"),
        (false, false) => None,
    }
}

/// `REPACK` of PostgreSQL 19 that does not block others, or of all tables in turn.
fn repack(statement: &ParsedStatement) -> Option<&'static str> {
    // Kinds of words are enough for it.
    let concurrently = statement.tree.root("").is_some_and(repacks_concurrently);
    match (concurrently, statement.has(K::TABLE_RELATION_NAME)) {
        (true, _) => Some("REPACK (CONCURRENTLY)"),
        (false, false) => Some("REPACK"),
        (false, true) => None,
    }
}

/// Whether it is `REPACK (CONCURRENTLY)`, which PostgreSQL 19 has.
pub(crate) fn repacks_concurrently(repack: Node<'_>) -> bool {
    let mut options =
        repack.all().filter(|node| node.kind() == K::OPTION_ITEM && node.has(K::CONCURRENTLY_KW));
    options.any(|option| !option.has(K::OFF_KW) && !option.has(K::FALSE_KW))
}
