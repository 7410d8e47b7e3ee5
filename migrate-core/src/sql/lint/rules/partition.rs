use squawk_parser::SyntaxKind as K;

use super::index::concurrent;
use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// A partition that is made as one.
pub(in crate::sql::lint) fn partition_of(statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let of = statement.child(K::PARTITION_OF).filter(|_| statement.kind() == K::CREATE_TABLE)?;
    let parent = ObjectName::of(of).filter(|parent| !state.is_new(parent))?;
    let table = statement.child(K::TABLE_NAME).and_then(ObjectName::of)?;
    let bound = statement.children().find(|child| BOUNDS.contains(&child.kind()));
    let bound = bound.or_else(|| of.children().find(|child| BOUNDS.contains(&child.kind())));
    let bound = bound.map_or("FOR VALUES …", Node::text);
    let recipe = format!(
        "create a table, and then attach it as a partition:{}",
        sql(&[
            format!("CREATE TABLE {} (LIKE {} INCLUDING ALL);", table.written, parent.written),
            format!("ALTER TABLE {} ATTACH PARTITION {} {bound};", parent.written, table.written),
        ])
    );
    let message = format!("nobody can read or write `{}` until the patch is done", parent.written);
    let hazard = LintHazard::new(LintRule::PartitionOf, statement, message, recipe);
    Some(hazard.note("it takes ACCESS EXCLUSIVE on the partitioned table, and so on all of its partitions"))
}

const BOUNDS: [K; 4] = [
    K::PARTITION_FOR_VALUES_FROM,
    K::PARTITION_FOR_VALUES_IN,
    K::PARTITION_FOR_VALUES_WITH,
    K::PARTITION_DEFAULT,
];

/// A table that is read whole before it becomes a partition.
pub(in crate::sql::lint) fn attached(
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let at = Some(action).filter(|action| action.kind() == K::ATTACH_PARTITION)?;
    let part = at.child(K::TABLE_NAME_REF).and_then(ObjectName::of)?;
    if state.is_new(table) || state.is_new(&part) || state.has_check(&part) {
        return None;
    }
    let check = part.joined("bounds");
    let recipe = format!(
        "prove with a check which rows it has, each step in a patch of its own:{}",
        sql(&[
            format!("ALTER TABLE {} ADD CONSTRAINT {check} CHECK (…) NOT VALID;", part.written),
            format!("ALTER TABLE {} VALIDATE CONSTRAINT {check};", part.written),
            format!("ALTER TABLE {} {};", table.written, at.text()),
            format!("ALTER TABLE {} DROP CONSTRAINT {check};", part.written),
        ])
    );
    let message = format!("nobody can read or write `{}` while all of its rows are checked", part.written);
    let hazard = LintHazard::new(LintRule::AttachUnchecked, at, message, recipe);
    Some(
        hazard.note(
            "it takes ACCESS EXCLUSIVE on it, and on the default partition, whose rows are read as well",
        ),
    )
}

/// A partition that leaves.
pub(in crate::sql::lint) fn detached(
    lint: &Lint<'_>,
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let at = Some(action).filter(|action| action.kind() == K::DETACH_PARTITION)?;
    let part = at.child(K::TABLE_NAME_REF).and_then(ObjectName::of)?;
    if at.has(K::DETACH_CONCURRENTLY) || at.has(K::DETACH_FINALIZE) || state.is_new(table) {
        return None;
    }
    let safe = format!("ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY;", table.written, part.written);
    let recipe = format!(
        "detach it {}; if there is a default partition, the server can't do this:{}",
        concurrent(lint),
        sql(&[safe])
    );
    let message = format!("nobody can read or write `{}` until the patch is done", table.written);
    let hazard = LintHazard::new(LintRule::DetachNotConcurrent, at, message, recipe);
    Some(hazard.note("it takes ACCESS EXCLUSIVE on the partitioned table, and so on all of its partitions"))
}

/// Partitions whose rows are put into others, which PostgreSQL 19 does.
pub(in crate::sql::lint) fn rearranged(
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let kinds = [K::MERGE_PARTITIONS, K::SPLIT_PARTITION];
    let at = Some(action).filter(|action| kinds.contains(&action.kind()) && !state.is_new(table))?;
    let recipe =
        "create the new partitions as tables, fill them in batches, and replace the old ones with DETACH \
                  PARTITION and ATTACH PARTITION, or do it while nobody works"
            .to_owned();
    let message = format!("nobody can read or write `{}` while rows are copied", table.written);
    let hazard = LintHazard::new(LintRule::Rewrite, at, message, recipe);
    Some(
        hazard.note(
            "it takes ACCESS EXCLUSIVE on the partitioned table, and copies the rows of these partitions",
        ),
    )
}
