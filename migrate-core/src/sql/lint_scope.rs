use squawk_parser::SyntaxKind as K;

/// Whether the lint looks into statements of this kind.
///
/// Rows may be many: they are read only if they may name a label that was added above them.
pub(crate) fn is_linted(kind: K, labels: bool) -> bool {
    const ROWS: [K; 6] = [K::INSERT, K::MERGE, K::SELECT, K::COMPOUND_SELECT, K::VALUES, K::CREATE_VIEW];
    const READ: [K; 30] = [
        K::ALTER_TABLE,
        K::ALTER_DOMAIN,
        K::ALTER_INDEX,
        K::ALTER_MATERIALIZED_VIEW,
        K::ALTER_SCHEMA,
        K::ALTER_TYPE,
        K::CREATE_DOMAIN,
        K::CREATE_INDEX,
        K::CREATE_MATERIALIZED_VIEW,
        K::CREATE_SCHEMA,
        K::CREATE_TABLE,
        K::CREATE_TABLE_AS,
        K::CREATE_TRIGGER,
        K::CREATE_TYPE,
        K::CLUSTER,
        K::DELETE,
        K::DROP_DOMAIN,
        K::DROP_INDEX,
        K::DROP_MATERIALIZED_VIEW,
        K::DROP_SCHEMA,
        K::DROP_TABLE,
        K::DROP_TYPE,
        K::LOCK,
        K::REFRESH,
        K::REINDEX,
        K::REPACK,
        K::SELECT_INTO,
        K::TRUNCATE,
        K::UPDATE,
        K::VACUUM,
    ];
    READ.contains(&kind) || labels && ROWS.contains(&kind)
}
