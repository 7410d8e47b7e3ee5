/// The backup that was taken before a run.
#[derive(Debug, Default)]
pub(crate) struct Backup {
    /// Whether no backup is to be taken, or it was taken already.
    pub(crate) done: bool,
    pub(crate) name: Option<String>,
    /// Whether the history has the backup's name.
    pub(crate) noted: bool,
}

impl Backup {
    /// For a run that is part of another run, which takes the backup for both.
    pub(crate) fn of_another() -> Backup {
        Backup { done: true, ..Backup::default() }
    }

    /// The report's note about the backup.
    pub(crate) fn note(&self) -> Option<String> {
        self.name.as_ref().map(|name| format!("backup `{name}` was taken before this run"))
    }
}
