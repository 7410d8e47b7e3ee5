//! Kinds of objects that the catalog keeps as the SQL that creates them. Each query prints that SQL; `generic.rs` reads the
//! rows of all of them.

pub(super) mod generic;
