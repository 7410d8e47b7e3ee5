//! SQL as PostgreSQL's lexer divides it: tokens, and the statements that they form. There is no parser here, so services can
//! link it.
//!
//! `token.rs` finds tokens and `split.rs` the ends of statements. The others answer questions about a text by its tokens:
//! `catalog_name.rs` makes of a written name one that the catalog can be asked by, `created_objects.rs` lists the objects that a
//! text creates, and `body.rs` finds a line in the body of a `DO`.

mod body;
mod catalog_name;
mod created_objects;
mod fold;
mod split;
mod token;

pub use body::line_of_body;
pub use catalog_name::{catalog_name, words};
pub use created_objects::{CreatedKind, created_objects};
pub(crate) use fold::fold;
pub(crate) use split::{SplitStep, Splitter};
pub use split::{only_changes_rows, statement_ranges};
pub(crate) use token::{Follows, Token, tokens};
