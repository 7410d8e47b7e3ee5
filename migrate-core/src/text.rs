use std::borrow::Cow;

use crate::{Error, ErrorKind, Place};

/// The text of a file as it is checked, executed and hashed: UTF-8 without a byte order mark, lines ended
/// by a line feed.
///
/// # Errors
///
/// Text that is not UTF-8 or contains a NUL byte, which PostgreSQL can't be sent.
pub(crate) fn normalise<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(file, bytes, error.valid_up_to()))?;
    if let Some(offset) = text.find('\0') {
        return Err(Error::new(ErrorKind::Syntax, "a NUL byte stands in the text")
            .at(Place::offset(file, text, offset))
            .help("PostgreSQL accepts no NUL in SQL: remove it"));
    }
    Ok(without_bom_and_cr(text))
}

/// Strips byte order marks, of which some programs add one at each saving, and turns CRLF into LF.
pub(crate) fn without_bom_and_cr(text: &str) -> Cow<'_, str> {
    let text = text.trim_start_matches('\u{feff}');
    match text.contains("\r\n") {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    }
}

fn not_utf8(file: &str, bytes: &[u8], valid: usize) -> Error {
    let shown = String::from_utf8_lossy(bytes);
    Error::new(ErrorKind::Syntax, "the text is not UTF-8")
        .at(Place::offset(file, &shown, valid))
        .help("save the file as UTF-8")
}
