//! Names and texts become SQL here, and nowhere else.

use std::collections::BTreeSet;

/// The bytes that PostgreSQL keeps of a name, `NAMEDATALEN - 1`: it cuts a longer one off.
pub const LONGEST: usize = 63;

/// A name as SQL writes it: always quoted, so that no case, keyword or character changes its meaning.
///
/// ```
/// assert_eq!(embed_migrate_core::quote::identifier(r#"a"b"#), r#""a""b""#);
/// ```
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it, whatever `standard_conforming_strings` says.
///
/// ```
/// assert_eq!(embed_migrate_core::quote::literal("it's"), "'it''s'");
/// assert_eq!(embed_migrate_core::quote::literal(r"a\b"), r" E'a\\b'");
/// ```
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    // The blank keeps a letter before it from taking the E.
    match quoted.contains('\\') {
        true => format!(" E'{}'", quoted.replace('\\', "\\\\")),
        false => format!("'{quoted}'"),
    }
}

/// A text or nothing.
pub fn optional(text: Option<&str>) -> String {
    text.map_or("NULL".to_owned(), literal)
}

/// Texts as an array, whatever the search path.
///
/// ```
/// assert_eq!(embed_migrate_core::quote::texts(&["a", "b"]), "ARRAY['a', 'b']::pg_catalog.text[]");
/// ```
pub fn texts(texts: &[impl AsRef<str>]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| literal(text.as_ref())).collect();
    format!("ARRAY[{}]::pg_catalog.text[]", texts.join(", "))
}

/// A name as the server prints it: quoted only if necessary, for example if it is a keyword.
///
/// ```
/// let keywords = ["order".to_owned()].into();
/// let printed = |name| embed_migrate_core::quote::printed(name, &keywords);
/// assert_eq!([printed("study_1"), printed("order"), printed("Ö")], ["study_1", "\"order\"", "\"Ö\""]);
/// ```
pub fn printed(name: &str, keywords: &BTreeSet<String>) -> String {
    let first = |character: char| character.is_ascii_lowercase() || character == '_';
    let safe = name.starts_with(first)
        && name.chars().all(|character| first(character) || character.is_ascii_digit());
    if safe && !keywords.contains(name) { name.to_owned() } else { identifier(name) }
}
