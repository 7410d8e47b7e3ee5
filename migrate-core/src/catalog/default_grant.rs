/// Which objects get privileges when they are made: ALTER DEFAULT PRIVILEGES.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefaultGrant {
    /// Who makes them.
    pub role: String,
    /// In which schema; `None` stands for all, and then the privileges take the place of PostgreSQL's own.
    pub schema: Option<String>,
    /// What they are: `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES` or `SCHEMAS`.
    pub objects: String,
}
