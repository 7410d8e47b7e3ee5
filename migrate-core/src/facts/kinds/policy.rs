use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, label};

/// A row security policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFact {
    /// Its name, as it is.
    pub policy: String,
    /// Its table.
    pub of: TableName,
    /// Whether it is RESTRICTIVE; otherwise PERMISSIVE.
    pub restrictive: bool,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// The roles; `public` is everybody.
    pub to: Vec<String>,
    /// The rows that can be seen.
    pub using: Option<String>,
    /// The rows that can be written.
    pub check: Option<String>,
    /// Whether it should exist.
    pub present: bool,
}

const COMMANDS: [&str; 5] = ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"];

impl PolicyFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<PolicyFact> {
        let present = clauses.present(&[]);
        let policy = clauses.value("policy", label::name);
        let of = clauses.of(None);
        let restrictive = clauses.value("as", kind).unwrap_or_default();
        let command = clauses.value("for", command).unwrap_or_else(|| "ALL".to_owned());
        let to = clauses.value("to", |node| label::each(node, label::role)).unwrap_or_default();
        let using = clauses.value("using", label::expression);
        let check = clauses.value("with_check", label::expression);
        if using.is_some() && command == "INSERT" {
            clauses.problem_at(
                "using",
                "a policy for INSERT has no `using`: it reads no row",
                "use `with_check` for the rows that can be written",
            );
        }
        if check.is_some() && ["SELECT", "DELETE"].contains(&command.as_str()) {
            let message = format!("a policy for {command} has no `with_check`: it writes no row");
            clauses.problem_at("with_check", message, "use `using` for the rows that can be seen");
        }
        clauses.finish();
        let to = if to.is_empty() { vec!["public".to_owned()] } else { to };
        Some(PolicyFact { policy: policy?, of: of?, restrictive, command, to, using, check, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let to = if self.to == ["public"] { &[] } else { self.to.as_slice() };
        PrintedClauses::new("policy", &self.policy)
            .of(&self.of, within)
            .some("as", self.restrictive.then_some("restrictive"))
            .some("for", (self.command != "ALL").then(|| self.command.to_lowercase()))
            .list("to", to)
            .some("using", self.using.as_ref())
            .some("with_check", self.check.as_ref())
            .unless("present", self.present, true)
    }
}

fn kind(node: &DocumentNode) -> Result<bool, Error> {
    match node.text()?.to_lowercase().as_str() {
        "permissive" => Ok(false),
        "restrictive" => Ok(true),
        word => Err(node
            .error(format!("`{word}` is not a kind of policy"))
            .help("it is `permissive` or `restrictive`")),
    }
}

fn command(node: &DocumentNode) -> Result<String, Error> {
    let word = node.text()?.to_uppercase();
    match COMMANDS.contains(&word.as_str()) {
        true => Ok(word),
        false => Err(node
            .error(format!("`{}` is not a command of a policy", word.to_lowercase()))
            .help("it is `all`, `select`, `insert`, `update` or `delete`")),
    }
}
