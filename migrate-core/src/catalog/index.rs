use super::namespace::QualifiedName;

/// An index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// The columns of its keys, in order; 0 stands for an expression.
    pub keys: Vec<i16>,
    /// The columns that it stores in addition to its keys.
    pub include: Vec<i16>,
    /// Whether it is UNIQUE.
    pub unique: bool,
    /// Whether it has the form of a plain `CREATE INDEX … (columns)`: a btree without condition, operator class, order
    /// or other parameter.
    pub plain: bool,
    /// The constraint that it belongs to.
    pub constraint: Option<String>,
    /// Whether it is complete and in use.
    pub valid: bool,
    /// Whether the table is clustered on it.
    pub clustered: bool,
    /// Its definition, as `pg_get_indexdef` prints it.
    pub definition: String,
    /// Storage parameters, as `name=value`, in the order in which they were set.
    pub options: Vec<String>,
    /// Its tablespace, if it is not the database's.
    pub tablespace: Option<String>,
    /// Statistics targets of its expressions: the column's number and the target.
    pub statistics: Vec<(i16, i16)>,
    /// The partitioned table's index that it is attached to.
    pub part_of: Option<QualifiedName>,
    /// Its comment.
    pub comment: Option<String>,
}

impl Index {
    /// Whether it has an expression or a condition, which may name any column.
    pub(crate) fn has_expression(&self) -> bool {
        self.keys.contains(&0) || self.definition.contains(" WHERE ")
    }
}
