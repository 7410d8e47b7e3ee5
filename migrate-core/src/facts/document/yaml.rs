use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::budget::DEEPEST;
use super::node::{Content, DocumentNode, MapEntry, Style};
use super::reader::{FactReader, PATH_HELP};
use super::source_file::{Position, SourceFile};
use crate::error::Error;

/// Reads a YAML text; `None` if it holds no value. `depth` is how many lists and mappings it will be nested in.
///
/// `include` resolves `!include FILE`, which parses another file.
pub(crate) fn parse(
    reader: &FactReader<'_>,
    source: &Rc<SourceFile>,
    depth: usize,
    include: Include,
) -> Result<Option<DocumentNode>, Error> {
    let text = source.text.clone();
    let parser = Parser::new_from_str(&text);
    Builder { reader, source, parser, include, anchors: HashMap::new(), depth }.document()
}

/// Parses the file that a name at a position means; it will be nested in `depth` lists and mappings.
pub(crate) type Include = fn(
    reader: &FactReader<'_>,
    from: &Rc<SourceFile>,
    at: Position,
    name: &str,
    depth: usize,
) -> Result<DocumentNode, Error>;

struct Builder<'a, 'r, 't> {
    reader: &'a FactReader<'r>,
    source: &'a Rc<SourceFile>,
    parser: Parser<'t, StrInput<'t>>,
    include: Include,
    /// The values that aliases repeat; a value is added at its end.
    anchors: HashMap<usize, DocumentNode>,
    depth: usize,
}

/// The start of a value.
struct Start<'t> {
    event: Event<'t>,
    position: Position,
}

