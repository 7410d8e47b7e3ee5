use super::clauses::Clauses;
use super::label;
use super::printed::Printed;

/// An extension is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub extension: String,
    /// Its version; any where the fact names none.
    pub version: Option<String>,
    /// The schema of its objects; any where the fact names none.
    pub schema: Option<String>,
    /// Whether it is to be there at all.
    pub present: bool,
}

impl Extension {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<Extension> {
        let present = clauses.present(&[]);
        let extension = clauses.value("extension", label::name);
        let version = clauses.text("version");
        let schema = clauses.value("schema", label::name);
        clauses.finish();
        Some(Extension { extension: extension?, version, schema, present })
    }

    pub(super) fn print(&self) -> Printed {
        Printed::new("extension", &self.extension)
            .some("version", self.version.as_ref())
            .some("schema", self.schema.as_ref())
            .unless("present", self.present, true)
    }
}
