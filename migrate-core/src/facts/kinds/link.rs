use super::column::{after, own};
use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::facts::language::{Clauses, Deferrable, OnDelete, PrintedClauses, TableContext, TableName};
use crate::facts::values::{RowKey, Value};

/// A column `LABEL_id` exists, with a foreign key to another table's `id`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkFact {
    /// The table that it belongs to.
    pub of: TableName,
    /// Its label, from which the column's name is made.
    pub label: String,
    /// The table that it points to.
    pub to: TableName,
    /// Former labels.
    pub was: Vec<String>,
    /// The identity of the row that it points to if a new row gives none; [`RowKey::of`] parses it.
    pub default: Option<Value>,
    /// Whether it is NOT NULL.
    pub required: bool,
    /// Whether at most one row points to each target.
    pub unique: bool,
    /// Its title, kept in its comment.
    pub title: Option<String>,
    /// The columns and links before it; inside `with`, all earlier ones too.
    pub after: Vec<String>,
    /// What happens when the target is deleted; `None` means SET DEFAULT, or CASCADE while the link is part of the
    /// identity.
    pub on_delete: Option<OnDelete>,
    /// When its foreign key is checked.
    pub deferrable: Deferrable,
    /// Whether it should exist.
    pub present: bool,
    /// Whether dropping values is intended.
    pub irreversible: bool,
}

impl LinkFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<LinkFact> {
        let present = clauses.present(&["irreversible"]);
        let field = clauses.field();
        let to = clauses.value("to", TableName::read);
        let was = clauses.labels("was");
        let default = clauses.value("default", identity);
        let required = clauses.truth("required", true);
        let unique = clauses.truth("unique", false);
        let title = clauses.text("title");
        let after = after(&mut clauses, present);
        let on_delete = clauses.value("on_delete", OnDelete::read);
        let deferrable = clauses.value("deferrable", Deferrable::read).unwrap_or_default();
        let irreversible = clauses.irreversible(present);
        let Some((of, label)) = field else {
            clauses.finish();
            return None;
        };
        let to = target(to, &of, &label);
        if present && required && to == of {
            clauses.problem(
                "a link to its own table can't be required: the first row would have nothing to point to",
                "add `required: false`",
            );
        }
        if required && on_delete == Some(OnDelete::SetNull) {
            clauses.problem_at(
                "on_delete",
                "a required link can't become NULL",
                "add `required: false`, or choose another `on_delete`",
            );
        }
        clauses.finish();
        Some(LinkFact {
            of,
            label,
            to,
            was,
            default,
            required,
            unique,
            title,
            after,
            on_delete,
            deferrable,
            present,
            irreversible,
        })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let to = match self.to == target(None, &self.of, &self.label) {
            true => None,
            false => Some(self.to.to_string()),
        };
        PrintedClauses::new("link", &self.label)
            .of(&self.of, within)
            .some("to", to)
            .list("was", &self.was)
            .some("default", self.default.clone())
            .unless("required", self.required, true)
            .unless("unique", self.unique, false)
            .some("title", self.title.as_ref())
            .list("after", &own(&self.after, within))
            .some("on_delete", self.on_delete.map(OnDelete::words))
            .some("deferrable", self.deferrable.words())
            .unless("present", self.present, true)
            .unless("irreversible", self.irreversible, false)
    }
}

/// The table that a link points to. Without a table it is the link's label; without a schema, the schema of the link's
/// own table.
fn target(to: Option<TableName>, of: &TableName, label: &str) -> TableName {
    let to = to.unwrap_or_else(|| TableName { schema: None, label: label.to_owned() });
    TableName { schema: to.schema.or_else(|| of.schema.clone()), label: to.label }
}

fn identity(node: &DocumentNode) -> Result<Value, Error> {
    let value = node.value()?;
    RowKey::of(&value)
        .map_err(|error| node.error(error.message().to_owned()).help(error.advice().unwrap_or_default()))?;
    Ok(value)
}
