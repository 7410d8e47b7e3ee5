//! Hides passwords in SQL, in connection strings, and in a server's messages about them.

use std::borrow::Cow;
use std::ops::Range;

use scan::Scan;

mod scan;
mod url;

/// The text with each password replaced by `***`, for people and logs.
///
/// It reads SQL, connection strings and prose alike, and needs no whole statement, since a server cuts what it shows. A
/// value is hidden if it follows a name with `password`, `passwd`, `passphrase` or `secret` in it, as `PASSWORD '…'`,
/// `password=…` and `password => '…'` do; and in URLs, between `:` and `@`.
///
/// ```
/// use embed_migrate_core::redact;
///
/// assert_eq!(redact("ALTER ROLE ann PASSWORD 'hunter2'"), "ALTER ROLE ann PASSWORD '***'");
/// assert_eq!(redact("postgresql://ann:hunter2@db/demo"), "postgresql://ann:***@db/demo");
/// assert_eq!(redact("host=db password=hunter2 user=ann"), "host=db password=*** user=ann");
/// ```
pub fn redact(text: &str) -> Cow<'_, str> {
    cover(text, named(text))
}

/// A statement as [`redact`] shows it, and without any literal if it puts a password together from parts
/// (`EXECUTE format('ALTER ROLE %I PASSWORD %L', …)`) or writes into a column of such a name: for progress and notes,
/// which nobody runs again.
///
/// ```
/// let sql = "INSERT INTO account (name, password) VALUES ('ann', 'hunter2')";
/// let shown = "INSERT INTO account (name, password) VALUES ('***', '***')";
/// assert_eq!(embed_migrate_core::redact_statement(sql), shown);
/// ```
pub fn redact_statement(sql: &str) -> Cow<'_, str> {
    cover(sql, hidden(sql))
}

/// The text as [`redact`] shows it, without the passwords of a statement: for what the server says of it, such
/// as a syntax error near the password.
pub fn redact_from<'a>(statement: &str, text: &'a str) -> Cow<'a, str> {
    let mut shown = redact(text);
    for range in hidden(statement) {
        let secret = statement.get(range).unwrap_or_default();
        // The server may show a part of it.
        for part in std::iter::once(secret).chain(secret.split_whitespace()) {
            // A shorter value is part of too many words.
            if part.len() > 2 && shown.contains(part) {
                shown = Cow::Owned(shown.replace(part, HIDDEN));
            }
        }
    }
    shown
}

/// The redacted text, or its beginning and how much was left out: an error may quote a text of megabytes.
///
/// ```
/// use embed_migrate_core::{redact_excerpt, redact};
///
/// assert_eq!(redact_excerpt("PASSWORD 'x' VALID", 14, redact), "PASSWORD '***'… (6 characters more)");
/// assert_eq!(redact_excerpt("größe", 5, redact), "größe");
/// ```
pub fn redact_excerpt(text: &str, characters: usize, redact: fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    if text.char_indices().nth(characters).is_none() {
        return redact(text);
    }
    // Whether something is a password may be seen behind it only; of megabytes the beginning has to do.
    let (read, rest) = text.split_at_checked(text.floor_char_boundary(MOST_READ)).unwrap_or((text, ""));
    let shown = redact(read);
    let end = shown.char_indices().nth(characters).map_or(shown.len(), |(end, _)| end);
    let (begin, more) = shown.split_at_checked(end).unwrap_or((&shown, ""));
    match more.chars().count() + rest.chars().count() {
        0 => Cow::Owned(shown.into_owned()),
        left => Cow::Owned(format!("{begin}… ({left} characters more)")),
    }
}

const MOST_READ: usize = 500_000;

/// A line with a star for each character of its passwords, so that columns stay; `before` is the text before it.
pub(crate) fn mask(before: &str, line: &str) -> String {
    let text = [before, line].concat();
    let ranges = hidden(&text);
    if ranges.is_empty() {
        return line.to_owned();
    }
    let is_hidden = |at: usize| ranges.iter().any(|range| range.contains(&(before.len() + at)));
    line.char_indices().map(|(at, c)| if is_hidden(at) { '*' } else { c }).collect()
}

const HIDDEN: &str = "***";

const NAMES: [&str; 5] = ["password", "passwd", "passphrase", "secret", "pwd"];

/// A setting that says how passwords are kept.
const HARMLESS: &str = "password_encryption";

/// The values that follow a name, and those in URLs.
fn named(text: &str) -> Vec<Range<usize>> {
    let mut ranges = url::passwords(text);
    for name in names(text) {
        ranges.extend(Scan::new(text, name).values());
    }
    ranges
}

/// The same, or all literals of a statement that shows its password in another way.
fn hidden(sql: &str) -> Vec<Range<usize>> {
    let mut ranges = named(sql);
    if names(sql).any(|name| Scan::new(sql, name).stands_apart()) {
        ranges.extend(scan::literals(sql, 0..sql.len()));
    }
    ranges
}

/// The ranges of words that contain one of the names.
fn names(text: &str) -> impl Iterator<Item = Range<usize>> {
    let starts = text.as_bytes().windows(3).enumerate().filter(|(_, window)| {
        let is = |name: &str| name.as_bytes().get(..3).is_some_and(|name| window.eq_ignore_ascii_case(name));
        NAMES.into_iter().any(is)
    });
    starts.filter_map(|(start, _)| {
        let rest = text.get(start..)?;
        let is = |name: &&str| rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        NAMES.iter().find(|name| is(name))?;
        let end = rest.find(|c: char| !scan::is_of_name(c)).map_or(text.len(), |length| start + length);
        let before = text.get(..start)?.char_indices().rev().take_while(|(_, c)| scan::is_of_name(*c)).last();
        let word = before.map_or(start, |(at, _)| at)..end;
        (!text.get(word.clone())?.eq_ignore_ascii_case(HARMLESS)).then_some(word)
    })
}

/// The text with `***` in place of some ranges, which may lie within each other.
fn cover(text: &str, mut ranges: Vec<Range<usize>>) -> Cow<'_, str> {
    ranges.retain(|range| !range.is_empty());
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        if range.start >= done {
            shown += text.get(done..range.start).unwrap_or_default();
            shown += HIDDEN;
        }
        done = done.max(range.end);
    }
    shown += text.get(done..).unwrap_or_default();
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests;
