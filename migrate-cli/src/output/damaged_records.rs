//! Instances and backups whose records can't be understood: lists go on without them, and say so.

use migrate_core::Error;
use serde_json::{Value, json};

use super::print;

/// One in a list; `key` is what such a list names its entries by.
pub(crate) fn damage(key: &str, name: &str, status: &str, error: &Error) -> Value {
    json!({ key: name, "status": status, "problem": error.message() })
}

/// Says on stderr why it is damaged, and what to do.
pub(crate) fn warn_of_damage(noun: &str, name: &str, error: &Error) {
    print::progress(format_args!("warning: {noun} `{name}` is damaged: {error}"));
}
