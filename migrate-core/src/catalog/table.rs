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
    /// What it is.
    pub relation: Relation,
    /// Who owns it.
    pub owner: String,
    /// Whether it is UNLOGGED.
    pub unlogged: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Privileges as `aclitem` prints them, sorted; `None` where they were never changed.
    pub grants: Option<Vec<String>>,
    /// Storage parameters, as `name=value`, sorted.
    pub options: Vec<String>,
    /// Whether row security is on, and whether it holds for the owner too.
    pub row_security: (bool, bool),
    /// The columns by number, which is their order; dropped ones are left out.
    pub columns: BTreeMap<i16, Column>,
    /// The constraints by their names.
    pub constraints: BTreeMap<String, Constraint>,
    /// The indexes by their names, those of constraints too.
    pub indexes: BTreeMap<String, Index>,
    /// The triggers by their names, without those that constraints make.
    pub triggers: BTreeMap<String, Trigger>,
    /// The row security policies by their names.
    pub policies: BTreeMap<String, Policy>,
    /// The rewrite rules by their names, without those that make it a view.
    pub rules: BTreeMap<String, Rule>,
    /// The composite type that it was made `OF`.
    pub of_type: Option<String>,
    /// What identifies a row in logical replication: `FULL`, `NOTHING` or `USING INDEX …`; `None` for the primary key.
    pub replica_identity: Option<String>,
    /// The tables that it inherits from, without the one that it is a partition of.
    pub inherits: Vec<Oid>,
    /// What is known of its rows.
    pub rows: RowPresence,
}

/// What sort of relation it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// A table, perhaps a partition of another.
    Table {
        /// Where it is partitioned itself: `pg_get_partkeydef`.
        partitioned_by: Option<String>,
        /// Where it is a partition.
        partition: Option<Partition>,
    },
    /// A foreign table, on that server.
    Foreign {
        /// The server.
        server: String,
        /// Options as `name=value`, sorted.
        options: Vec<String>,
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
        /// Whether it was ever filled.
        populated: bool,
    },
}

impl Default for Relation {
    fn default() -> Relation {
        Relation::Table { partitioned_by: None, partition: None }
    }
}

/// That a table is a partition of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The partitioned table.
    pub of: Oid,
    /// `FOR VALUES …`, as the server prints it.
    pub bound: String,
}

/// What is known of a table's rows without reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowPresence {
    /// Its file is empty.
    #[default]
    None,
    /// Its file is not empty; the rows may all be dead.
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
