//! Definitions that the server prints in its own words, such as a view's query: `definition.rs` compares them by digests
//! that are stored in the object's comment, and `comment.rs` reads and writes such comments.

mod comment;
mod definition;
mod dollar_quote;

pub(crate) use comment::{Comment, label, meaning};
pub(crate) use definition::{CommentTarget, DefinitionMatch, note_sql, probe};
pub(crate) use dollar_quote::dollar_tag;
