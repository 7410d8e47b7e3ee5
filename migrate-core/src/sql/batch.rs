use squawk_parser::SyntaxKind as K;

use super::script::ParsedStatement;

/// Why a statement can't run in batches, if it can't.
pub(crate) fn not_in_batches(statement: &ParsedStatement) -> Option<(usize, &'static str)> {
    const REFUSED: [(K, &str); 4] = [
        (K::RETURNING_CLAUSE, "it returns rows, which nobody would read"),
        (K::WHERE_CURRENT_OF, "its condition is a cursor"),
        (K::FOR_PORTION_OF, "it changes portions of rows"),
        (K::WITH_CLAUSE, "it begins with WITH, which would run once for each batch"),
    ];
    if ![K::UPDATE, K::DELETE].contains(&statement.kind) {
        return Some((statement.range.start, "it is neither an UPDATE nor a DELETE"));
    }
    REFUSED.iter().find_map(|(kind, why)| statement.child(*kind).map(|range| (range.start, *why)))
}
