use std::cell::Cell;
use std::rc::Rc;

use super::node::{Content, DocumentNode, MapEntry, Style};
use super::source_file::{Position, SourceFile};
use crate::error::Error;

/// How deep lists and mappings may be nested: each level takes some of the stack, here and wherever values are walked.
pub(crate) const DEEPEST: usize = 64;

/// How many values one reading may create, including the copies that aliases and includes make; 32 bytes of a text
/// count as one value.
const MOST_VALUES: usize = 4_000_000;

/// The cost of opening a file, in values.
pub(crate) const A_FILE: usize = 100;

/// How many values one reading has created.
#[derive(Default)]
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    /// Whether too many values were created, so that reading ends.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.0.get() > MOST_VALUES
    }

    pub(crate) fn spend(&self, source: &SourceFile, position: Position, values: usize) -> Result<(), Error> {
        self.0.set(self.0.get().saturating_add(values));
        match self.is_exhausted() {
            true => Err(source
                .error(position, "the facts hold too many values")
                .note("values that aliases and includes repeat are counted each time")
                .help("keep long data in CSV files")),
            false => Ok(()),
        }
    }
}

/// Nodes are made here, so that each is counted.
impl Budget {
    /// A value that can't be read.
    pub(crate) fn broken(&self, source: &Rc<SourceFile>, position: Position) -> DocumentNode {
        DocumentNode { source: source.clone(), position, content: Content::Broken, size: 1, height: 0 }
    }

    pub(crate) fn scalar(
        &self,
        source: &Rc<SourceFile>,
        position: Position,
        text: &str,
        style: Style,
    ) -> Result<DocumentNode, Error> {
        let size = 1 + text.len() / 32;
        self.spend(source, position, size)?;
        let content = Content::Scalar(text.into(), style);
        Ok(DocumentNode { source: source.clone(), position, content, size, height: 0 })
    }

    pub(crate) fn list(
        &self,
        source: &Rc<SourceFile>,
        position: Position,
        nodes: Vec<DocumentNode>,
    ) -> Result<DocumentNode, Error> {
        self.spend(source, position, 1)?;
        let size = nodes.iter().fold(1, |size: usize, node| size.saturating_add(node.size));
        let height = nodes.iter().map(|node| node.height + 1).max().unwrap_or(1);
        Ok(DocumentNode {
            source: source.clone(),
            position,
            content: Content::List(nodes.into()),
            size,
            height,
        })
    }

    pub(crate) fn map(
        &self,
        source: &Rc<SourceFile>,
        position: Position,
        entries: Vec<MapEntry>,
    ) -> Result<DocumentNode, Error> {
        self.spend(source, position, 1)?;
        let size = |entry: &MapEntry| entry.value.size.saturating_add(1 + entry.key.len() / 32);
        let size = entries.iter().fold(1, |sum: usize, entry| sum.saturating_add(size(entry)));
        let height = entries.iter().map(|entry| entry.value.height + 1).max().unwrap_or(1);
        Ok(DocumentNode {
            source: source.clone(),
            position,
            content: Content::Map(entries.into()),
            size,
            height,
        })
    }

    /// A value again, by an alias.
    pub(crate) fn repeat(
        &self,
        source: &Rc<SourceFile>,
        position: Position,
        node: &DocumentNode,
        depth: usize,
    ) -> Result<DocumentNode, Error> {
        self.spend(source, position, node.size)?;
        match depth + node.height > DEEPEST {
            true => Err(self.too_deep(source, position)),
            false => Ok(node.clone()),
        }
    }

    pub(crate) fn too_deep(&self, source: &SourceFile, position: Position) -> Error {
        source
            .error(position, format!("more than {DEEPEST} levels of lists and mappings are nested"))
            .help("facts need six levels; include deeper values as text: `!include/str FILE`")
    }
}
