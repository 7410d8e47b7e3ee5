use super::clauses::Clauses;
use super::printed::Printed;
use super::{TableName, Text};

/// A view exists and says this.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its name, as it is.
    pub view: TableName,
    /// Its query; only a view that is not to be there may leave it out.
    pub query: Option<Text>,
    /// Whether its rows are stored.
    pub materialized: bool,
    /// Whether it is to be there at all.
    pub present: bool,
}

impl View {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<View> {
        let present = clauses.present(&["materialized"]);
        let view = clauses.value("view", TableName::read_named);
        let query = clauses.body("as", "from");
        let materialized = clauses.truth("materialized", false);
        clauses.finish();
        Some(View { view: view?, query, materialized, present })
    }

    pub(super) fn print(&self) -> Printed {
        Printed::new("view", self.view.to_string())
            .unless("materialized", self.materialized, false)
            .some("as", self.query.as_ref())
            .unless("present", self.present, true)
    }
}
