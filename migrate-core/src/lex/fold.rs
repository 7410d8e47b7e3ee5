/// A word as a name: its ASCII letters in lower case, or without its quotes.
pub(crate) fn fold(word: &str) -> String {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.to_ascii_lowercase(),
    }
}
