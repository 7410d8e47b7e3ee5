use crate::facts::language::{Clauses, Deferrable, PrintedClauses, TableContext, TableName, label};

/// An exclusion constraint: no two rows have values for which all operators yield true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludeFact {
    /// Its name, as it is.
    pub exclude: String,
    /// Its table.
    pub of: TableName,
    /// Labels or expressions with their operators: `room WITH =`.
    pub on: Vec<String>,
    /// The access method of its index; gist if the fact names none.
    pub using: Option<String>,
    /// The rows that it covers.
    pub filter: Option<String>,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether it should exist.
    pub present: bool,
}

impl ExcludeFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<ExcludeFact> {
        let present = clauses.present(&[]);
        let exclude = clauses.value("exclude", label::name);
        let of = clauses.of(None);
        let on = clauses.needed("on", |node| label::each(node, label::expression)).unwrap_or_default();
        let using = clauses.value("using", label::name);
        let filter = clauses.value("where", label::expression);
        let deferrable = clauses.value("deferrable", Deferrable::read).unwrap_or_default();
        if let Some(element) = on.iter().find(|element| split(element).is_none()) {
            let message = format!("`{element}` has no operator");
            clauses.problem_at("on", message, "write `COLUMN WITH OPERATOR`, such as `during WITH &&`");
        }
        clauses.finish();
        Some(ExcludeFact { exclude: exclude?, of: of?, on, using, filter, deferrable, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("exclude", &self.exclude)
            .of(&self.of, within)
            .list("on", &self.on)
            .some("using", self.using.as_ref())
            .some("where", self.filter.as_ref())
            .some("deferrable", self.deferrable.words())
            .unless("present", self.present, true)
    }

    /// Its elements: key and operator.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.on.iter().filter_map(|element| split(element))
    }
}

fn split(element: &str) -> Option<(&str, &str)> {
    let at = element.to_ascii_uppercase().rfind(" WITH ")?;
    let (key, operator) = (element.get(..at)?.trim(), element.get(at + 6..)?.trim());
    (!key.is_empty() && !operator.is_empty()).then_some((key, operator))
}
