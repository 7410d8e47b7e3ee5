//! Values as facts give them: [`Value`](value::Value) is any YAML, JSON or CSV value, `scalar.rs` says what a bare word
//! of YAML means, and `row_key.rs` parses the identity of a row that a link names.

mod row_key;
mod scalar;
mod value;

pub use row_key::{KeyPart, RowKey};
pub(crate) use scalar::{Decimal, Scalar, is_digits, is_exponent};
pub use value::{SourceText, Value};
