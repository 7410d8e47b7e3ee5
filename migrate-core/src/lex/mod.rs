//! SQL as PostgreSQL's lexer takes it apart: tokens, and the statements that they make.
//!
//! No parser stands behind it, so that a service's binary may have it too.

mod body;
mod made;
mod split;
mod token;

pub use body::line_of_body;
pub use made::{MadeKind, made_objects};
pub(crate) use split::{Splitter, Step};
pub use split::{only_changes_rows, statement_ranges};
pub(crate) use token::{Follows, Token, tokens};
