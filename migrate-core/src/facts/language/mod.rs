//! What all kinds of fact share: `clauses.rs` reads the clauses of a fact, `label.rs` its labels and names,
//! `declared_type.rs` and `default.rs` the types and defaults of columns; `printed.rs` collects the clauses to print.
//! `object_name.rs` turns labels into names of database objects, `sql_type.rs` types into PostgreSQL's spelling.

mod clauses;
mod declared_type;
mod default;
pub(crate) mod label;
mod object_name;
mod printed;
pub(crate) mod sql_type;
mod suggest;
mod table_context;
mod words;

pub(crate) use clauses::Clauses;
pub use declared_type::DeclaredType;
pub use default::ColumnDefault;
pub use label::TableName;
pub(crate) use label::is_label;
pub use object_name::mangle;
pub(crate) use printed::PrintedClauses;
pub(crate) use suggest::nearest;
pub(crate) use table_context::TableContext;
pub(crate) use words::words;
