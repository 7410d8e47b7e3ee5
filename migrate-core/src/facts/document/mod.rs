//! From text to nodes: `reader.rs` opens files and collects problems, `yaml.rs` and `json.rs` parse a text, `parse.rs`
//! chooses between the two and resolves `!include`. The result is a `DocumentNode`, which knows its `SourceFile` and position.
//! `budget.rs` limits how many values one reading may create.

mod budget;
mod json;
mod node;
mod parse;
mod reader;
mod source_file;
mod yaml;

#[cfg(feature = "parse")]
pub(crate) use json::parse as parse_json;
pub(crate) use node::{Content, DocumentNode, MapEntry, Style};
pub(crate) use parse::parse_file;
pub(crate) use reader::{FactReader, PATH_HELP};
pub(crate) use source_file::{Position, SourceFile};
