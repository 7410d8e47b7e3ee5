use super::namespace::Oid;

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Its kind.
    pub kind: ConstraintKind,
    /// Its columns, in order.
    pub columns: Vec<i16>,
    /// Its definition, as `pg_get_constraintdef` prints it.
    pub definition: String,
    /// DEFERRABLE, and INITIALLY DEFERRED.
    pub deferrable: (bool, bool),
    /// Whether all rows are known to satisfy it.
    pub validated: bool,
    /// Whether it comes from a table that this one inherits from or is a partition of.
    pub inherited: bool,
    /// Its comment.
    pub comment: Option<String>,
}

impl Constraint {
    /// What it is called: `primary key`, `check`.
    pub(super) fn word(&self) -> &'static str {
        match self.kind {
            ConstraintKind::Primary => "primary key",
            ConstraintKind::Unique => "unique constraint",
            ConstraintKind::Foreign(_) => "foreign key",
            ConstraintKind::Check => "check",
            ConstraintKind::Exclude => "exclusion constraint",
        }
    }
}

/// The kind of a constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintKind {
    /// PRIMARY KEY
    Primary,
    /// UNIQUE
    Unique,
    /// FOREIGN KEY
    Foreign(Reference),
    /// CHECK
    Check,
    /// EXCLUDE
    Exclude,
}

/// The target of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table.
    pub table: Oid,
    /// Its columns, in the order of the constraint's.
    pub columns: Vec<i16>,
    /// ON DELETE
    pub on_delete: ReferentialAction,
    /// ON UPDATE
    pub on_update: ReferentialAction,
}

/// What a foreign key does when the referenced row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferentialAction {
    /// NO ACTION
    NoAction,
    /// RESTRICT
    Restrict,
    /// CASCADE
    Cascade,
    /// SET NULL
    SetNull,
    /// SET DEFAULT
    SetDefault,
}
