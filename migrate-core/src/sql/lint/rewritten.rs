use squawk_parser::SyntaxKind as K;

use super::name::Name;
use super::walk::Lint;
use crate::sql::Script;
use crate::sql::tree::Node;
use crate::{Kind, LintRule, Patch};

impl Patch {
    /// The tables that it stores anew, as it writes them: by statements that the rules `rewrite`, `retype`, `serial-column`,
    /// `stored-column` and `volatile-default` tell of, whether or not directives allow them. None of a patch whose body is facts.
    pub fn rewrites(&self) -> Vec<String> {
        let Ok(directives) = self.directives() else { return Vec::new() };
        if self.is_facts() {
            return Vec::new();
        }
        let (levels, earlier) = (Default::default(), Vec::new);
        let (file, text, kind): (_, _, Kind) = (&self.file, &self.text, self.kind);
        let lint = Lint { file, text, kind, directives: &directives, levels: &levels, earlier: &earlier };
        lint.rewritten(&Script::parse(text))
    }
}

/// Whether a hazard is that a table is stored anew.
pub(super) fn rewrites(rule: LintRule) -> bool {
    use LintRule::{Retype, Rewrite, SerialColumn, StoredColumn, VolatileDefault};
    [Retype, Rewrite, SerialColumn, StoredColumn, VolatileDefault].contains(&rule)
}

/// The table, or the materialised view, that a statement is about.
pub(super) fn table(statement: Node<'_>) -> Option<String> {
    let kind = statement.kind();
    let wanted = if kind == K::CLUSTER {
        K::TABLE_NAME_REF
    } else if kind == K::ALTER_MATERIALIZED_VIEW {
        K::VIEW_REF
    } else {
        K::TABLE_RELATION_NAME
    };
    statement.find(wanted).and_then(Name::of).map(|name| name.written)
}
