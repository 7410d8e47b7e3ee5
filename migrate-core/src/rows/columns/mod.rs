//! The columns of a batch: `data_column.rs` has the values of one field, as texts (`cells.rs`) or as links to other rows
//! (`links.rs`, `keys.rs`). `table_field.rs` finds a field in the catalog, `table_identity.rs` says how the rows of a
//! table are identified, `identities.rs` finds rows by their identity.

mod cells;
mod data_column;
mod identities;
mod keys;
mod links;
pub(crate) mod table_field;
mod table_identity;

pub(crate) use cells::{ColumnCell, ColumnCells};
pub use data_column::DataColumn;
pub(crate) use data_column::Values;
pub(crate) use identities::{Identities, form};
pub(crate) use keys::Keys;
pub(crate) use links::Links;
pub use table_field::TableField;
pub(crate) use table_identity::TableIdentity;
