//! What all kinds of fact share: `clauses.rs` reads the clauses of a fact, `label.rs` its labels and names,
//! `declared_type.rs`, `collation.rs` and `default.rs` the types and defaults of columns, `deferrable.rs`, `nulls.rs` and `on_delete.rs`
//! words of constraints; `printed_clauses.rs` collects the clauses to print.
//! `object_name.rs` turns labels into names of database objects, `sql_type.rs` types into PostgreSQL's spelling.

mod clauses;
mod collation;
mod declared_type;
mod default;
mod deferrable;
pub(crate) mod label;
mod nulls;
mod object_name;
mod on_delete;
mod printed_clauses;
pub(crate) mod sql_type;
mod suggest;
mod table_context;
mod words;

pub(crate) use clauses::Clauses;
pub use collation::CollationName;
pub use declared_type::DeclaredType;
pub use default::ColumnDefault;
pub use deferrable::Deferrable;
pub use label::TableName;
pub(crate) use label::is_label;
pub(crate) use nulls::nulls;
pub use object_name::mangle;
pub use on_delete::OnDelete;
pub(crate) use printed_clauses::PrintedClauses;
pub(crate) use suggest::nearest;
pub(crate) use table_context::TableContext;
pub(crate) use words::words;
