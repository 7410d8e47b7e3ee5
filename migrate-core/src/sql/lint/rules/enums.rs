use squawk_parser::SyntaxKind as K;

use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// Keeps the labels that a statement adds to an enum that was there.
pub(in crate::sql::lint) fn remember(statement: Node<'_>, state: &mut PatchState) {
    let Some(added) = statement.find(K::ADD_VALUE).filter(|_| statement.kind() == K::ALTER_TYPE) else {
        return;
    };
    let new = statement
        .child(K::TYPE_NAME_REF)
        .and_then(ObjectName::of)
        .is_some_and(|name| state.is_new_type(&name));
    if let Some(label) = added.child(K::LITERAL).filter(|_| !new) {
        state.labels.push(label.text().to_owned());
    }
}

/// A label in the transaction that adds it: the server refuses it there, 55P04.
pub(in crate::sql::lint) fn hazard(
    lint: &Lint<'_>,
    statement: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    // What a CREATE TYPE says is another enum's.
    if !lint.is_one_transaction() || statement.kind() == K::ALTER_TYPE || statement.kind() == K::CREATE_TYPE {
        return None;
    }
    let label = statement
        .all()
        .find(|node| node.kind() == K::LITERAL && state.labels.iter().any(|label| label == node.text()))?;
    let recipe = format!(
        "add it in a patch before this one:{}",
        sql(&[format!("ALTER TYPE … ADD VALUE {};", label.text())])
    );
    let message = format!("the label {} can't be used in the patch that adds it", label.text());
    let hazard = LintHazard::new(LintRule::EnumValueUsed, label, message, recipe);
    Some(
        hazard
            .note("the server refuses it until the transaction is done: \"unsafe use of new value\" (55P04)"),
    )
}
