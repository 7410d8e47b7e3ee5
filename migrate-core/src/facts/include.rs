use super::Fact;

/// Facts of another file.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    /// The file as the fact names it; `BUNDLE:/path` for a file of another bundle.
    pub path: String,
    /// Its facts; `None` for another bundle's file that could not be seen.
    pub facts: Option<Vec<Fact>>,
}
