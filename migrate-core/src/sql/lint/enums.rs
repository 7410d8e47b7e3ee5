use squawk_parser::SyntaxKind as K;

use super::hazard::{Hazard, sql};
use super::name::Name;
use super::rule::LintRule;
use super::seen::Seen;
use super::walk::Lint;
use crate::sql::tree::Node;

/// Keeps the labels that a statement adds to an enum that was there.
pub(super) fn remember(statement: Node<'_>, seen: &mut Seen) {
    let Some(added) = statement.find(K::ADD_VALUE).filter(|_| statement.kind() == K::ALTER_TYPE) else {
        return;
    };
    let new =
        statement.child(K::TYPE_NAME_REF).and_then(Name::of).is_some_and(|name| seen.is_new_type(&name));
    if let Some(label) = added.child(K::LITERAL).filter(|_| !new) {
        seen.labels.push(label.text().to_owned());
    }
}

/// A label in the transaction that adds it: the server refuses it there, 55P04.
pub(super) fn hazard(lint: &Lint<'_>, statement: Node<'_>, seen: &Seen) -> Option<Hazard> {
    // What a CREATE TYPE says is another enum's.
    if !lint.is_one_transaction() || statement.kind() == K::ALTER_TYPE || statement.kind() == K::CREATE_TYPE {
        return None;
    }
    let label = statement
        .all()
        .find(|node| node.kind() == K::LITERAL && seen.labels.iter().any(|label| label == node.text()))?;
    let recipe = format!(
        "add it in a patch before this one:{}",
        sql(&[format!("ALTER TYPE … ADD VALUE {};", label.text())])
    );
    let message = format!("the label {} can't be used in the patch that adds it", label.text());
    let hazard = Hazard::new(LintRule::EnumValueUsed, label, message, recipe);
    Some(
        hazard
            .note("the server refuses it until the transaction is done: \"unsafe use of new value\" (55P04)"),
    )
}
