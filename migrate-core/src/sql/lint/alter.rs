use squawk_parser::SyntaxKind as K;

use super::hazard::{Hazard, sql};
use super::name::Name;
use super::rule::LintRule;
use super::seen::Seen;
use super::walk::Lint;
use super::{column, constraint, partition, stored};
use crate::sql::tree::Node;

/// What one action of an ALTER TABLE does to a table that was there.
pub(super) fn hazards(lint: &Lint<'_>, table: &Name, action: Node<'_>, seen: &Seen) -> Vec<Hazard> {
    let mut found: Vec<Hazard> = [
        partition::attached(table, action, seen),
        partition::detached(lint, table, action, seen),
        partition::rearranged(table, action, seen),
        stored::moved(table, action, seen),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !seen.is_new(table) {
        found.extend(column::added(table, action, seen));
        found.extend(column::altered(table, action, seen));
        found.extend(constraint::added(table, action));
        found.extend(constraint::validated(lint, table, action, seen));
    }
    found
}

/// Triggers that a statement turns off and no later one turns on again.
pub(super) fn left_disabled<'a>(
    lint: &Lint<'_>,
    statement: Node<'a>,
    mut later: impl Iterator<Item = Node<'a>>,
    seen: &Seen,
) -> Option<Hazard> {
    const ENABLE: [K; 3] = [K::ENABLE_TRIGGER, K::ENABLE_ALWAYS_TRIGGER, K::ENABLE_REPLICA_TRIGGER];
    let action = statement.child(K::DISABLE_TRIGGER).filter(|_| statement.kind() == K::ALTER_TABLE)?;
    let table = statement.child(K::TABLE_RELATION_NAME).and_then(Name::of)?;
    let on_again = |statement: Node<'_>| {
        let same =
            statement.child(K::TABLE_RELATION_NAME).and_then(Name::of).is_some_and(|name| name.is(&table));
        same && statement.children().any(|child| ENABLE.contains(&child.kind()))
    };
    if seen.is_new(&table) || lint.is_one_transaction() && later.any(on_again) {
        return None;
    }
    let triggers = action.children().last().map_or("ALL", Node::text);
    let recipe = format!(
        "turn them on again in the same patch of kind `std`, while writers wait:{}",
        sql(&[format!("ALTER TABLE {} ENABLE TRIGGER {triggers};", table.written)])
    );
    let message = format!("rows of `{}` are written without its triggers", table.written);
    let hazard = Hazard::new(LintRule::DisableTrigger, action, message, recipe);
    Some(hazard.note("it takes SHARE ROW EXCLUSIVE; `ALL` turns foreign keys off as well"))
}
