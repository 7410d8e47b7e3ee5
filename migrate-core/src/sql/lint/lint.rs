use std::collections::BTreeMap;

use super::rule::{LintLevel, LintRule};
use crate::error::Error;
use crate::patch::{Directives, Kind};

/// A patch that is looked at.
pub(crate) struct Lint<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
    pub(crate) directives: &'a Directives,
    /// The levels of rules that differ from the default.
    pub(crate) levels: &'a BTreeMap<LintRule, LintLevel>,
    /// The texts of the patches before it, in the order in which they are applied: asked for only if they
    /// may prove something.
    pub(crate) earlier: &'a dyn Fn() -> Vec<String>,
}

impl Lint<'_> {
    /// Whether the locks of all statements are held until the last one is done.
    pub(super) fn is_one_transaction(&self) -> bool {
        self.kind != Kind::Concurrent
    }
}

/// What the lint says of a patch.
#[derive(Default)]
pub(crate) struct LintResult {
    /// The hazards that no directive allows and that are not off.
    pub(crate) hazards: Vec<(LintRule, LintLevel, Error)>,
    /// `allow` directives that name no rule.
    pub(crate) unknown: Vec<Error>,
    /// `allow` directives that allow nothing.
    pub(crate) unused_allows: Vec<Error>,
}
