use embed_migrate_core::{Error, ErrorKind, Result};

/// Refuses a command that can't be undone, unless it has `--yes`; `what` says what would be lost.
pub(crate) fn confirm(yes: bool, what: impl Into<String>) -> Result<()> {
    match yes {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Stopped, what).note("nothing was done").help("add `--yes`")),
    }
}
