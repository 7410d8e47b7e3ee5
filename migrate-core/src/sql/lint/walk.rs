use squawk_parser::SyntaxKind as K;

use super::column_type::is_own;
use super::hazard::LintHazard;
use super::lint::{Lint, LintResult};
use super::object_name::ObjectName;
use super::patch_state::PatchState;
use super::rule::{LintLevel, LintRule};
use super::rules::{alter_table, column, data, enums, index, partition, rewrite, session};
use crate::error::{Error, ErrorKind};
use crate::patch::directive;
use crate::sql::Script;
use crate::sql::tree::Node;

impl Lint<'_> {
    pub(crate) fn check(&self, script: &Script) -> LintResult {
        let mut outcome = LintResult::default();
        let mut found = self.hazards(script);
        found.extend(session::hazard(script, self.text));
        let mut allowed = Vec::new();
        let places = directive::places(self.file, self.text, "allow");
        for (allow, place) in self.directives.allow.iter().zip(places) {
            match allow.rule.parse::<LintRule>() {
                Err(error) => outcome.unknown.push(error.at(place)),
                Ok(rule) if found.iter().any(|hazard| hazard.rule == rule) => allowed.push(rule),
                Ok(rule) => outcome.unused_allows.push(idle(rule).at(place)),
            }
        }
        for hazard in found {
            let rule = hazard.rule;
            let level = self.levels.get(&rule).copied().unwrap_or_default();
            if !allowed.contains(&rule) && level != LintLevel::Off {
                outcome.hazards.push((rule, level, hazard.into_error(self.file, self.text)));
            }
        }
        outcome
    }

    fn hazards(&self, script: &Script) -> Vec<LintHazard> {
        let roots = || script.statements.iter().filter_map(|statement| statement.tree.root(self.text));
        if roots().any(wants_proof) {
            return self.found(roots, proofs((self.earlier)(), &names(roots())));
        }
        let found = self.found(roots, PatchState::default());
        match found.is_empty() {
            true => found,
            // Its advice names the keys of tables.
            false => self.found(roots, proofs((self.earlier)(), &names(roots()))),
        }
    }

    fn found<'a, R: Iterator<Item = Node<'a>>>(
        &self,
        roots: impl Fn() -> R,
        mut state: PatchState,
    ) -> Vec<LintHazard> {
        let mut found = Vec::new();
        for (at, statement) in roots().enumerate() {
            self.one(statement, &mut state, &mut found);
            let later = roots().skip(at + 1);
            found.extend(alter_table::left_disabled(self, statement, later, &state));
        }
        found
    }

    pub(super) fn one(&self, statement: Node<'_>, state: &mut PatchState, found: &mut Vec<LintHazard>) {
        match statement.kind() == K::ALTER_TABLE {
            true => self.alter_table(statement, state, found),
            false => self.statement(statement, state, found),
        }
    }

    fn statement(&self, statement: Node<'_>, state: &mut PatchState, found: &mut Vec<LintHazard>) {
        found.extend(index::hazard(self, statement, state));
        found.extend(rewrite::hazard(self, statement, state));
        found.extend(data::hazard(self, statement, state));
        found.extend(partition::partition_of(statement, state));
        found.extend(enums::hazard(self, statement, state));
        state.statement(statement);
        enums::remember(statement, state);
    }

    fn alter_table(&self, statement: Node<'_>, state: &mut PatchState, found: &mut Vec<LintHazard>) {
        found.extend(enums::hazard(self, statement, state));
        let Some(table) = statement.child(K::TABLE_RELATION_NAME).and_then(ObjectName::of) else {
            found.extend(rewrite::hazard(self, statement, state));
            return;
        };
        for action in statement.children().filter(|child| !child.is_token()).skip(1) {
            found.extend(alter_table::hazards(self, &table, action, state));
            state.action(&table, action);
        }
    }
}

fn idle(rule: LintRule) -> Error {
    Error::new(ErrorKind::Directive, format!("`allow {rule}` allows nothing: the patch does no such thing"))
        .help("remove the directive while the patch is a draft")
}

/// Whether patches of before may say that a statement is harmless, or that it is not.
fn wants_proof(statement: Node<'_>) -> bool {
    const ALTERS: [K; 3] = [K::SET_NOT_NULL, K::ATTACH_PARTITION, K::SET_TYPE];
    const MAKES: [K; 4] = [K::CREATE_TABLE, K::CREATE_TABLE_AS, K::CREATE_MATERIALIZED_VIEW, K::CREATE_INDEX];
    let kind = statement.kind();
    MAKES.contains(&kind) && statement.child(K::IF_NOT_EXISTS).is_some()
        || kind == K::ALTER_TABLE && ALTERS.iter().any(|action| statement.has(*action))
        || kind == K::ALTER_TABLE && added_types(statement).next().is_some()
}

/// The types of new columns that are not the server's own: domains, maybe.
fn added_types(statement: Node<'_>) -> impl Iterator<Item = ObjectName> {
    let added = statement.children().filter(|child| child.kind() == K::ADD_COLUMN);
    added
        .filter_map(column::kind)
        .filter(|kind| !is_own(kind.text()))
        .filter_map(|kind| ObjectName::written(kind.text()))
}

/// The tables and types that statements are about, in lower case and without their schemas.
fn names<'a>(statements: impl Iterator<Item = Node<'a>>) -> Vec<String> {
    const NAMES: [K; 8] = [
        K::TABLE_NAME,
        K::TABLE_NAME_REF,
        K::TABLE_RELATION_NAME,
        K::RELATION_NAME,
        K::VIEW,
        K::INDEX,
        K::INDEX_REF,
        K::VIEW_REF,
    ];
    let mut names = Vec::new();
    for statement in statements {
        let tables = statement.all().filter(|node| NAMES.contains(&node.kind())).filter_map(ObjectName::of);
        names.extend(tables.chain(added_types(statement)).map(|name| name.bare().to_lowercase()));
    }
    names.sort();
    names.dedup();
    names
}

/// What earlier patches say about all objects that may have these names.
fn proofs(texts: Vec<String>, names: &[String]) -> PatchState {
    // If something gets another name, or a domain is made of another, what is about it has other names in it; and a
    // schema goes with all that is in it.
    let always = ["rename", "domain", "schema"];
    let is_about = |text: &String| {
        let text = text.to_lowercase();
        names.iter().map(String::as_str).chain(always).any(|name| text.contains(name))
    };
    let renamed = texts.iter().any(|text| text.to_lowercase().contains("rename to"));
    let texts = texts.iter().filter(|text| renamed || is_about(text));
    texts.fold(PatchState::default(), |mut state, text| {
        let Script { statements, .. } = Script::parse(text);
        statements
            .iter()
            .filter_map(|statement| statement.tree.root(text))
            .for_each(|root| take(root, &mut state));
        state.next_patch()
    })
}

fn take(statement: Node<'_>, state: &mut PatchState) {
    let table = statement.child(K::TABLE_RELATION_NAME).and_then(ObjectName::of);
    match table.filter(|_| statement.kind() == K::ALTER_TABLE) {
        Some(table) => {
            let actions = statement.children().filter(|child| !child.is_token()).skip(1);
            actions.for_each(|action| state.action(&table, action));
        }
        None => state.statement(statement),
    }
}
