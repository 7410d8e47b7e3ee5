use crate::catalog::namespace::Oid;

/// An event trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTrigger {
    /// The event: `ddl_command_start`, `ddl_command_end`, `table_rewrite` or `sql_drop`.
    pub event: String,
    /// The commands that fire it, sorted; none stands for all.
    pub tags: Vec<String>,
    /// The function that it calls.
    pub function: Oid,
    /// The function's name, qualified and quoted.
    pub calls: String,
    /// Who owns it.
    pub owner: String,
    /// `evtenabled`: `O` for origin, the default, `D` disabled, `R` replica, `A` always.
    pub enabled: char,
    /// Its comment.
    pub comment: Option<String>,
}