impl<'t> Builder<'_, '_, 't> {
    fn document(mut self) -> Result<Option<DocumentNode>, Error> {
        let mut document = None;
        loop {
            let start = self.next()?;
            match start.event {
                Event::StreamEnd => return Ok(document),
                Event::DocumentStart(_) if document.is_some() => {
                    return Err(self
                        .source
                        .error(start.position, "there is more than one YAML document")
                        .help("remove the `---` and what follows, or put it into a file of its own"));
                }
                Event::DocumentStart(_) => {
                    let start = self.next()?;
                    document = Some(self.node(start)?);
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Start<'t>, Error> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => Ok(Start { event, position: position(&start) }),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok(Start { event: Event::StreamEnd, position: Position::START }),
        }
    }

    fn node(&mut self, start: Start<'t>) -> Result<DocumentNode, Error> {
        let position = start.position;
        match start.event {
            Event::Scalar(text, style, anchor, tag) => {
                // The position of a literal is its first line that isn't blank, or the anchor or tag before it.
                let position = match style == ScalarStyle::Literal && (anchor > 0 || tag.is_some()) {
                    true => first_line(position, &text),
                    false => position,
                };
                let node = self.scalar(position, &text, style, tag.as_deref())?;
                Ok(self.anchored(anchor, node))
            }
            Event::SequenceStart(anchor, tag) => {
                self.enter(position, tag.as_deref(), "seq")?;
                let node = self.list(position)?;
                Ok(self.anchored(anchor, node))
            }
            Event::MappingStart(anchor, tag) => {
                self.enter(position, tag.as_deref(), "map")?;
                let node = self.map(position)?;
                Ok(self.anchored(anchor, node))
            }
            Event::Alias(anchor) => self.alias(position, anchor),
            _ => Err(self.source.error(position, "a value belongs here").help(FORM)),
        }
    }

    fn list(&mut self, position: Position) -> Result<DocumentNode, Error> {
        let mut nodes = Vec::new();
        loop {
            let start = self.next()?;
            if start.event == Event::SequenceEnd {
                self.depth -= 1;
                return self.reader.budget.list(self.source, position, nodes);
            }
            nodes.push(self.node(start)?);
        }
    }

    fn map(&mut self, position: Position) -> Result<DocumentNode, Error> {
        let mut entries: Vec<MapEntry> = Vec::new();
        let mut keys: HashSet<Rc<str>> = HashSet::new();
        loop {
            let start = self.next()?;
            if start.event == Event::MappingEnd {
                self.depth -= 1;
                return self.reader.budget.map(self.source, position, entries);
            }
            let node = self.node(start)?;
            let Content::Scalar(key, _) = &node.content else {
                return Err(node.error(format!("a key is a word, not {}", node.what())).help(FORM));
            };
            if !keys.insert(key.clone()) {
                self.reader.duplicate(self.source, node.position, key, &entries);
            }
            let start = self.next()?;
            let value = self.node(start)?;
            entries.push(MapEntry { key: key.clone(), position: node.position, value });
        }
    }

    fn scalar(
        &mut self,
        position: Position,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
    ) -> Result<DocumentNode, Error> {
        let mut style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::Literal => Style::Literal,
            _ => Style::Quoted,
        };
        match tag.map(name) {
            None => {}
            Some(name) if name == "!include" => {
                let node = (self.include)(self.reader, self.source, position, text, self.depth);
                return self.whole(position, node);
            }
            Some(name) if name == "!include/str" => {
                return self.whole(position, self.include_text(position, text));
            }
            Some(name) if name == "!!str" || name == "!" => {
                style = if style == Style::Plain { Style::Quoted } else { style }
            }
            Some(name) if ["!!int", "!!float", "!!bool", "!!null"].contains(&name.as_str()) => {
                style = Style::Plain;
            }
            Some(name) => return self.whole(position, Err(self.unknown(position, &name))),
        }
        self.reader.budget.scalar(self.source, position, text, style)
    }

    /// `!include/str FILE`
    fn include_text(&self, position: Position, name: &str) -> Result<DocumentNode, Error> {
        let source = self.reader.open_seen(self.source, position, name, PATH_HELP)?;
        self.reader.budget.scalar(&source, Position::START, &source.text, Style::Included)
    }

    /// The node; an error is collected and gives a broken node, and reading continues after it.
    fn whole(&self, position: Position, node: Result<DocumentNode, Error>) -> Result<DocumentNode, Error> {
        match self.reader.budget.is_exhausted() {
            true => node,
            false => {
                Ok(self.reader.keep(node).unwrap_or_else(|| self.reader.budget.broken(self.source, position)))
            }
        }
    }

    fn alias(&mut self, position: Position, anchor: usize) -> Result<DocumentNode, Error> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(self
                .source
                .error(position, "an alias is inside the value that it repeats")
                .help("write the value out"));
        };
        self.reader.budget.repeat(self.source, position, node, self.depth)
    }

    fn anchored(&mut self, anchor: usize, node: DocumentNode) -> DocumentNode {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        node
    }

    fn enter(&mut self, position: Position, tag: Option<&Tag>, kind: &str) -> Result<(), Error> {
        if let Some(name) = tag.map(name)
            && name != format!("!!{kind}")
        {
            return Err(self.unknown(position, &name));
        }
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(self.reader.budget.too_deep(self.source, position)),
            false => Ok(()),
        }
    }

    fn unknown(&self, position: Position, name: &str) -> Error {
        self.source
            .error(position, format!("`{name}` is not a tag of facts"))
            .help("the tags are `!include FILE`, for the YAML or JSON of a file, and `!include/str FILE`, for its text")
    }

    fn syntax(&self, error: &ScanError) -> Error {
        let message = error.info().to_lowercase();
        let tab = message.contains(" tab");
        self.source.error(position(error.marker()), message).help(if tab { TAB } else { FORM })
    }
}

const FORM: &str = "a file of facts is YAML: a `key: value` a line, and quotes around a text with `: `, ` #` or brackets in it";

const TAB: &str = "indent lines with blanks: YAML allows no tabs there";

/// The first line that isn't blank of a literal that starts after this position's line.
fn first_line(position: Position, text: &str) -> Position {
    let blank = text.bytes().take_while(|byte| *byte == b'\n').count();
    let line = position.line.saturating_add(1).saturating_add(u32::try_from(blank).unwrap_or(u32::MAX));
    Position { line, column: 1 }
}

/// The scanner counts columns from 0; people count from 1.
fn position(marker: &Marker) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(marker.line()).max(1), column: number(marker.col()).saturating_add(1) }
}

fn name(tag: &Tag) -> String {
    match tag.is_yaml_core_schema() {
        true => format!("!!{}", tag.suffix),
        false => format!("{}{}", tag.handle, tag.suffix),
    }
}
