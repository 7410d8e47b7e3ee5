/// The backup that was taken before a run.
#[derive(Debug, Default)]
pub(crate) struct Backup {
    /// Whether none is to be taken, or no more.
    pub(crate) done: bool,
    pub(crate) name: Option<String>,
    /// Whether the history has its name.
    pub(crate) noted: bool,
}

impl Backup {
    /// Of a run that belongs to one that takes the backup for both.
    pub(crate) fn of_another() -> Backup {
        Backup { done: true, ..Backup::default() }
    }

    /// What a report says of it.
    pub(crate) fn note(&self) -> Option<String> {
        self.name.as_ref().map(|name| format!("backup `{name}` was taken before this run"))
    }
}
