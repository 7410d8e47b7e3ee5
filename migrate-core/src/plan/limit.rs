use super::plan::Step;
use crate::patch::Kind;

/// Which pending patches a run applies; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limit {
    /// How many patches.
    pub reach: Reach,
    /// Only patches of these kinds, up to the first one of another kind; all kinds if it is empty.
    pub kinds: Vec<Kind>,
}

/// How many of the pending patches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    #[default]
    All,
    /// The first *group*: the first ones that are std, or the first ones that are not.
    Group,
    /// The first one.
    One,
    /// Those up to this place in the order of application.
    Position(i64),
}

/// The bundle of the history's own tables, which is applied first and with every other bundle.
pub const HISTORY_BUNDLE: &str = "migrate";

impl Limit {
    /// How many of these steps are within it.
    pub(crate) fn admits(&self, steps: &[Step<'_>]) -> usize {
        let own = steps.iter().take_while(|step| step.bundle.name() == HISTORY_BUNDLE).count();
        let rest = steps.get(own..).unwrap_or_default();
        let wanted = |step: &&Step<'_>| self.kinds.is_empty() || self.kinds.contains(&step.patch.kind());
        let wanted = rest.iter().take_while(wanted).count();
        let reached = match self.reach {
            Reach::All => rest.len(),
            Reach::Group => group(rest),
            Reach::One => 1,
            Reach::Position(last) => rest.iter().take_while(|step| step.position <= last).count(),
        };
        own + wanted.min(reached)
    }
}

/// The number of steps in the first group.
pub(crate) fn group(steps: &[Step<'_>]) -> usize {
    let is_std = |step: &Step<'_>| step.patch.kind() == Kind::Std;
    let first = steps.first().is_some_and(is_std);
    steps.iter().take_while(|step| is_std(step) == first).count()
}
