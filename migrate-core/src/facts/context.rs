use crate::facts::kinds::{Claim, Fact};

/// The context of a failure, from the fact outward; `doing` is a word such as `deploying`.
///
/// `path` goes from the outermost fact to the innermost: the include, its table, the table's column.
///
/// ```
/// use embed_migrate_core::facts;
///
/// let facts = facts::parse("deploy.yaml", "- column: study.code\n  type: text")?;
/// assert_eq!(facts::context("deploying", &[&facts[0]]), [
///     "while deploying the column fact `study.code` at deploy.yaml:1:3",
/// ]);
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
pub fn context(doing: &str, path: &[&Fact]) -> Vec<String> {
    let line = |fact: &&Fact| {
        let place = &fact.place;
        let at = match place.line {
            0 => place.file.clone(),
            line => format!("{}:{line}:{}", place.file, place.column),
        };
        let name = name(&fact.claim).map(|name| format!(" `{name}`")).unwrap_or_default();
        format!("while {doing} the {} fact{name} at {at}", fact.claim.kind())
    };
    path.iter().rev().map(line).collect()
}

/// The name of a fact's object.
fn name(claim: &Claim) -> Option<String> {
    match claim {
        Claim::Table(table) => Some(table.table.to_string()),
        Claim::Column(column) => Some(format!("{}.{}", column.of, column.label)),
        Claim::Link(link) => Some(format!("{}.{}", link.of, link.label)),
        Claim::Identity(identity) => Some(identity.of.to_string()),
        Claim::Data(data) => Some(data.of.to_string()),
        Claim::Alias(alias) => Some(format!("{}.{}", alias.of, alias.label)),
        Claim::Include(include) => Some(include.path.clone()),
        Claim::Schema(schema) => Some(schema.schema.clone()),
        Claim::Extension(extension) => Some(extension.extension.clone()),
        Claim::Index(index) => Some(index.index.clone()),
        Claim::Check(check) => Some(check.check.clone()),
        Claim::View(view) => Some(view.view.to_string()),
        Claim::Function(function) => Some(function.name.clone()),
        Claim::Trigger(trigger) => Some(trigger.trigger.clone()),
        Claim::Key(key) => Some(key.key.clone()),
        Claim::ForeignKey(key) => Some(key.foreign_key.clone()),
        Claim::Exclude(exclude) => Some(exclude.exclude.clone()),
        Claim::Policy(policy) => Some(policy.policy.clone()),
        Claim::Partition(partition) => Some(partition.partition.to_string()),
        Claim::Sql(_) | Claim::Grant(_) => None,
    }
}
