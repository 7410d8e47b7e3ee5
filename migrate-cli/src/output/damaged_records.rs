//! Instances and backups whose records can't be read: lists show them as damaged.

use embed_migrate_core::Error;
use serde_json::{Value, json};

use super::print;

/// A damaged record in a list; `key` is the key of its name there.
pub(crate) fn damage(key: &str, name: &str, status: &str, error: &Error) -> Value {
    json!({ key: name, "status": status, "problem": error.message() })
}

/// Prints a warning that says why it is damaged, and what to do.
pub(crate) fn warn_of_damage(noun: &str, name: &str, error: &Error) {
    print::progress(format_args!("warning: {noun} `{name}` is damaged: {error}"));
}
