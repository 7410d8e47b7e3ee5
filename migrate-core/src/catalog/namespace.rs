use std::fmt;

use crate::text::quote;

/// The number by which the server knows an object; it stays the same when the object is renamed.
///
/// Objects that a plan is about to create have numbers that the plan assigns.
pub type Oid = u32;

/// A name in a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The schema.
    pub schema: String,
    /// The name.
    pub name: String,
}

impl QualifiedName {
    /// Both parts in double quotes, as SQL writes them.
    pub fn quoted(&self) -> String {
        format!("{}.{}", quote::identifier(&self.schema), quote::identifier(&self.name))
    }

    /// One part of a name as the server prints it, quoted if it must be, and what follows it.
    pub(crate) fn printed_part(text: &str) -> Option<(String, &str)> {
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
}

/// Both parts as they are, for people.
impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// A schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Who owns it.
    pub owner: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
}

/// An extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extension {
    /// The installed version.
    pub version: String,
    /// The schema of its objects.
    pub schema: String,
    /// Whether its objects can be moved to another schema.
    pub relocatable: bool,
    /// The extensions that it needs, sorted.
    pub requires: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
}
