use std::collections::BTreeMap;

use super::namespace::QualifiedName;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataType {
    /// Its name.
    pub name: QualifiedName,
    /// Who owns it.
    pub owner: String,
    /// Its kind.
    pub kind: TypeKind,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
    /// Comments on its attributes or constraints, by their names.
    pub comments: BTreeMap<String, String>,
}

/// The kind of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// An enum: its labels in order.
    Enum(Vec<String>),
    /// A domain.
    Domain {
        /// The type under it, as `format_type` prints it.
        base: String,
        /// NOT NULL
        required: bool,
        /// Its default, as the server prints it.
        default: Option<String>,
        /// Its collation, if it differs from the type's.
        collation: Option<String>,
        /// CHECK constraints: name and definition, sorted by name.
        checks: Vec<(String, String)>,
    },
    /// A composite type: names and types, with a `COLLATE` clause if the collation differs from the type's.
    Composite(Vec<(String, String)>),
    /// A base type: its CREATE TYPE options, as `name = value`.
    Base(Vec<String>),
    /// A type that was named and never defined.
    Shell,
    /// A range type: its CREATE TYPE options as names and values.
    Range(Vec<(String, String)>),
}
