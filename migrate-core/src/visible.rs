use std::borrow::Cow;

/// The text as a terminal may show it: control characters but line feeds and tabs are written out, so that what a
/// server or a file says can't move the cursor, change colours or hide itself.
///
/// ```
/// assert_eq!(migrate_core::visible("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\n");
/// assert_eq!(migrate_core::visible("größe"), "größe");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match hidden(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}
