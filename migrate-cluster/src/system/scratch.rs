use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use embed_migrate_core::Result;

use super::account::Account;
use super::file::make_private;

/// A random word of 16 hexadecimal digits.
pub(crate) fn random_word() -> String {
    // The standard library's only source of randomness: the keys of its hash maps.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// Creates a directory named with a prefix and a random word, which only the account may enter.
pub(crate) fn make(parent: &Path, prefix: &str, account: &Account) -> Result<PathBuf> {
    let directory = parent.join(format!("{prefix}{}", random_word()));
    make_private(&directory)?;
    account.give(&directory)?;
    Ok(directory)
}
