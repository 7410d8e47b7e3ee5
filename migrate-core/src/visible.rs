use std::borrow::Cow;

/// The text as a terminal may show it: control characters but line feeds and tabs are drawn as pictures, one for one,
/// so that what a server or a file says can't move the cursor, change colours or hide itself, and columns stay.
///
/// ```
/// assert_eq!(migrate_core::visible("a\u{1b}[2Jb\n"), "a␛[2Jb\n");
/// assert_eq!(migrate_core::visible("größe"), "größe");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if hidden(c) { picture(c) } else { c }).collect())
}

fn picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '␡',
        _ => char::REPLACEMENT_CHARACTER,
    }
}
