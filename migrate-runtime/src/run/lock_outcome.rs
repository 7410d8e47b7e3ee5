use embed_migrate_core::History;

use crate::history::records::bundle_record::BundleRecord;
use crate::session::session::Session;

/// What there is to do once it is our turn.
pub(crate) enum LockOutcome {
    /// The history, read under the lock; empty on a first boot.
    Acquired(Box<Session>, History),
    /// While we waited, another process did the work, or turned out to be at what is none of ours.
    NothingToDo(Vec<BundleRecord>),
}
