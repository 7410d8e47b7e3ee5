use squawk_parser::SyntaxKind as K;

use super::{column, constraint, partition, rewrite};
use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// What one action of an ALTER TABLE does to a table that was there.
pub(in crate::sql::lint) fn hazards(
    lint: &Lint<'_>,
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Vec<LintHazard> {
    let mut found: Vec<LintHazard> = [
        partition::attached(table, action, state),
        partition::detached(lint, table, action, state),
        partition::rearranged(table, action, state),
        rewrite::moved(table, action, state),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !state.is_new(table) {
        found.extend(column::added(table, action, state));
        found.extend(column::altered(table, action, state));
        found.extend(constraint::added(table, action));
        found.extend(constraint::validated(lint, table, action, state));
    }
    found
}

/// Triggers that a statement disables and no later statement enables again.
pub(in crate::sql::lint) fn left_disabled<'a>(
    lint: &Lint<'_>,
    statement: Node<'a>,
    mut later: impl Iterator<Item = Node<'a>>,
    state: &PatchState,
) -> Option<LintHazard> {
    const ENABLE: [K; 3] = [K::ENABLE_TRIGGER, K::ENABLE_ALWAYS_TRIGGER, K::ENABLE_REPLICA_TRIGGER];
    let action = statement.child(K::DISABLE_TRIGGER).filter(|_| statement.kind() == K::ALTER_TABLE)?;
    let table = statement.child(K::TABLE_RELATION_NAME).and_then(ObjectName::of)?;
    let on_again = |statement: Node<'_>| {
        let same = statement
            .child(K::TABLE_RELATION_NAME)
            .and_then(ObjectName::of)
            .is_some_and(|name| name.is(&table));
        same && statement.children().any(|child| ENABLE.contains(&child.kind()))
    };
    if state.is_new(&table) || lint.is_one_transaction() && later.any(on_again) {
        return None;
    }
    let triggers = action.children().last().map_or("ALL", Node::text);
    let recipe = format!(
        "turn them on again in the same patch of kind `std`, while writers wait:{}",
        sql(&[format!("ALTER TABLE {} ENABLE TRIGGER {triggers};", table.written)])
    );
    let message = format!("rows of `{}` are written without its triggers", table.written);
    let hazard = LintHazard::new(LintRule::DisableTrigger, action, message, recipe);
    Some(hazard.note("it takes SHARE ROW EXCLUSIVE; `ALL` turns foreign keys off as well"))
}
