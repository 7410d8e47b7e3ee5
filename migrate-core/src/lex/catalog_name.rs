//! Names as people write them in a patch, put so that the server's functions for names take them too.

use std::borrow::Cow;

use squawk_lexer::TokenKind;

use crate::lex::tokens;
use crate::text::quote::identifier;

/// A name without the comments in it, and without the escapes of `U&"…"`, which neither `to_regclass` nor `parse_ident`
/// understands.
///
/// ```
/// assert_eq!(embed_migrate_core::catalog_name(r#"a /* b */ . U&"stud\0079""#), r#"a  . "study""#);
/// ```
pub fn catalog_name(written: &str) -> String {
    pieces(written).map(|(_, piece)| piece).collect()
}

/// The words and signs of a statement, however it is written: those that are not quoted in lower case, quoted names without
/// escapes, and no comments.
///
/// ```
/// let words = embed_migrate_core::words("SET/* a */LOCAL -- b\n U&\"r\\006fle\" = 'x';");
/// assert_eq!(words, ["set", "local", "\"role\"", "=", "'x'", ";"]);
/// ```
pub fn words(written: &str) -> Vec<String> {
    let words = pieces(written).filter(|(kind, _)| *kind != TokenKind::Whitespace);
    let word = |(kind, word): (TokenKind, Cow<'_, str>)| match kind {
        TokenKind::Ident => word.to_lowercase(),
        _ => word.into_owned(),
    };
    words.map(word).collect()
}

/// The tokens but comments, with quoted names as they are without escapes.
fn pieces(written: &str) -> impl Iterator<Item = (TokenKind, Cow<'_, str>)> {
    let mut behind = 0;
    tokens(written).filter(|token| !is_comment(token.kind)).filter_map(move |token| {
        let rest = written.get(token.end()..).unwrap_or_default();
        let piece = match token.kind {
            _ if token.start < behind => return None,
            TokenKind::QuotedIdent { uescape: false, .. } => identifier(&inner(token.text, 1)).into(),
            TokenKind::QuotedIdent { uescape: true, .. } => {
                let (escape, length) = escape(rest);
                behind = token.end() + length;
                identifier(&unescaped(&inner(token.text, 3), escape)).into()
            }
            _ => Cow::Borrowed(token.text),
        };
        Some((token.kind, piece))
    })
}

fn is_comment(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::LineComment | TokenKind::BlockComment { .. })
}

/// The text between the quotes, with doubled ones halved; the first of them ends at `from`.
fn inner(quoted: &str, from: usize) -> String {
    let inner = quoted.get(from..).unwrap_or_default();
    inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\"")
}

/// The character behind UESCAPE, or the one that is meant without it; and the length of that clause.
fn escape(text: &str) -> (char, usize) {
    let mut words = tokens(text).filter(|token| !token.is_trivia());
    let clause = words.next().filter(|word| word.is("uescape")).and_then(|_| words.next());
    let read = clause.and_then(|literal| {
        let mut characters = literal.text.strip_prefix('\'')?.strip_suffix('\'')?.chars();
        Some((characters.next()?, literal.end()))
    });
    read.unwrap_or(('\\', 0))
}

/// Escapes are of four digits, or a plus sign and six; two of four may be the halves of one character.
fn unescaped(name: &str, escape: char) -> String {
    let (mut units, mut rest) = (Vec::new(), name);
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let digits = |text: &str, count| {
            // A number may have a sign, an escape may not.
            let digits = text.get(..count).filter(|text| text.bytes().all(|digit| digit.is_ascii_hexdigit()));
            u32::from_str_radix(digits?, 16).ok()
        };
        let long = || char::from_u32(digits(behind.strip_prefix('+')?, 6)?);
        if first != escape {
            units.extend(first.encode_utf16(&mut [0; 2]).iter());
            rest = behind;
        } else if let Some(unit) = digits(behind, 4).and_then(|unit| u16::try_from(unit).ok()) {
            units.push(unit);
            rest = behind.get(4..).unwrap_or_default();
        } else if let Some(character) = long() {
            units.extend(character.encode_utf16(&mut [0; 2]).iter());
            rest = behind.get(7..).unwrap_or_default();
        } else {
            units.extend(first.encode_utf16(&mut [0; 2]).iter());
            rest = behind.strip_prefix(escape).unwrap_or(behind);
        }
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::catalog_name;

    #[test]
    fn a_name_is_what_the_server_reads() {
        for (written, plain) in [
            ("study", "study"),
            ("Größe.\"My \"\"i\"", "Größe.\"My \"\"i\""),
            ("a -- b\n. /* c /* \" */ */ d", "a \n.  d"),
            ("U&\"d\\0061t\\+000061\"", "\"data\""),
            ("u&\"d!0061!!ta\\\" uescape '!'", "\"da!ta\\\""),
            ("U&\"\\d83d\\DE00\"", "\"😀\""),
            ("\"U&\"", "\"U&\""),
            ("\"open", "\"open\""),
            ("/* open", ""),
            ("a--", "a"),
            ("a -- b\r. c", "a \r. c"),
            ("U&\"a!0062\" /* c */ UESCAPE -- d\n '!' . e", "\"ab\" . e"),
        ] {
            assert_eq!(catalog_name(written), plain, "{written}");
        }
    }
}
