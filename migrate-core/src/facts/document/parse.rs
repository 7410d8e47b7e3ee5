use std::rc::Rc;

use super::node::{DocumentNode, Style};
use super::reader::{FactReader, PATH_HELP};
use super::source_file::{Position, SourceFile};
use super::{json, yaml};
use crate::error::Error;

/// The value of a file, YAML or JSON by its ending; `None` if it holds none. `depth` is how many lists and mappings it
/// will be nested in.
pub(crate) fn parse_file(
    reader: &FactReader<'_>,
    source: &Rc<SourceFile>,
    depth: usize,
) -> Result<Option<DocumentNode>, Error> {
    match source.file.ends_in("json") {
        true => json::parse(reader, source, depth).map(Some),
        false => yaml::parse(reader, source, depth, include),
    }
}

/// `!include FILE`
fn include(
    reader: &FactReader<'_>,
    from: &Rc<SourceFile>,
    at: Position,
    name: &str,
    depth: usize,
) -> Result<DocumentNode, Error> {
    let source = reader.open_seen(from, at, name, PATH_HELP)?;
    match parse_file(reader, &source, depth)? {
        Some(node) => Ok(node),
        None => reader.budget.scalar(&source, Position::START, "", Style::Plain),
    }
}
