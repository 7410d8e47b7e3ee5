use crate::facts::language::{Clauses, Deferrable, OnDelete, PrintedClauses, TableContext, TableName, label};

/// A foreign key from columns and links to columns and links of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyFact {
    /// Its name, as it is.
    pub foreign_key: String,
    /// Its table.
    pub of: TableName,
    /// The labels of its columns and links, in order.
    pub on: Vec<String>,
    /// The table that it points to; may be absent only if `present` is false.
    pub to: Option<TableName>,
    /// The labels there; none means the members of its identity.
    pub columns: Vec<String>,
    /// What happens when the target is deleted.
    pub on_delete: Option<OnDelete>,
    /// What happens when the target's values change.
    pub on_update: Option<OnDelete>,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether it should exist.
    pub present: bool,
}

impl ForeignKeyFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<ForeignKeyFact> {
        let present = clauses.present(&[]);
        let foreign_key = clauses.value("foreign_key", label::name);
        let of = clauses.of(None);
        let on = clauses.needed("on", label::labels).unwrap_or_default();
        let to = clauses.needed("to", TableName::read);
        let columns = clauses.labels("columns");
        let on_delete = clauses.value("on_delete", OnDelete::read);
        let on_update = clauses.value("on_update", OnDelete::read);
        let deferrable = clauses.value("deferrable", Deferrable::read).unwrap_or_default();
        if !columns.is_empty() && columns.len() != on.len() {
            clauses.problem_at(
                "columns",
                "a foreign key has as many columns there as here",
                "name one of `columns` for each of `on`",
            );
        }
        clauses.finish();
        let (foreign_key, of) = (foreign_key?, of?);
        let to = to.map(|to| TableName { schema: to.schema.or_else(|| of.schema.clone()), label: to.label });
        Some(ForeignKeyFact { foreign_key, of, on, to, columns, on_delete, on_update, deferrable, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("foreign_key", &self.foreign_key)
            .of(&self.of, within)
            .list("on", &self.on)
            .some("to", self.to.as_ref().map(TableName::to_string))
            .list("columns", &self.columns)
            .some("on_delete", self.on_delete.map(OnDelete::words))
            .some("on_update", self.on_update.map(OnDelete::words))
            .some("deferrable", self.deferrable.words())
            .unless("present", self.present, true)
    }
}
