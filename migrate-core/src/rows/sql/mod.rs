//! The statements. None names a function, operator or type without its schema, for they run in the search
//! path of the application, whose triggers and defaults may count on it.

mod change;
mod compare;
mod copy;
mod given_rows;
mod resolve;
mod statement;
mod wire;

use crate::catalog::Name;
use crate::quote::identifier;

pub use change::{clear, delete, insert, update};
pub use compare::{compare, find, stored};
pub use copy::{copy, copy_row};
pub use resolve::resolve;
pub use statement::{Parameter, Statement};
pub use wire::Wire;

pub(crate) fn relation_name(name: &Name) -> String {
    format!("{}.{}", identifier(&name.schema), identifier(&name.name))
}
