use std::fmt;

use crate::text::mask;

/// A file, or a line and column in it with the line's text.
///
/// ```
/// use embed_migrate_core::Place;
///
/// let text = "CREATE TABLE a ();\nCREAT TABLE b ();\n";
/// let place = Place::offset("patch-1-0-0-std.sql", text, 19);
/// assert_eq!((place.line(), place.column()), (2, 1));
/// assert_eq!(
///     place.to_string(),
///     "  --> patch-1-0-0-std.sql:2:1\n   |\n 2 | CREAT TABLE b ();\n   | ^",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's path, as a person would name it.
    pub(crate) file: String,
    /// The line, from 1; 0 stands for the file as a whole.
    pub(crate) line: u32,
    /// The column in characters, from 1; 0 if the line is 0.
    pub(crate) column: u32,
    /// The line's text, without its end; passwords are masked when the place is shown.
    pub(crate) source: String,
}

/// How many characters of a line are shown on each side of the column.
pub(super) const WINDOW: usize = 60;

impl Place {
    /// The file as a whole.
    pub fn file(file: impl Into<String>) -> Place {
        Place { file: file.into(), line: 0, column: 0, source: String::new() }
    }

    /// The place of a byte offset in a file's text; an offset past the end is the end.
    pub fn offset(file: impl Into<String>, text: &str, offset: usize) -> Place {
        let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let source = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Place {
            file: file.into(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            source: mask(statement(text, start), source.trim_end_matches('\r')),
        }
    }

    /// The file's path, as a person would name it.
    pub fn path(&self) -> &str {
        &self.file
    }

    /// The line, from 1; 0 stands for the file as a whole.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, from 1; 0 stands for the file as a whole.
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The place of a line, from 1, and a column in characters, from 0, as YAML parsers count them.
    #[cfg(feature = "parse")]
    pub(crate) fn line_column(file: &str, text: &str, line: usize, column: usize) -> Place {
        let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = text.get(start..).unwrap_or_default();
        let within: usize = rest.chars().take(column).map(char::len_utf8).sum();
        Place::offset(file, text, start + within)
    }
}

/// The text before a line that may belong to the same statement.
fn statement(text: &str, line: usize) -> &str {
    let before = text.get(..line).unwrap_or_default();
    before.get(before.floor_char_boundary(line.saturating_sub(1000))..).unwrap_or_default()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "  --> {}", self.file);
        }
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let at = (self.column as usize).saturating_sub(1);
        let skipped = at.saturating_sub(WINDOW);
        let shown: String = mask("", &self.source).chars().skip(skipped).take(2 * WINDOW).collect();
        // A tab stays a tab, so that the caret is under the same character whatever its width.
        let indent: String =
            shown.chars().take(at - skipped).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        write!(f, " {gutter}--> {}:{}:{}\n {gutter} |\n", self.file, self.line, self.column)?;
        write!(f, " {number} | {}\n {gutter} | {indent}^", shown.trim_end())
    }
}
