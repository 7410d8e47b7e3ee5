use std::collections::BTreeSet;

/// The standbys and subscribers for which a commit of the publisher would wait.
///
/// A subscription that `synchronous_standby_names` names confirms a commit once it has applied it, and it can't apply
/// what comes in or after a patch before it has the patch itself: the two would wait for each other, with everything
/// locked. A physical standby may be away. So a patch is committed for this server's disk only; physical standbys are
/// waited for, for a while; then it is committed on the subscribers, and the run's record, which comes later in the log,
/// waits for all of them.
#[derive(Default)]
pub(super) struct SynchronousCommits {
    /// The slots that a commit may wait for.
    pub(super) slots: BTreeSet<String>,
    /// Whether a standby was waited for in vain: the next patch does not wait as long again.
    pub(super) away: bool,
}

impl SynchronousCommits {
    /// What a run says of it.
    pub(super) fn note(&self) -> Option<String> {
        let named: Vec<_> = self.slots.iter().map(|slot| format!("`{slot}`")).collect();
        (!named.is_empty()).then(|| {
            format!(
                "the publisher's `synchronous_standby_names` may name the subscribers of {}: patches were committed there \
                 without waiting for them, and they have confirmed since",
                named.join(", ")
            )
        })
    }
}
