//! What the columns of a table need, whichever fact asks for it: a new type (`convert.rs`, `enums.rs`), a default or an expression (`generated.rs`), a
//! place in the order (`reorder.rs`), a name (`rename.rs`), the surrogate key. `dependents.rs` drops and recreates the
//! objects that depend on a column while it is changed.

mod convert;
mod default;
mod dependents;
mod enums;
mod field;
mod generated;
mod rename;
mod reorder;
mod surrogate;

pub(crate) use dependents::relation;
pub(crate) use enums::EnumChange;
pub(crate) use field::FieldFact;
