//! Tables and what belongs to them: columns, constraints, indexes, policies, rules, statistics and triggers. Views are
//! printed here too, because they share columns, rules and triggers with tables.

mod column;
mod constraint;
mod index;
mod policy;
mod rule;
mod statistics;
mod table;
mod trigger;
mod view;

pub(in crate::catalog) use column::{
    alter_column, column_object, set_compression, set_default, set_statistics, set_storage,
};
pub(in crate::catalog) use constraint::constraint_object;
pub(in crate::catalog) use index::{attach_index, index_name, index_target, set_tablespace};
pub(in crate::catalog) use policy::policy_object;
pub(in crate::catalog) use rule::{rule_object, set_rule_enabled};
pub(in crate::catalog) use statistics::set_target;
pub(crate) use table::with;
pub(in crate::catalog) use table::{
    Shape, alter, changed_options, cluster, force_row_security, option_list, parameter, parameters,
    partition, replica_identity, row_security, word,
};
pub(in crate::catalog) use trigger::{enabled, set_enabled, trigger_object};
