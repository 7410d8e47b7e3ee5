/// A rewrite rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its definition, as `pg_get_ruledef` prints it.
    pub definition: String,
    /// `ev_enabled`: `O` for origin, the default, `D` disabled, `R` replica, `A` always.
    pub enabled: char,
    /// Its comment.
    pub comment: Option<String>,
}
