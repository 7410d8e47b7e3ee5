use std::borrow::Cow;

/// The text without characters that a terminal would act on. Control characters except line feeds and tabs are replaced by
/// visible symbols, one for one, so that a text of a server or a file can't move the cursor, change colours or hide, and columns
/// stay. So are characters that change the direction of text (Unicode's "bidirectional controls"), end a line, or have no width.
///
/// ```
/// assert_eq!(embed_migrate_core::escape_controls("a\u{1b}[2Jb\n"), "a␛[2Jb\n");
/// assert_eq!(embed_migrate_core::escape_controls("abc\u{202e}fed"), "abc\u{fffd}fed");
/// assert_eq!(embed_migrate_core::escape_controls("größe"), "größe");
/// ```
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_hidden(c) { picture(c) } else { c }).collect())
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || is_formatting(c)
}

/// Unicode's format characters that show nothing by themselves; but for joiners, which scripts and emoji are written
/// with.
fn is_formatting(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '␡',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_or_hides_text_is_drawn() {
        for c in ('\u{80}'..='\u{9f}').chain('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert_eq!(escape_controls(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        for c in ['\u{200e}', '\u{200f}', '\u{61c}', '\u{2028}', '\u{feff}', '\u{e0041}'] {
            assert_eq!(escape_controls(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        let scripts = "שלום مرحبا नमस्ते می\u{200c}خواهم 👩\u{200d}🔬\n\t";
        assert_eq!(escape_controls(scripts), scripts);
    }
}
