use std::collections::BTreeMap;

use squawk_parser::SyntaxKind as K;

use super::hazard::Hazard;
use super::name::Name;
use super::rule::{LintLevel, LintRule};
use super::seen::Seen;
use super::types::is_own;
use super::{alter, column, data, enums, index, partition, session, stored};
use crate::error::{Error, ErrorKind};
use crate::patch::{Directives, Kind, directive};
use crate::sql::Script;
use crate::sql::tree::Node;

/// A patch that is looked at.
pub(crate) struct Lint<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
    pub(crate) directives: &'a Directives,
    /// What becomes of hazards, where it is not the default.
    pub(crate) levels: &'a BTreeMap<LintRule, LintLevel>,
    /// The texts of the patches before it, in the order in which they are applied: asked for only where they
    /// may prove something.
    pub(crate) earlier: &'a dyn Fn() -> Vec<String>,
}

/// What the lint says of a patch.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The hazards that no directive allows and that are not off.
    pub(crate) hazards: Vec<(LintRule, LintLevel, Error)>,
    /// `allow` directives that name no rule.
    pub(crate) unknown: Vec<Error>,
    /// `allow` directives that allow nothing.
    pub(crate) idle: Vec<Error>,
}

impl Lint<'_> {
    pub(crate) fn outcome(&self, script: &Script) -> Outcome {
        let mut outcome = Outcome::default();
        let mut found = self.hazards(script);
        found.extend(session::hazard(script, self.text));
        let mut allowed = Vec::new();
        let places = directive::places(self.file, self.text, "allow");
        for (allow, place) in self.directives.allow.iter().zip(places) {
            match allow.rule.parse::<LintRule>() {
                Err(error) => outcome.unknown.push(error.at(place)),
                Ok(rule) if found.iter().any(|hazard| hazard.rule == rule) => allowed.push(rule),
                Ok(rule) => outcome.idle.push(idle(rule).at(place)),
            }
        }
        for hazard in found {
            let rule = hazard.rule;
            let level = self.levels.get(&rule).copied().unwrap_or_default();
            if !allowed.contains(&rule) && level != LintLevel::Off {
                outcome.hazards.push((rule, level, hazard.told(self.file, self.text)));
            }
        }
        outcome
    }

    fn hazards(&self, script: &Script) -> Vec<Hazard> {
        let roots = || script.statements.iter().filter_map(|statement| statement.tree.root(self.text));
        if roots().any(wants_proof) {
            return self.found(roots, proofs((self.earlier)(), &names(roots())));
        }
        let found = self.found(roots, Seen::default());
        match found.is_empty() {
            true => found,
            // Its advice names the keys of tables.
            false => self.found(roots, proofs((self.earlier)(), &names(roots()))),
        }
    }

    fn found<'a, R: Iterator<Item = Node<'a>>>(&self, roots: impl Fn() -> R, mut seen: Seen) -> Vec<Hazard> {
        let mut found = Vec::new();
        for (at, statement) in roots().enumerate() {
            self.one(statement, &mut seen, &mut found);
            let later = roots().skip(at + 1);
            found.extend(alter::left_disabled(self, statement, later, &seen));
        }
        found
    }

    pub(super) fn one(&self, statement: Node<'_>, seen: &mut Seen, found: &mut Vec<Hazard>) {
        match statement.kind() == K::ALTER_TABLE {
            true => self.alter_table(statement, seen, found),
            false => self.statement(statement, seen, found),
        }
    }

    fn statement(&self, statement: Node<'_>, seen: &mut Seen, found: &mut Vec<Hazard>) {
        found.extend(index::hazard(self, statement, seen));
        found.extend(stored::hazard(self, statement, seen));
        found.extend(data::hazard(self, statement, seen));
        found.extend(partition::made(statement, seen));
        found.extend(enums::hazard(self, statement, seen));
        seen.statement(statement);
        enums::remember(statement, seen);
    }

    fn alter_table(&self, statement: Node<'_>, seen: &mut Seen, found: &mut Vec<Hazard>) {
        found.extend(enums::hazard(self, statement, seen));
        let Some(table) = statement.child(K::TABLE_RELATION_NAME).and_then(Name::of) else {
            found.extend(stored::hazard(self, statement, seen));
            return;
        };
        for action in statement.children().filter(|child| !child.is_token()).skip(1) {
            found.extend(alter::hazards(self, &table, action, seen));
            seen.action(&table, action);
        }
    }

    /// Whether the locks of all statements are held until the last one is done.
    pub(super) fn is_one_transaction(&self) -> bool {
        self.kind != Kind::Concurrent
    }
}

