use std::collections::BTreeMap;

use super::column::Column;
use super::constraint::Constraint;
use super::index::Index;
use super::namespace::{Oid, QualifiedName};
use super::rule::Rule;
use super::trigger::Trigger;

/// A table, view or other relation with columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: QualifiedName,
    /// Its kind.
    pub relation: Relation,
    /// Who owns it.
    pub owner: String,
    /// Whether it is UNLOGGED.
    pub unlogged: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Storage parameters, as `name=value`, in the order in which they were set; those of its TOAST table begin with `toast.`.
    pub options: Vec<String>,
    /// Its tablespace, if it is not the database's.
    pub tablespace: Option<String>,
    /// Its access method, if it is not `heap`.
    pub access_method: Option<String>,
    /// Whether row security is on, and whether it holds for the owner too.
    pub row_security: (bool, bool),
    /// The columns by number, which is their order; dropped ones are left out.
    pub columns: BTreeMap<i16, Column>,
    /// The constraints by name.
    pub constraints: BTreeMap<String, Constraint>,
    /// The indexes by name, including those of constraints.
    pub indexes: BTreeMap<String, Index>,
    /// The triggers by name, without those of constraints.
    pub triggers: BTreeMap<String, Trigger>,
    /// The row security policies by name.
    pub policies: BTreeMap<String, Policy>,
    /// The rewrite rules by name, without that of a view's query.
    pub rules: BTreeMap<String, Rule>,
    /// The composite type that it was made `OF`.
    pub of_type: Option<String>,
    /// What identifies a row in logical replication: `FULL`, `NOTHING` or `USING INDEX …`; `None` for the primary key.
    pub replica_identity: Option<String>,
    /// The tables that it inherits from, without the one of which it is a partition.
    pub inherits: Vec<Oid>,
    /// What is known of its rows.
    pub rows: RowPresence,
}

/// The kind of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// A table, perhaps a partition of another.
    Table {
        /// Its partition key, if it is partitioned: `pg_get_partkeydef`.
        partitioned_by: Option<String>,
        /// Its parent, if it is a partition.
        partition: Option<Partition>,
    },
    /// A foreign table, on that server.
    Foreign {
        /// The server.
        server: String,
        /// Options as `name=value`, sorted.
        options: Vec<String>,
        /// Its parent, if it is a partition.
        partition: Option<Partition>,
    },
    /// A view.
    View {
        /// Its query, as `pg_get_viewdef` prints it.
        query: String,
    },
    /// A materialized view.
    Materialized {
        /// Its query, as `pg_get_viewdef` prints it.
        query: String,
        /// Whether it is populated.
        populated: bool,
    },
}

impl Default for Relation {
    fn default() -> Relation {
        Relation::Table { partitioned_by: None, partition: None }
    }
}

/// A table's place as a partition of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The partitioned table.
    pub of: Oid,
    /// `FOR VALUES …`, as the server prints it.
    pub bound: String,
}

/// Whether a table may have rows, as far as this is known without reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowPresence {
    /// Its file is empty.
    #[default]
    None,
    /// Its file is not empty; all its rows may be dead.
    Perhaps,
}

/// A row security policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether it is PERMISSIVE; otherwise RESTRICTIVE.
    pub permissive: bool,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// The roles, sorted; `public` is everybody.
    pub roles: Vec<String>,
    /// USING.
    pub using: Option<String>,
    /// WITH CHECK.
    pub check: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
}
