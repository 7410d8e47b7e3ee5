use embed_migrate_core::History;

use crate::history::records::bundle_record::BundleRecord;
use crate::session::session::Session;

/// The result of waiting for the lock.
pub(crate) enum LockOutcome {
    /// The lock was acquired. The history was read under the lock; it is empty on a first boot.
    Acquired(Box<Session>, History),
    /// While we waited, another process did the work; or it applies a patch that our bundles do not have.
    NothingToDo(Vec<BundleRecord>),
}
