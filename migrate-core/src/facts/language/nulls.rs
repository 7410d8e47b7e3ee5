use crate::error::Error;
use crate::facts::document::DocumentNode;

/// Whether two NULLs count as equal.
pub(crate) fn nulls(node: &DocumentNode) -> Result<bool, Error> {
    match node.text()?.to_lowercase().as_str() {
        "distinct" => Ok(false),
        "not distinct" => Ok(true),
        word => Err(node
            .error(format!("`{word}` does not say whether NULLs are distinct"))
            .help("it is `distinct` or `not distinct`")),
    }
}
