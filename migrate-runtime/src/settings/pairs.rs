use embed_migrate_core::{Error, ErrorKind, Result};

/// A parameter's name and value as the text states them.
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) value: String,
    /// Whether the name may be a piece of a password that was written without quotes, and is not to be shown.
    pub(crate) shy: bool,
}

/// Reads a `key=value` string by libpq's rules: quotes, backslashes, blanks around the equals sign.
///
/// # Errors
///
/// `Settings` if a name has no `=` or a quote no end. No part of the text stands in the error: it may
/// be a password's.
pub(crate) fn read(text: &str) -> Result<Vec<Pair>> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut rest = text.trim_start();
    let mut shy = false;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let Some(after) = after.trim_start().strip_prefix('=') else {
            return Err(no_equals(pairs.last()));
        };
        let after = after.trim_start();
        let (value, after) = value(after).ok_or_else(|| no_end(key))?;
        pairs.push(Pair { key: key.to_owned(), value, shy });
        shy |= key == "password";
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// The value that the text begins with, and what follows it; `None` if its quote has no end.
fn value(text: &str) -> Option<(String, &str)> {
    let (text, quoted) = text.strip_prefix('\'').map_or((text, false), |text| (text, true));
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        let before = rest.as_str();
        match rest.next() {
            Some('\\') => value.extend(rest.next()),
            Some('\'') if quoted => return Some((value, rest.as_str())),
            Some(c) if !quoted && c.is_whitespace() => return Some((value, before)),
            Some(c) => value.push(c),
            None if quoted => return None,
            None => return Some((value, "")),
        }
    }
}

fn no_equals(last: Option<&Pair>) -> Error {
    let place = match last {
        Some(pair) if !pair.shy => format!("the word after the value of `{}`", pair.key),
        Some(_) => "a word".to_owned(),
        None => "the first word".to_owned(),
    };
    Error::new(ErrorKind::Settings, format!("{place} in the connection string has no `=`")).help(
        "write `key=value` pairs such as `host=localhost dbname=demo`, with single quotes around a value \
         that has blanks, or a URL such as `postgresql://localhost/demo`",
    )
}

fn no_end(key: &str) -> Error {
    // The name before an open quote may be a piece of a password; only one that we know is shown.
    let name = match super::parameter::find(key) {
        Some(known) => format!("the value of `{}`", known.name),
        None => "a value".to_owned(),
    };
    Error::new(ErrorKind::Settings, format!("{name} in the connection string has no closing `'`"))
        .help(r"within quotes write `\'` for a quote and `\\` for a backslash")
}
