/// An extension is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub extension: String,
    /// Its version; any where the fact names none.
    pub version: Option<String>,
    /// The schema of its objects; any where the fact names none.
    pub schema: Option<String>,
    /// Whether it is to be there at all.
    pub present: bool,
}
