//! Patches that run statement by statement, outside a transaction where one can't run in any: what is written down
//! before and after each, and how to go on when nobody knows how far one came.

mod batch;
mod begun;
mod look;
mod part;
mod refuse;
mod repair;
mod settle;
mod text;
mod work;

pub(crate) use refuse::refuse_pooled;
pub use repair::Repair;
