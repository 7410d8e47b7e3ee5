use super::clauses::Clauses;
use super::label;
use super::printed::Printed;

/// A schema exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Its name.
    pub schema: String,
    /// Whether it is to be there at all.
    pub present: bool,
}

impl Schema {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<Schema> {
        let present = clauses.present(&[]);
        let schema = clauses.value("schema", label::name);
        clauses.finish();
        Some(Schema { schema: schema?, present })
    }

    pub(super) fn print(&self) -> Printed {
        Printed::new("schema", &self.schema).unless("present", self.present, true)
    }
}
