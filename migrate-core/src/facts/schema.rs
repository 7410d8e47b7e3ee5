/// A schema exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Its name.
    pub schema: String,
    /// Whether it is to be there at all.
    pub present: bool,
}
