use embed_migrate_core::{Bundle, Targets};

use crate::history::records::bundle_record::{BundleRecord, stops_short};
use crate::report::facts_status::{FactsState, FactsStatus};

impl FactsStatus {
    /// That of a bundle, if it has facts and a run would look at them.
    pub(crate) fn of(bundle: &Bundle, recorded: &[BundleRecord], targets: &Targets) -> Option<FactsStatus> {
        let revision = bundle.facts().filter(|_| !stops_short(bundle, targets))?;
        let facts =
            recorded.iter().find(|recorded| recorded.name == bundle.name()).and_then(BundleRecord::facts);
        let state = match facts {
            Some(facts) if facts.number > revision.number() => FactsState::Later,
            Some(facts) if facts.covers(revision) => FactsState::Deployed,
            Some(facts) if facts.digest == revision.digest() => FactsState::Unfinished,
            Some(_) | None => FactsState::Pending,
        };
        let deployed = facts.map(|facts| facts.number);
        Some(FactsStatus::new(bundle.name().to_string(), revision.number(), deployed, state))
    }
}
