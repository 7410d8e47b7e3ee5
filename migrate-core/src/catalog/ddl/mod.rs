//! A catalog as SQL that creates it, without `pg_dump`: `script.rs` puts the statements together, `order.rs` sorts the
//! objects so that each comes after what it needs (`sort.rs`), with a placeholder where they need each other
//! (`placeholder.rs`), and each kind of object has a file. Tables and what belongs to them are in `relation/`; `grant.rs` and
//! `comment.rs` serve all kinds. `dependents.rs` finds what must be dropped before an object of a database is changed, and
//! `again.rs` drops it and makes it again.

mod again;
mod comment;
mod default_grant;
mod dependents;
mod event_trigger;
mod foreign;
mod function;
mod generic;
mod grant;
mod order;
mod placeholder;
mod publication;
mod relation;
mod schema;
mod script;
mod sequence;
mod sort;
mod types;

pub(super) use comment::comment;
pub(super) use default_grant::{alter as alter_default, default_grant, take_default_grant};
pub(crate) use dependents::Dependents;
pub(super) use foreign::{server_grants, wrapper_grants};
pub(super) use function::{function_grants, signature};
pub(super) use generic::generic_grants;
pub(super) use grant::Grants;
pub(crate) use relation::with as with_options;
pub(super) use relation::{
    Shape, alter, alter_column, attach_index, changed_options, cluster, column_object, constraint_object,
    enabled, force_row_security, index_name, index_target, parameter, parameters, partition, policy_object,
    replica_identity, row_security, rule_object, set_compression, set_default, set_enabled, set_rule_enabled,
    set_statistics, set_storage, set_tablespace, set_target, trigger_object, word as table_word,
};
pub use script::DdlScript;
pub(super) use sequence::{options as sequence_options, sequence_grants};
pub(super) use types::{domain_check, type_grants, type_part, type_word};
