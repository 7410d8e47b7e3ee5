use crate::error::Error;
use crate::facts::kinds::{Claim, Fact};

/// Parts of facts that were read although their form is unusual, each with its place.
///
/// ```
/// use embed_migrate_core::facts;
///
/// let facts = facts::parse("a text", "{data: \"code,title\\n1,\\\"a\\\" b\\n\", of: study}")?;
/// assert_eq!(facts::warnings(&facts)[0].message(), "text after a quoted cell was read as part of the cell");
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
pub fn warnings(facts: &[Fact]) -> Vec<Error> {
    let of = |fact: &Fact| match &fact.claim {
        Claim::Table(table) => warnings(&table.with),
        Claim::Include(include) => warnings(include.facts.as_deref().unwrap_or_default()),
        Claim::Data(data) => data.rows.warnings(),
        _ => Vec::new(),
    };
    facts.iter().flat_map(of).collect()
}
