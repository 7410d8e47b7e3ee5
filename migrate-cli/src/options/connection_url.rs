use std::env;

use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::Settings;

/// The settings of a URL and of libpq's variables. A variable that is not UTF-8 is refused: without it, the settings could
/// lead to another database.
pub(crate) fn parse(url: &str) -> Result<Settings> {
    let variables = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let mut unread = variables.filter(|(name, value)| name.starts_with("PG") && value.to_str().is_none());
    match unread.next() {
        Some((name, _)) => Err(unreadable(&name)),
        None => Settings::parse(url, &|name| env::var(name).ok()),
    }
}

pub(crate) fn unreadable(variable: &str) -> Error {
    Error::new(ErrorKind::Settings, format!("the variable `{variable}` is not UTF-8"))
}
