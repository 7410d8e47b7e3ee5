//! Names as people write them in a patch, put so that the server's functions for names take them too.

/// A name without the comments in it, and without the escapes of `U&"…"`, which neither `to_regclass` nor `parse_ident`
/// understands.
///
/// ```
/// assert_eq!(migrate_core::plain_name(r#"a /* b */ . U&"stud\0079""#), r#"a  . "study""#);
/// ```
pub fn plain_name(written: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(written.len()), written);
    while let Some(first) = rest.chars().next() {
        let after = |length: usize| rest.get(length..).unwrap_or_default();
        if rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if rest.starts_with("/*") {
            rest = behind_comment(rest);
        } else if first == '"' {
            let (name, behind) = quoted(after(1));
            plain += &crate::quote::identifier(&name);
            rest = behind;
        } else if rest.get(..3).is_some_and(|mark| mark.eq_ignore_ascii_case("u&\"")) {
            let (name, behind) = quoted(after(3));
            let (escape, behind) = escape(behind);
            plain += &crate::quote::identifier(&unescaped(&name, escape));
            rest = behind;
        } else {
            plain.push(first);
            rest = after(first.len_utf8());
        }
    }
    plain
}

/// What stands before the closing quote, with doubled ones halved, and what stands behind it.
fn quoted(text: &str) -> (String, &str) {
    let (mut name, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('"') {
        name += before;
        match behind.strip_prefix('"') {
            Some(behind) => rest = behind,
            None => return (name, behind),
        }
        name.push('"');
    }
    (name + rest, "")
}

/// Comments may stand within each other.
fn behind_comment(text: &str) -> &str {
    let (mut depth, mut rest) = (0_u32, text);
    loop {
        if let Some(behind) = rest.strip_prefix("/*") {
            (depth, rest) = (depth + 1, behind);
        } else if let Some(behind) = rest.strip_prefix("*/") {
            (depth, rest) = (depth - 1, behind);
        } else {
            let mut characters = rest.chars();
            characters.next();
            rest = characters.as_str();
        }
        if depth == 0 || rest.is_empty() {
            return rest;
        }
    }
}

/// The character behind UESCAPE, or the one that is meant without it.
fn escape(text: &str) -> (char, &str) {
    let word = text.trim_start();
    let behind = word.get(..7).filter(|word| word.eq_ignore_ascii_case("uescape")).and(word.get(7..));
    let read = behind.and_then(|behind| {
        let mut characters = behind.trim_start().strip_prefix('\'')?.chars();
        Some((characters.next()?, characters.as_str().strip_prefix('\'')?))
    });
    read.unwrap_or(('\\', text))
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
    use super::plain_name;

    #[test]
    fn a_name_is_what_the_server_reads() {
        for (written, plain) in [
            ("study", "study"),
            ("Größe.\"My \"\"i\"", "Größe.\"My \"\"i\""),
            ("a -- b\n. /* c /* \" */ */ d", "a .  d"),
            ("U&\"d\\0061t\\+000061\"", "\"data\""),
            ("u&\"d!0061!!ta\\\" uescape '!'", "\"da!ta\\\""),
            ("U&\"\\d83d\\DE00\"", "\"😀\""),
            ("\"U&\"", "\"U&\""),
            ("\"open", "\"open\""),
            ("/* open", ""),
            ("a--", "a"),
        ] {
            assert_eq!(plain_name(written), plain, "{written}");
        }
    }
}
