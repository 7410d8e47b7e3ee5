use std::collections::HashSet;
use std::rc::Rc;

use super::budget::DEEPEST;
use super::node::{DocumentNode, MapEntry, Style};
use super::reader::FactReader;
use super::source_file::{Position, SourceFile};
use crate::error::Error;
use crate::facts::values::{Decimal, is_digits, is_exponent};

/// Reads a JSON text (RFC 8259); `depth` is how many lists and mappings it will be nested in.
///
/// YAML 1.2 is meant to contain JSON, but YAML parsers fail on long keys and on `\ud83d\ude00`.
pub(crate) fn parse(
    reader: &FactReader<'_>,
    source: &Rc<SourceFile>,
    depth: usize,
) -> Result<DocumentNode, Error> {
    let text = source.text.clone();
    let mut json = Json { reader, source, rest: &text, position: Position::START, depth };
    let node = json.value()?;
    json.blanks();
    match json.rest.is_empty() {
        true => Ok(node),
        false => Err(json.error("the JSON has ended, and this follows")),
    }
}

struct Json<'a, 'r, 't> {
    reader: &'a FactReader<'r>,
    source: &'a Rc<SourceFile>,
    rest: &'t str,
    position: Position,
    depth: usize,
}

impl Json<'_, '_, '_> {
    fn value(&mut self) -> Result<DocumentNode, Error> {
        self.blanks();
        let position = self.position;
        match self.rest.chars().next() {
            Some('{') => self.map(position),
            Some('[') => self.list(position),
            Some('"') => {
                let text = self.string()?;
                self.reader.budget.scalar(self.source, position, &text, Style::Quoted)
            }
            _ => self.word(position),
        }
    }

    fn list(&mut self, position: Position) -> Result<DocumentNode, Error> {
        self.enter()?;
        let mut nodes = Vec::new();
        while !self.ends(']', nodes.is_empty())? {
            nodes.push(self.value()?);
        }
        self.reader.budget.list(self.source, position, nodes)
    }

    fn map(&mut self, position: Position) -> Result<DocumentNode, Error> {
        self.enter()?;
        let mut entries: Vec<MapEntry> = Vec::new();
        let mut keys: HashSet<Rc<str>> = HashSet::new();
        while !self.ends('}', entries.is_empty())? {
            self.blanks();
            let position = self.position;
            let key: Rc<str> = self.string()?.into();
            if !keys.insert(key.clone()) {
                self.reader.duplicate(self.source, position, &key, &entries);
            }
            self.blanks();
            if !self.take(':') {
                return Err(self.error("a `:` belongs here"));
            }
            let value = self.value()?;
            entries.push(MapEntry { key, position, value });
        }
        self.reader.budget.map(self.source, position, entries)
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.advance();
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(self.reader.budget.too_deep(self.source, self.position)),
            false => Ok(()),
        }
    }

    /// Takes the end of a list or mapping, or the comma before its next value.
    fn ends(&mut self, bracket: char, empty: bool) -> Result<bool, Error> {
        self.blanks();
        if self.take(bracket) {
            self.depth -= 1;
            return Ok(true);
        }
        match empty || self.take(',') {
            true => Ok(false),
            false => Err(self.error(format!("a `,` or `{bracket}` belongs here"))),
        }
    }

    fn word(&mut self, position: Position) -> Result<DocumentNode, Error> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
        let word = self.rest.get(..end.unwrap_or(self.rest.len())).unwrap_or_default();
        if !matches!(word, "null" | "true" | "false") && !is_number(word) {
            return Err(self.error("a value of JSON belongs here"));
        }
        word.chars().for_each(|_| self.advance());
        // A bare `1e2` would be text, `1.e2` is the same number.
        match word
            .split_once(['e', 'E'])
            .filter(|(mantissa, _)| is_number(mantissa) && !mantissa.contains('.'))
        {
            Some((mantissa, exponent)) => self.reader.budget.scalar(
                self.source,
                position,
                &format!("{mantissa}.e{exponent}"),
                Style::Plain,
            ),
            None => self.reader.budget.scalar(self.source, position, word, Style::Plain),
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        if !self.take('"') {
            return Err(self.error("a text in double quotes belongs here"));
        }
        let mut text = String::new();
        loop {
            match self.rest.chars().next() {
                Some('"') => {
                    self.advance();
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                Some(c) if c >= ' ' => {
                    text.push(c);
                    self.advance();
                }
                Some(_) => {
                    return Err(self
                        .error("the text contains a control character")
                        .help("escape it: `\\n`, `\\t`, `\\u0001`"));
                }
                None => return Err(self.error("the text has no end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        self.advance();
        let escaped = match self.rest.chars().next() {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('/') => '/',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            _ => return Err(self.error("JSON has no such escape")),
        };
        self.advance();
        Ok(escaped)
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let unit = self.unit()?;
        let pair = (0xd800..0xdc00).contains(&unit) && self.rest.starts_with("\\u");
        let units = match pair {
            true => {
                self.advance();
                vec![unit, self.unit()?]
            }
            false => vec![unit],
        };
        let mut decoded = char::decode_utf16(units);
        match decoded.next() {
            Some(Ok(c)) if decoded.next().is_none() => Ok(c),
            _ => Err(self.error("half of a surrogate pair is not a character")),
        }
    }

    /// The four digits after a `u`.
    fn unit(&mut self) -> Result<u16, Error> {
        self.advance();
        let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
            return Err(self.error("four hexadecimal digits belong here"));
        };
        (0..4).for_each(|_| self.advance());
        Ok(unit)
    }

    fn blanks(&mut self) {
        while self.rest.starts_with([' ', '\t', '\n', '\r']) {
            self.advance();
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let taken = self.rest.starts_with(wanted);
        if taken {
            self.advance();
        }
        taken
    }

    fn advance(&mut self) {
        let mut chars = self.rest.chars();
        match chars.next() {
            Some('\n') => self.position = Position { line: self.position.line + 1, column: 1 },
            Some('\r') if !chars.as_str().starts_with('\n') => {
                self.position = Position { line: self.position.line + 1, column: 1 };
            }
            _ => self.position.column += 1,
        }
        self.rest = chars.as_str();
    }

    fn error(&self, message: impl Into<String>) -> Error {
        self.source.error(self.position, message).help("the file is JSON, as its ending says")
    }
}

fn is_number(word: &str) -> bool {
    let Decimal { whole, fraction, exponent } = Decimal::of(word.strip_prefix('-').unwrap_or(word));
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(is_exponent)
}
