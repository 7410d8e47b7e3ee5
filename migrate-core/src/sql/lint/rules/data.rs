use squawk_parser::SyntaxKind as K;

use super::index::terminated;
use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// Statements about rows that keep others waiting, and locks that are asked for by name.
pub(in crate::sql::lint) fn hazard(
    lint: &Lint<'_>,
    statement: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let kind = statement.kind();
    if kind == K::UPDATE || kind == K::DELETE {
        change(lint, statement, state)
    } else if kind == K::TRUNCATE {
        truncate(statement, state)
    } else if kind == K::LOCK {
        lock(statement, state)
    } else {
        None
    }
}

fn change(lint: &Lint<'_>, statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let table =
        statement.child(K::RELATION_NAME).and_then(ObjectName::of).filter(|table| !state.is_new(table))?;
    let held = lint.is_one_transaction() && state.is_held(&table);
    let all = statement.child(K::WHERE_CLAUSE).is_none();
    if lint.directives.batch.is_some() || !held && !all {
        return None;
    }
    let first: String = terminated(statement.text());
    let recipe = format!(
        "do it in batches, in a patch of its own of kind `concurrent`:{}",
        sql(&[state.batch(&table), first])
    );
    let ObjectName { written, .. } = &table;
    Some(match held {
        true => {
            let message = format!("nobody can write to `{written}` until all these rows are written");
            LintHazard::new(LintRule::UpdateUnderLock, statement, message, recipe)
                .note("an earlier statement holds a lock on the table until the patch is done")
        }
        false => {
            let message = format!("every row of `{written}` is locked until the last one is written");
            LintHazard::new(LintRule::UpdateWithoutWhere, statement, message, recipe)
                .note("it has no WHERE; who changes one of the rows meanwhile waits for all of them")
        }
    })
}

fn truncate(statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let tables = statement.all().filter(|node| node.kind() == K::TABLE_RELATION_NAME);
    let table = tables.filter_map(ObjectName::of).find(|table| !state.is_new(table))?;
    let recipe = format!(
        "remove the rows in batches, in a patch of kind `concurrent`:{}",
        sql(&[state.batch(&table), format!("DELETE FROM {};", table.written)])
    );
    let message = format!("nobody can read or write `{}`, and its rows are gone", table.written);
    let hazard = LintHazard::new(LintRule::Truncate, statement, message, recipe);
    Some(match statement.child(K::CASCADE).is_some() {
        true => hazard
            .note("it takes ACCESS EXCLUSIVE on it and on all tables that refer to it, and empties them too"),
        false => hazard.note("it takes ACCESS EXCLUSIVE on the table, to the end of the transaction"),
    })
}

fn lock(statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    const WEAK: [K; 4] = [K::ACCESS_SHARE, K::ROW_SHARE, K::ROW_EXCLUSIVE, K::SHARE_UPDATE_EXCLUSIVE];
    let tables = statement.all().filter(|node| node.kind() == K::RELATION_NAME);
    let table = tables.filter_map(ObjectName::of).find(|table| !state.is_new(table))?;
    let mode =
        statement.child(K::LOCK_MODE_CLAUSE).and_then(|clause| clause.children().find(|c| !c.is_token()));
    if mode.is_some_and(|mode| WEAK.contains(&mode.kind())) {
        return None;
    }
    let recipe =
        "remove it: each statement takes the lock that it needs, and gives up after the lock timeout"
            .to_owned();
    let message = format!("others wait for `{}` until the patch is done", table.written);
    let mode = mode.map_or("ACCESS EXCLUSIVE".to_owned(), |mode| mode.text().to_uppercase());
    Some(
        LintHazard::new(LintRule::LockTable, statement, message, recipe)
            .note(format!("it takes {mode} on the table")),
    )
}
