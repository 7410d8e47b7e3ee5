use std::fmt;

use crate::catalog::difference::CatalogObject;
use crate::catalog::namespace::QualifiedName;

/// One step on the way from one catalog to another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// What is done.
    pub action: Action,
    /// The object to which it is done.
    pub object: CatalogObject,
    /// The table that the object is or belongs to.
    pub table: Option<QualifiedName>,
    /// The SQL, without semicolons.
    pub statements: Vec<String>,
    /// What rows lose by it; said only of tables that may hold rows.
    pub loss: Option<Loss>,
    /// The locks that it takes on tables that were there before.
    pub locks: Vec<TableLock>,
    /// Whether other operations can use its result only after a commit: a label that is added to an enum.
    pub commit: bool,
}

/// What an operation does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// CREATE
    Create,
    /// ALTER, or CREATE OR REPLACE
    Alter,
    /// ALTER … RENAME
    Rename,
    /// DROP
    Drop,
    /// COMMENT
    Comment,
    /// GRANT and REVOKE
    Grant,
}

/// What rows lose by an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// All rows of a table.
    Rows(QualifiedName),
    /// The values of a column.
    Values(QualifiedName, String),
    /// What does not fit into a column's new type: the statement fails if a value cannot be converted.
    Narrowing(QualifiedName, String),
    /// Labels of an enum: the statement fails if a row holds one.
    Labels(QualifiedName, Vec<String>),
}

/// A lock on a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct TableLock {
    /// The table.
    pub table: QualifiedName,
    /// The lock's mode.
    pub mode: LockMode,
}

/// The mode of a table's lock (PostgreSQL manual, 13.3), the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LockMode {
    /// SHARE UPDATE EXCLUSIVE: rows can be read and written.
    ShareUpdateExclusive,
    /// SHARE: rows can be read.
    Share,
    /// SHARE ROW EXCLUSIVE: rows can be read.
    ShareRowExclusive,
    /// ACCESS EXCLUSIVE: everybody else waits.
    AccessExclusive,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Rows(table) => write!(f, "all rows of `{table}` are lost"),
            Loss::Values(table, column) => write!(f, "all values of `{table}.{column}` are lost"),
            Loss::Narrowing(table, column) => {
                write!(f, "values of `{table}.{column}` are converted, which may lose something or fail")
            }
            Loss::Labels(name, labels) => {
                let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
                write!(f, "no row can hold {} of `{name}` any more", labels.join(", "))
            }
        }
    }
}

impl LockMode {
    /// The words of the manual: `ACCESS EXCLUSIVE`.
    pub fn as_str(self) -> &'static str {
        match self {
            LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockMode::Share => "SHARE",
            LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }
}
