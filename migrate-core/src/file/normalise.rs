use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, ErrorKind, Place};
use crate::lex::tokens;

/// The text of a file as it is checked, executed and hashed: UTF-8 without a byte order mark, lines ended
/// by a line feed.
///
/// # Errors
///
/// Text that is not UTF-8 or contains a NUL byte, which PostgreSQL can't be sent.
pub(crate) fn normalise<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(file, bytes, error.valid_up_to()))?;
    if let Some(offset) = text.find('\0') {
        return Err(Error::new(ErrorKind::Syntax, "the text has a NUL byte")
            .at(Place::offset(file, text, offset))
            .help("PostgreSQL accepts no NUL in SQL: remove it"));
    }
    Ok(normalised(file, text))
}

/// The same of a text, whose file decides whether it is SQL.
///
/// A byte order mark at the beginning is left out; so are the lines `\restrict` and `\unrestrict` of SQL. If no line
/// feed stands in the text, lines end with carriage returns, as old editors of the Macintosh write them.
pub(crate) fn normalised<'a>(file: &str, text: &'a str) -> Cow<'a, str> {
    let text = with_line_feeds(text.trim_start_matches('\u{feff}'));
    let dumped = file.ends_with(".sql") && RESTRICT.iter().any(|command| text.contains(command));
    match dumped {
        true => Cow::Owned(without_restrict(&text)),
        false => text,
    }
}

fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else if text.contains('\r') && !text.contains('\n') {
        Cow::Owned(text.replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The commands of psql between which it takes no other: `pg_dump` writes one at the beginning and the other at the end.
const RESTRICT: [&str; 2] = ["\\restrict", "\\unrestrict"];

/// Leaves out these commands outside of literals and comments, and keeps their lines.
fn without_restrict(text: &str) -> String {
    let commands = tokens(text).filter(|token| token.text == "\\").filter_map(|token| {
        let (before, rest) = text.split_at_checked(token.start)?;
        let begins = before.rsplit('\n').next().unwrap_or_default().trim().is_empty();
        let line = rest.lines().next()?;
        let mut words = line.split_whitespace();
        let command = words.next().is_some_and(|word| RESTRICT.contains(&word));
        let key = words.next().is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        (begins && command && key && words.next().is_none()).then(|| token.start..token.start + line.len())
    });
    let commands: Vec<Range<usize>> = commands.collect();
    let mut kept = text.to_owned();
    commands.into_iter().rev().for_each(|command| kept.replace_range(command, ""));
    kept
}

fn not_utf8(file: &str, bytes: &[u8], valid: usize) -> Error {
    let shown = String::from_utf8_lossy(bytes);
    Error::new(ErrorKind::Syntax, "the text is not UTF-8")
        .at(Place::offset(file, &shown, valid))
        .help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn the_commands_around_a_dump_are_left_out_and_keep_their_lines() {
        let dump = "--\n\\restrict 5eB0\n\nSELECT '\n\\restrict a\n', $$\n\\restrict a\n$$; -- \\restrict a\n\\unrestrict 5eB0\n";
        let kept = "--\n\n\nSELECT '\n\\restrict a\n', $$\n\\restrict a\n$$; -- \\restrict a\n\n";
        assert_eq!(normalised("dump.sql", dump), kept);
        assert_eq!(normalised("dump.sql", &dump.replace('\n', "\r\n")), kept);
        assert_eq!(normalised("dump.yaml", dump), dump);
        // They are not those of `pg_dump`, and stay to be refused.
        for text in [
            "SELECT 1 \\restrict a\n",
            "\\restrict\n",
            "\\restrict a b\n",
            "\\restrict 'a'\n",
            "\\restricted a\n",
        ] {
            assert_eq!(normalised("dump.sql", text), text);
        }
    }

    #[test]
    fn lines_end_with_a_line_feed() {
        assert_eq!(normalised("a.sql", "\u{feff}a\rb\r\rc"), "a\nb\n\nc");
        assert_eq!(normalised("a.sql", "a\r\nb\r\n"), "a\nb\n");
        // If other lines end with a line feed, it is none.
        assert_eq!(normalised("a.sql", "'a\rb'\n"), "'a\rb'\n");
    }
}
