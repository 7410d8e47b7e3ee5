//! Whether publisher and subscribers still hold the same once they have a patch.
//!
//! All of it is asked while every node has the patch and nobody has committed. `evaluation.rs` has all nodes evaluate
//! expressions. `table_shapes.rs` compares the published tables, `new_columns.rs` the values of columns that the
//! patch adds, and `rewritten_tables.rs` the values of columns that it rewrites.

pub(in crate::topology::logical) mod evaluation;
pub(in crate::topology::logical) mod new_columns;
pub(in crate::topology::logical) mod rewritten_tables;
pub(in crate::topology::logical) mod table_shapes;
