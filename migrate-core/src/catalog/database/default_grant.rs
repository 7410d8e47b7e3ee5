/// The objects to which default privileges apply: ALTER DEFAULT PRIVILEGES.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefaultGrant {
    /// The role that creates the objects.
    pub role: String,
    /// The schema; `None` means all schemas, and then the privileges replace PostgreSQL's own.
    pub schema: Option<String>,
    /// The kind of objects: `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES` or `SCHEMAS`.
    pub objects: String,
}
