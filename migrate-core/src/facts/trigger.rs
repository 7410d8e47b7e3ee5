use super::TableName;

/// A trigger fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Its name, as it is.
    pub trigger: String,
    /// Its table or view.
    pub of: TableName,
    /// When it fires.
    pub timing: Timing,
    /// What makes it fire.
    pub events: Vec<Event>,
    /// Whether it fires for each row; otherwise once a statement.
    pub each_row: bool,
    /// The condition.
    pub when: Option<String>,
    /// The function call, such as `touch()`.
    pub execute: String,
    /// Whether it is to be there at all.
    pub present: bool,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Before the change.
    Before,
    /// After the change.
    After,
    /// In place of the change, on a view.
    InsteadOf,
}

/// What makes a trigger fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// INSERT
    Insert,
    /// UPDATE, of these columns where there are any.
    Update(Vec<String>),
    /// DELETE
    Delete,
    /// TRUNCATE
    Truncate,
}
