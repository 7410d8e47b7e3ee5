use crate::facts::language::{Clauses, PrintedClauses, label};

/// An extension is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionFact {
    /// Its name.
    pub extension: String,
    /// Its version; any version if the fact names none.
    pub version: Option<String>,
    /// The schema of its objects; any schema if the fact names none.
    pub schema: Option<String>,
    /// Whether it should exist.
    pub present: bool,
}

impl ExtensionFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<ExtensionFact> {
        let present = clauses.present(&[]);
        let extension = clauses.value("extension", label::name);
        let version = clauses.text("version");
        let schema = clauses.value("schema", label::name);
        clauses.finish();
        Some(ExtensionFact { extension: extension?, version, schema, present })
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("extension", &self.extension)
            .some("version", self.version.as_ref())
            .some("schema", self.schema.as_ref())
            .unless("present", self.present, true)
    }
}
