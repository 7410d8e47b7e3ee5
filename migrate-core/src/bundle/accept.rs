use std::borrow::Cow;

use crate::patch::{Checksum, Version};

/// An `accept` line of the lock file: an edit that was reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The patch that was edited.
    pub version: Version,
    /// The tokens' checksum before.
    pub old: Checksum,
    /// The tokens' checksum after.
    pub new: Checksum,
    /// Why it is the same in effect.
    pub reason: Cow<'static, str>,
}

/// Whether accept lines lead from `old` to `new`, in one step or several.
pub(crate) fn accepted(accepts: &[Accept], version: Version, old: Checksum, new: Checksum) -> bool {
    let mut reached = vec![old];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        if from == new {
            return true;
        }
        for accept in accepts.iter().filter(|accept| accept.version == version && accept.old == from) {
            if !reached.contains(&accept.new) {
                reached.push(accept.new);
            }
        }
        next += 1;
    }
    false
}
