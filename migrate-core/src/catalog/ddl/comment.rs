use crate::text::quote;

/// The statement that sets or removes a comment.
pub(in crate::catalog) fn comment(object: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {object} IS {}", quote::optional(text))
}

/// The statement that sets a comment, if there is one.
pub(super) fn comments(object: &str, text: Option<&String>) -> Option<String> {
    text.map(|text| comment(object, Some(text)))
}
