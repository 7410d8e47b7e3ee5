use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::directory::lint_settings;
use crate::error::Error;
use crate::patch::{Directives, Kind};
use crate::sql::{Lint, LintLevel, LintRule, Script};

/// What the lint knows of a bundle: its patches, and what its `bundle.yaml` turns off.
#[derive(Debug, Clone, Default)]
pub struct LintContext {
    earlier: Vec<String>,
    levels: BTreeMap<LintRule, LintLevel>,
}

impl LintContext {
    /// The context of a bundle's directory; `label` names it in messages.
    ///
    /// # Errors
    ///
    /// The directory or its `bundle.yaml` can't be read.
    pub fn read(directory: &Path, label: &str) -> Result<LintContext, Error> {
        let (earlier, levels) = lint_settings(directory, label)?;
        Ok(LintContext { earlier, levels })
    }

    /// The rules that refuse these statements as one std patch.
    pub fn rules(&self, statements: &[String]) -> Vec<LintRule> {
        let text: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        let rules: BTreeSet<LintRule> = self.found(&text).into_iter().map(|(rule, _)| rule).collect();
        rules.into_iter().collect()
    }

    /// What the lint finds in one statement of a std patch, whose table others use.
    pub(super) fn hazards(&self, statement: &str) -> Vec<(LintRule, Error)> {
        self.found(&format!("{statement};\n"))
    }

    fn found(&self, text: &str) -> Vec<(LintRule, Error)> {
        let directives = Directives::default();
        let earlier = || self.earlier.clone();
        let lint = Lint {
            file: "",
            text,
            kind: Kind::Std,
            directives: &directives,
            levels: &self.levels,
            earlier: &earlier,
        };
        let found = lint.check(&Script::parse(text)).hazards;
        found.into_iter().map(|(rule, _, error)| (rule, error)).collect()
    }
}
