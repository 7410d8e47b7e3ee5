//! What changes an object in place: one function for each kind.

mod alteration;
mod column;
mod database;
mod part;
mod sequence;
mod table;
mod types;
mod user_mapping;

pub(super) use database::{default_grants, is_earlier};
