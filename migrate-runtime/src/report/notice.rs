use std::fmt;

use embed_migrate_core::{Place, Version, escape_controls};

/// A message that the server sent beside its answers, such as by `RAISE NOTICE`; without passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// The bundle's name; empty if the SQL belongs to no bundle.
    pub bundle: String,
    /// The patch's version; `None` for facts.
    pub version: Option<Version>,
    /// The patch's file, the file of facts, or that of a create tree.
    pub file: String,
    /// The place of the statement, if that is known.
    pub place: Option<Place>,
    /// `NOTICE`, `WARNING`, `INFO` and so on, in the server's language.
    pub severity: String,
    /// The SQLSTATE.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Its detail.
    pub detail: Option<String>,
    /// Its hint.
    pub hint: Option<String>,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape_controls(&self.file))?;
        if let Some(place) = self.place.as_ref().filter(|place| place.line() > 0) {
            write!(f, ":{}", place.line())?;
        }
        let shown = |text: &str| escape_controls(&text.replace('\n', "\n  ")).into_owned();
        write!(f, ": {}: {}", self.severity, shown(&self.message))?;
        let more = [("detail", &self.detail), ("hint", &self.hint)];
        more.iter()
            .filter_map(|(what, text)| text.as_ref().map(|text| (what, text)))
            .try_for_each(|(what, text)| write!(f, "\n  {what}: {}", shown(text)))
    }
}
