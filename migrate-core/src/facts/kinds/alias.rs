use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, is_label, label};
use crate::facts::values::Value;

/// A calculated field of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasFact {
    /// The table.
    pub of: TableName,
    /// Its label.
    pub label: String,
    /// Its parameters, without their `$`.
    pub parameters: Vec<String>,
    /// An expression in RexDB's language, stored in the table's comment; it creates no object in the database.
    pub expression: Option<String>,
    /// An SQL expression over the table's columns: a function of the row.
    pub sql: Option<String>,
    /// Whether it should exist.
    pub present: bool,
}

/// The value of `alias:`: a label, and optionally parameters and an expression.
struct AliasHead {
    of: Option<TableName>,
    label: String,
    parameters: Option<Vec<String>>,
    expression: Option<String>,
}

impl AliasFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<AliasFact> {
        let present = clauses.present(&[]);
        let head = clauses.value("alias", AliasHead::read);
        let parameters = clauses.value("parameters", |node| label::each(node, parameter));
        let expression = clauses.text("expression");
        let sql = clauses.text("sql");
        let Some(head) = head else {
            clauses.entry("of");
            clauses.finish();
            return None;
        };
        let given = usize::from(head.expression.is_some())
            + usize::from(clauses.entry("expression").is_some())
            + usize::from(clauses.entry("sql").is_some());
        match (given, present) {
            (0, true) => clauses.problem("the alias has no expression", "add `expression:`, or `sql:`"),
            (0 | 1, _) => {}
            _ => clauses.problem(
                "the alias has more than one expression",
                "keep one: after `:=`, under `expression:` or under `sql:`",
            ),
        }
        if head.parameters.is_some() && parameters.is_some() {
            clauses.problem_at("parameters", "the parameters are given twice", "keep one of the two");
        }
        let parameters = head.parameters.or(parameters).unwrap_or_default();
        if sql.is_some() && !parameters.is_empty() {
            clauses.problem_at(
                "sql",
                "an alias in SQL takes no parameters",
                "write a `function:` fact instead",
            );
        }
        let of = clauses.of(head.of);
        clauses.finish();
        let expression = head.expression.or(expression);
        Some(AliasFact { of: of?, label: head.label, parameters, expression, sql, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let parameters: Vec<Value> = self.parameters.iter().map(Value::from).collect();
        PrintedClauses::new("alias", &self.label)
            .of(&self.of, within)
            .some("parameters", Some(parameters).filter(|parameters| !parameters.is_empty()))
            .some("expression", self.expression.as_ref())
            .some("sql", self.sql.as_ref())
            .unless("present", self.present, true)
    }
}

impl AliasHead {
    /// Reads `[TABLE.]LABEL`, `LABEL := EXPR` or `LABEL($p, $q) := EXPR`.
    fn read(node: &DocumentNode) -> Result<AliasHead, Error> {
        let text = node.text()?;
        let (head, expression) = match text.split_once(":=") {
            Some((head, expression)) => (head.trim(), Some(expression.trim().to_owned())),
            None => (text, None),
        };
        let (name, parameters) = match head.split_once('(') {
            Some((name, rest)) => (name.trim(), Some(rest)),
            None => (head, None),
        };
        let parameters = match parameters.map(|rest| rest.strip_suffix(')').map(split)) {
            None => None,
            Some(Some(Some(parameters))) => Some(parameters),
            Some(_) => return Err(form(node, text)),
        };
        if expression.as_deref() == Some("") {
            return Err(form(node, text));
        }
        let (table, label) = match name.rsplit_once('.') {
            Some((table, label)) => (Some(TableName::parse(table)), label),
            None => (None, name),
        };
        match (table, is_label(label)) {
            (Some(None), _) | (_, false) => Err(form(node, text)),
            (table, true) => {
                Ok(AliasHead { of: table.flatten(), label: label.to_owned(), parameters, expression })
            }
        }
    }
}

fn split(parameters: &str) -> Option<Vec<String>> {
    match parameters.trim() {
        "" => Some(Vec::new()),
        parameters => parameters
            .split(',')
            .map(|parameter| {
                parameter.trim().strip_prefix('$').filter(|name| is_label(name)).map(str::to_owned)
            })
            .collect(),
    }
}

fn parameter(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?;
    let name = text.strip_prefix('$').unwrap_or(text);
    match is_label(name) {
        true => Ok(name.to_owned()),
        false => Err(node
            .error(format!("`{text}` is not a parameter"))
            .help("a parameter is a label, with or without `$`")),
    }
}

fn form(node: &DocumentNode, text: &str) -> Error {
    node.error(format!("`{text}` is not an alias"))
        .help("write `LABEL`, `LABEL := EXPRESSION` or `LABEL($parameter) := EXPRESSION`")
}
