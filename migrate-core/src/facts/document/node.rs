use std::rc::Rc;

use super::source_file::{Position, SourceFile};
use crate::error::Error;
use crate::facts::values::{Scalar, SourceText, Value};

/// A value of YAML or JSON and its place.
///
/// Values that an alias or an include repeats are shared, not copied.
#[derive(Debug, Clone)]
pub(crate) struct DocumentNode {
    pub(crate) source: Rc<SourceFile>,
    pub(crate) position: Position,
    pub(crate) content: Content,
    /// The cost of a copy: see [`Budget`](super::budget::Budget).
    pub(crate) size: usize,
    /// How deep lists and mappings are nested in it.
    pub(crate) height: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Scalar(Rc<str>, Style),
    List(Rc<[DocumentNode]>),
    Map(Rc<[MapEntry]>),
    /// A value that can't be read; the problem was reported, and nothing more is said about it.
    Broken,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Bare: it may be a number.
    Plain,
    /// Between quotes.
    Quoted,
    /// As a `|` block, whose lines are lines of the file: its position is its first line that isn't blank.
    Literal,
    /// As the text of a file.
    Included,
}

/// A key of a mapping and its value.
#[derive(Debug, Clone)]
pub(crate) struct MapEntry {
    pub(crate) key: Rc<str>,
    pub(crate) position: Position,
    pub(crate) value: DocumentNode,
}

impl DocumentNode {
    /// A problem with the value.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        match self.content {
            Content::Broken => self.source.error(self.position, ""),
            _ => self.source.error(self.position, message),
        }
    }

    /// What it is, for a message that expected something else.
    pub(crate) fn what(&self) -> &'static str {
        match &self.content {
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
            Content::Broken => "what can't be read",
            Content::Scalar(..) => match self.scalar() {
                Some(Scalar::Null) => "nothing",
                Some(Scalar::Bool(_)) => "`true` or `false`",
                Some(Scalar::Number(_)) => "a number",
                _ => "a text",
            },
        }
    }

    pub(crate) fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.content {
            Content::Scalar(text, Style::Plain) => Some(Scalar::of(text)),
            Content::Scalar(text, _) => Some(Scalar::Text(text)),
            _ => None,
        }
    }

    /// Its text; a number is taken as it is written.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        match (&self.content, self.scalar()) {
            (Content::Scalar(text, _), Some(Scalar::Number(_))) => Ok(text),
            (Content::Scalar(text, _), Some(Scalar::Text(_))) if text.contains('\0') => Err(self
                .error("the text contains a NUL character")
                .help("PostgreSQL can't store it: remove it")),
            (Content::Scalar(text, _), Some(Scalar::Text(_))) => Ok(text),
            (_, Some(Scalar::Null)) => Err(self
                .error("a text belongs here, not nothing")
                .help("leave the clause out, or write `''`")),
            _ => Err(self
                .error(format!("a text belongs here, not {}", self.what()))
                .help("put quotes around it if YAML reads it as something else: `'true'`")),
        }
    }

    /// The same with its place.
    pub(crate) fn long_text(&self) -> Result<SourceText, Error> {
        let text = self.text()?.to_owned();
        let path = self.included().then(|| self.source.file.to_string());
        let lines = matches!(self.content, Content::Scalar(_, Style::Literal | Style::Included));
        Ok(SourceText { text, place: self.source.place(self.position), path, lines })
    }

    /// Whether it is the text of a file.
    pub(crate) fn included(&self) -> bool {
        matches!(self.content, Content::Scalar(_, Style::Included))
    }

    pub(crate) fn truth(&self) -> Result<bool, Error> {
        match self.scalar() {
            Some(Scalar::Bool(truth)) => Ok(truth),
            _ => Err(self.error(format!("`true` or `false` belongs here, not {}", self.what())).help(
                "YAML 1.2 knows no other words for them: `yes`, `no`, `on` and `off` are texts like any other",
            )),
        }
    }

    /// Its values if it is a list, otherwise the node itself.
    pub(crate) fn one_or_list(&self) -> &[DocumentNode] {
        match &self.content {
            Content::List(nodes) => nodes,
            _ => std::slice::from_ref(self),
        }
    }

    pub(crate) fn map(&self) -> Result<&[MapEntry], Error> {
        match &self.content {
            Content::Map(entries) => Ok(entries),
            _ => Err(self
                .error(format!("a mapping belongs here, not {}", self.what()))
                .help("a mapping is `{key: value}`, or a `key: value` a line")),
        }
    }

    /// The value, of any type.
    pub(crate) fn value(&self) -> Result<Value, Error> {
        Ok(match &self.content {
            Content::List(nodes) => {
                Value::List(nodes.iter().map(DocumentNode::value).collect::<Result<_, _>>()?)
            }
            Content::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| Ok((entry.key.to_string(), entry.value.value()?)))
                    .collect::<Result<_, Error>>()?,
            ),
            Content::Broken => Value::Null,
            Content::Scalar(..) => match self.scalar() {
                None | Some(Scalar::Null) => Value::Null,
                Some(Scalar::Bool(truth)) => Value::Bool(truth),
                Some(Scalar::Number(number)) => Value::Number(number.into_owned()),
                Some(Scalar::Text(_)) => Value::Text(self.text()?.to_owned()),
            },
        })
    }
}

impl MapEntry {
    /// A problem with the key.
    pub(crate) fn error(&self, source: &SourceFile, message: impl Into<String>) -> Error {
        source.error(self.position, message)
    }
}
