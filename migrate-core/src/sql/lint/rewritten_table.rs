use std::collections::BTreeMap;

use squawk_parser::SyntaxKind as K;

use super::hazard::LintHazard;
use super::lint::Lint;
use super::object_name::ObjectName;
use super::patch_state::PatchState;
use super::rule::LintRule;
use crate::patch::{Kind, Patch};
use crate::sql::Script;
use crate::sql::tree::Node;
use crate::statement::RewriteProbe;
use crate::text::quote;

/// A table that a patch rewrites, or may rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewrittenTable {
    /// The table, as the patch writes it.
    pub table: String,
    /// The clauses that give its columns other types, if nothing else rewrites it. A type that is stored in the old one's
    /// form does not rewrite it, and the patch does not say which. Empty if it is rewritten whatever the types are.
    pub retypes: Vec<String>,
    /// Its name without its schema, as SQL.
    name: String,
}

impl RewrittenTable {
    /// Finds out whether its other types rewrite it, after earlier clauses.
    pub fn probe(&self, earlier: &[String]) -> RewriteProbe {
        RewriteProbe::new(&self.table, &self.name, earlier, &self.retypes)
    }
}

impl Patch {
    /// The tables that it rewrites: by statements that the rules `rewrite`, `retype`, `serial-column`,
    /// `stored-column`, `domain-column` and `volatile-default` report, whether or not directives allow them. None of a patch whose body is facts.
    pub fn rewrites(&self) -> Vec<RewrittenTable> {
        let Ok(directives) = self.directives() else { return Vec::new() };
        if self.is_facts() {
            return Vec::new();
        }
        let (levels, earlier) = (Default::default(), Vec::new);
        let (file, text, kind): (_, _, Kind) = (self.file(), self.text(), self.kind());
        let lint = Lint { file, text, kind, directives, levels: &levels, earlier: &earlier };
        lint.rewritten(&Script::parse(text))
    }
}

impl Lint<'_> {
    /// The tables that are rewritten.
    fn rewritten(&self, script: &Script) -> Vec<RewrittenTable> {
        let roots = script.statements.iter().filter_map(|statement| statement.tree.root(self.text));
        let (mut state, mut tables) = (PatchState::default(), BTreeMap::new());
        for statement in roots {
            let mut found = Vec::new();
            self.one(statement, &mut state, &mut found);
            if found.iter().any(|hazard| rewrites(hazard.rule))
                && let Some(name) = table(statement)
            {
                note(&mut tables, name, retypes(statement, &found));
            }
        }
        tables.into_values().collect()
    }
}

/// Takes a table in, or what else happens to it.
fn note(tables: &mut BTreeMap<String, RewrittenTable>, table: ObjectName, retypes: Vec<String>) {
    let name = quote::identifier(table.bare());
    match tables.get_mut(&table.written) {
        Some(known) if known.retypes.is_empty() || retypes.is_empty() => known.retypes.clear(),
        Some(known) => known.retypes.extend(retypes),
        None => {
            tables.insert(table.written.clone(), RewrittenTable { table: table.written, retypes, name });
        }
    }
}

/// The clauses that give columns other types, if nothing else rewrites the table.
fn retypes(statement: Node<'_>, found: &[LintHazard]) -> Vec<String> {
    if found.iter().any(|hazard| rewrites(hazard.rule) && hazard.rule != LintRule::Retype) {
        return Vec::new();
    }
    statement
        .children()
        .filter(|action| action.has(K::SET_TYPE))
        .map(|action| action.text().to_owned())
        .collect()
}

/// Whether a hazard is that a table is rewritten.
fn rewrites(rule: LintRule) -> bool {
    use LintRule::{DomainColumn, Retype, Rewrite, SerialColumn, StoredColumn, VolatileDefault};
    [DomainColumn, Retype, Rewrite, SerialColumn, StoredColumn, VolatileDefault].contains(&rule)
}

/// The table, or the materialised view, that a statement is about.
fn table(statement: Node<'_>) -> Option<ObjectName> {
    let kind = statement.kind();
    let wanted = if kind == K::CLUSTER {
        K::TABLE_NAME_REF
    } else if kind == K::ALTER_MATERIALIZED_VIEW {
        K::VIEW_REF
    } else {
        K::TABLE_RELATION_NAME
    };
    statement.find(wanted).and_then(ObjectName::of)
}
