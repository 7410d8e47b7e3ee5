use crate::catalog::namespace::QualifiedName;

/// A publication for logical replication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// Who owns it.
    pub owner: String,
    /// Whether it holds all tables.
    pub all_tables: bool,
    /// `insert, update, delete, truncate`, or some of them.
    pub publish: String,
    /// Whether changes of a partition count as those of its partitioned table.
    pub via_root: bool,
    /// Its tables, sorted, as SQL: name, columns and condition.
    pub tables: Vec<String>,
    /// The schemas whose tables it holds, sorted.
    pub schemas: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// The table of a publication's member, and what follows its name: columns and condition.
pub(crate) fn published(member: &str) -> Option<(QualifiedName, &str)> {
    let (schema, rest) = QualifiedName::printed_part(member)?;
    let (name, rest) = QualifiedName::printed_part(rest.strip_prefix('.')?)?;
    Some((QualifiedName { schema, name }, rest))
}
