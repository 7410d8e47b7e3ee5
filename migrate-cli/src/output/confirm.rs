use migrate_core::{Error, ErrorKind, Result};

/// Refuses what can't be taken back, unless somebody said yes; `what` says what would be lost.
pub(crate) fn confirm(yes: bool, what: impl Into<String>) -> Result<()> {
    match yes {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Stopped, what).note("nothing was done").help("add `--yes`")),
    }
}
