use crate::text::quote;

/// The statement that gives something its comment, or takes it away.
pub(in crate::catalog) fn comment(object: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {object} IS {}", quote::optional(text))
}

/// The statement where there is a comment.
pub(super) fn comments(object: &str, text: Option<&String>) -> Option<String> {
    text.map(|text| comment(object, Some(text)))
}
