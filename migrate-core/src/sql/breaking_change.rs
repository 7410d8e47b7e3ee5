use squawk_parser::SyntaxKind as K;

use super::script::ParsedStatement;

/// Where a statement drops, renames or retypes what an older binary may use.
pub(crate) fn takes_away(statement: &ParsedStatement) -> Option<(usize, &'static str)> {
    const DROPS: [K; 15] = [
        K::DROP_TABLE,
        K::DROP_VIEW,
        K::DROP_MATERIALIZED_VIEW,
        K::DROP_FOREIGN_TABLE,
        K::DROP_FUNCTION,
        K::DROP_PROCEDURE,
        K::DROP_ROUTINE,
        K::DROP_AGGREGATE,
        K::DROP_SCHEMA,
        K::DROP_SEQUENCE,
        K::DROP_TYPE,
        K::DROP_DOMAIN,
        K::DROP_EXTENSION,
        K::DROP_OPERATOR,
        K::DROP_OWNED,
    ];
    if DROPS.contains(&statement.kind) {
        return Some((statement.range.start, "drops"));
    }
    let harmless = [K::ALTER_INDEX, K::ALTER_TRIGGER, K::ALTER_POLICY, K::ALTER_RULE];
    let inner: [(K, &str); 5] = [
        (K::DROP_COLUMN, "drops"),
        (K::DROP_ATTRIBUTE, "drops"),
        (K::SET_SCHEMA, "renames"),
        (K::SET_TYPE, "retypes"),
        (K::ALTER_ATTRIBUTE, "retypes"),
    ];
    if harmless.contains(&statement.kind) || statement.has(K::RENAME_CONSTRAINT) {
        return None;
    }
    let renames = || renamed(statement).map(|offset| (offset, "renames"));
    inner.iter().find_map(|(kind, verb)| statement.find(*kind).map(|offset| (offset, *verb))).or_else(renames)
}

/// Where something gets another name. The word alone says nothing: it may be the name of a column.
fn renamed(statement: &ParsedStatement) -> Option<usize> {
    const RENAMES: [K; 32] = [
        K::RENAME_ATTRIBUTE,
        K::RENAME_COLUMN,
        K::RENAME_VALUE,
        K::AGGREGATE_RENAME_TO,
        K::COLLATION_RENAME_TO,
        K::CONVERSION_RENAME_TO,
        K::DATABASE_RENAME_TO,
        K::DOMAIN_RENAME_TO,
        K::EVENT_TRIGGER_RENAME_TO,
        K::FOREIGN_DATA_WRAPPER_RENAME_TO,
        K::FUNCTION_RENAME_TO,
        K::LANGUAGE_RENAME_TO,
        K::OP_CLASS_RENAME_TO,
        K::OP_FAMILY_RENAME_TO,
        K::PROCEDURE_RENAME_TO,
        K::PROPERTY_GRAPH_RENAME_TO,
        K::PUBLICATION_RENAME_TO,
        K::ROLE_RENAME_TO,
        K::ROUTINE_RENAME_TO,
        K::SCHEMA_RENAME_TO,
        K::SEQUENCE_RENAME_TO,
        K::SERVER_RENAME_TO,
        K::STATISTICS_RENAME_TO,
        K::SUBSCRIPTION_RENAME_TO,
        K::TABLESPACE_RENAME_TO,
        K::TABLE_RENAME_TO,
        K::TEXT_SEARCH_CONFIGURATION_RENAME_TO,
        K::TEXT_SEARCH_DICTIONARY_RENAME_TO,
        K::TEXT_SEARCH_PARSER_RENAME_TO,
        K::TEXT_SEARCH_TEMPLATE_RENAME_TO,
        K::TYPE_RENAME_TO,
        K::VIEW_RENAME_TO,
    ];
    statement.find(K::RENAME_KW)?;
    RENAMES.iter().find_map(|kind| statement.find(*kind))
}