fn idle(rule: LintRule) -> Error {
    Error::new(ErrorKind::Directive, format!("`allow {rule}` allows nothing: the patch does no such thing"))
        .help("remove the directive while the patch is a draft")
}

/// Whether the lint looks into statements of this kind.
///
/// Rows may be many: they are only looked into where they may name a label that was added above them.
pub(crate) fn reads(kind: K, labels: bool) -> bool {
    const ROWS: [K; 6] = [K::INSERT, K::MERGE, K::SELECT, K::COMPOUND_SELECT, K::VALUES, K::CREATE_VIEW];
    const READ: [K; 30] = [
        K::ALTER_TABLE,
        K::ALTER_DOMAIN,
        K::ALTER_INDEX,
        K::ALTER_MATERIALIZED_VIEW,
        K::ALTER_SCHEMA,
        K::ALTER_TYPE,
        K::CREATE_DOMAIN,
        K::CREATE_INDEX,
        K::CREATE_MATERIALIZED_VIEW,
        K::CREATE_SCHEMA,
        K::CREATE_TABLE,
        K::CREATE_TABLE_AS,
        K::CREATE_TRIGGER,
        K::CREATE_TYPE,
        K::CLUSTER,
        K::DELETE,
        K::DROP_DOMAIN,
        K::DROP_INDEX,
        K::DROP_MATERIALIZED_VIEW,
        K::DROP_SCHEMA,
        K::DROP_TABLE,
        K::DROP_TYPE,
        K::LOCK,
        K::REFRESH,
        K::REINDEX,
        K::REPACK,
        K::SELECT_INTO,
        K::TRUNCATE,
        K::UPDATE,
        K::VACUUM,
    ];
    READ.contains(&kind) || labels && ROWS.contains(&kind)
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
fn added_types(statement: Node<'_>) -> impl Iterator<Item = Name> {
    let added = statement.children().filter(|child| child.kind() == K::ADD_COLUMN);
    added
        .filter_map(column::kind)
        .filter(|kind| !is_own(kind.text()))
        .filter_map(|kind| Name::written(kind.text()))
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
        let tables = statement.all().filter(|node| NAMES.contains(&node.kind())).filter_map(Name::of);
        names.extend(tables.chain(added_types(statement)).map(|name| name.bare().to_lowercase()));
    }
    names.sort();
    names.dedup();
    names
}

/// What patches say that were applied before, of all that these names may stand for.
fn proofs(texts: Vec<String>, names: &[String]) -> Seen {
    // Where something gets another name, or a domain is made of another, what is about it has other names in it; and a
    // schema goes with all that is in it.
    let always = ["rename", "domain", "schema"];
    let is_about = |text: &String| {
        let text = text.to_lowercase();
        names.iter().map(String::as_str).chain(always).any(|name| text.contains(name))
    };
    let renamed = texts.iter().any(|text| text.to_lowercase().contains("rename to"));
    let texts = texts.iter().filter(|text| renamed || is_about(text));
    texts.fold(Seen::default(), |mut seen, text| {
        let Script { statements, .. } = Script::parse(text);
        statements
            .iter()
            .filter_map(|statement| statement.tree.root(text))
            .for_each(|root| take(root, &mut seen));
        seen.next_patch()
    })
}

fn take(statement: Node<'_>, seen: &mut Seen) {
    let table = statement.child(K::TABLE_RELATION_NAME).and_then(Name::of);
    match table.filter(|_| statement.kind() == K::ALTER_TABLE) {
        Some(table) => {
            let actions = statement.children().filter(|child| !child.is_token()).skip(1);
            actions.for_each(|action| seen.action(&table, action));
        }
        None => seen.statement(statement),
    }
}
