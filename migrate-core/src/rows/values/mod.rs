//! Single values: `value_kind.rs` says what a column of a type takes, and `convert.rs` checks a value and converts it to
//! the text that the server reads as exactly this value; numbers, dates and JSON have files of their own.

mod cell_value;
mod convert;
mod date_time;
mod json_check;
mod number;
mod type_name;
mod value_kind;

pub use cell_value::{GivenValue, shown};
pub(crate) use convert::{Mismatch, convert};
pub use date_time::days;
pub(crate) use number::DecimalParts;
pub(crate) use type_name::TypeName;
pub(crate) use value_kind::{ColumnType, Equality, ValueKind};
