use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Place};
use crate::facts::files::FilePath;

/// A text that is being read, and the file that included it.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// The file; for a text without a file, its name in messages.
    pub(crate) file: FilePath,
    /// The file's name in messages.
    pub(crate) name: String,
    /// The text, normalised.
    pub(crate) text: Arc<str>,
    /// The file that included it, and where.
    pub(crate) parent: Option<(Rc<SourceFile>, Position)>,
    lines: OnceCell<Vec<usize>>,
}

/// A line and a column in characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Position {
    /// The first character of a file.
    pub(crate) const START: Position = Position { line: 1, column: 1 };
}

/// A longer line is not shown: every fact keeps its line, and a file of one line would be kept once for each fact.
const LONGEST_LINE: usize = 1000;

impl SourceFile {
    pub(crate) fn new(
        file: FilePath,
        name: String,
        text: Arc<str>,
        parent: Option<(Rc<SourceFile>, Position)>,
    ) -> Rc<SourceFile> {
        Rc::new(SourceFile { file, name, text, parent, lines: OnceCell::new() })
    }

    pub(crate) fn place(&self, position: Position) -> Place {
        let line = Some(self.line(position.line)).filter(|line| line.len() <= LONGEST_LINE);
        Place {
            file: self.name.clone(),
            line: position.line,
            column: position.column,
            source: line.unwrap_or_default().to_owned(),
        }
    }

    /// A problem at a position, with a note that says which file included the text.
    pub(crate) fn error(&self, position: Position, message: impl Into<String>) -> Error {
        self.included(Error::new(ErrorKind::Format, message).at(self.place(position)))
    }

    /// Adds a note that says which file included the text.
    pub(crate) fn included(&self, mut error: Error) -> Error {
        let mut parent = &self.parent;
        while let Some((source, position)) = parent {
            error = error.note(format!("included at {}:{}:{}", source.name, position.line, position.column));
            parent = &source.parent;
        }
        error
    }

    /// This text and those that included it, outward.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &SourceFile> {
        std::iter::successors(Some(self), |source| source.parent.as_ref().map(|(parent, _)| &**parent))
    }

    fn line(&self, line: u32) -> &str {
        let starts = self.lines.get_or_init(|| starts(&self.text));
        let at = |index: u32| starts.get(index as usize).copied().unwrap_or(self.text.len());
        let text = self.text.get(at(line.saturating_sub(1))..at(line)).unwrap_or_default();
        text.trim_end_matches(['\r', '\n'])
    }
}

/// Where lines start; as in YAML, a single carriage return ends a line too.
fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let ends = match byte {
            b'\n' => true,
            b'\r' => bytes.peek().is_none_or(|(_, next)| *next != b'\n'),
            _ => false,
        };
        if ends {
            starts.push(at + 1);
        }
    }
    starts
}
