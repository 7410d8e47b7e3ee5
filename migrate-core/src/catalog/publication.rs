use super::namespace::QualifiedName;

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
    let (schema, rest) = part(member)?;
    let (name, rest) = part(rest.strip_prefix('.')?)?;
    Some((QualifiedName { schema, name }, rest))
}

/// A name, which is quoted if it must be, and what follows it.
fn part(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(['.', ' ']).unwrap_or(text.len());
        return text.split_at_checked(end).map(|(name, rest)| (name.to_owned(), rest));
    };
    let mut name = String::new();
    loop {
        let (piece, after) = rest.split_once('"')?;
        name.push_str(piece);
        match after.strip_prefix('"') {
            Some(after) => rest = after,
            None => return Some((name, after)),
        }
        name.push('"');
    }
}
