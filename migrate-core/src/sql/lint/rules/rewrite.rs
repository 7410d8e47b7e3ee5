use squawk_parser::SyntaxKind as K;

use super::index::{behind, concurrent};
use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::transaction::repacks_concurrently;
use crate::sql::tree::Node;

/// Tables, indexes and views that are rewritten.
pub(in crate::sql::lint) fn hazard(
    lint: &Lint<'_>,
    statement: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let kind = statement.kind();
    if kind == K::REFRESH {
        refresh(statement, state)
    } else if kind == K::VACUUM {
        vacuum(statement)
    } else if kind == K::CLUSTER || kind == K::REPACK && !repacks_concurrently(statement) {
        cluster(lint, statement, state)
    } else if kind == K::ALTER_INDEX {
        index(lint, statement, state)
    } else if kind == K::ALTER_MATERIALIZED_VIEW {
        let view = statement.child(K::VIEW_REF).and_then(ObjectName::of)?;
        moved(&view, statement, state)
    } else if kind == K::ALTER_TABLE {
        let moved = statement.child(K::ALL_IN_TABLESPACE)?;
        Some(rewrite(moved, "every table of the tablespace".to_owned(), KEEP.to_owned()))
    } else {
        None
    }
}

const KEEP: &str = "create a new table that is stored in this way and fill it in batches, use pg_repack, or do it while nobody works";

/// An action that rewrites a table or a materialised view.
pub(in crate::sql::lint) fn moved(
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    const MOVES: [K; 4] = [K::SET_TABLESPACE, K::SET_ACCESS_METHOD, K::SET_LOGGED, K::SET_UNLOGGED];
    let at = action.all().find(|node| MOVES.contains(&node.kind()))?;
    (!state.is_new(table)).then(|| rewrite(at, format!("`{}`", table.written), KEEP.to_owned()))
}

fn rewrite(at: Node<'_>, what: String, recipe: String) -> LintHazard {
    let message = format!("nobody can read or write {what} while it is rewritten");
    LintHazard::new(LintRule::Rewrite, at, message, recipe)
        .note("it takes ACCESS EXCLUSIVE, and copies all of it")
}

fn vacuum(statement: Node<'_>) -> Option<LintHazard> {
    let full = statement.all().find(|node| {
        let option = node.kind() == K::VACUUM_OPTION
            && node.has(K::FULL_KW)
            && !node.child(K::VACUUM_OPTION_VALUE).is_some_and(|value| is_off(value.text()));
        option || node.kind() == K::FULL_KW && statement.child(K::FULL_KW).is_some()
    })?;
    let table = statement.find(K::TABLE_RELATION_NAME).and_then(ObjectName::of);
    let what = table.as_ref().map_or("each table in turn".to_owned(), |table| format!("`{}`", table.written));
    let plain = table.map_or("VACUUM;".to_owned(), |table| format!("VACUUM {};", table.written));
    let recipe = format!(
        "make the space usable again, which needs no such lock:{}\nto give it back, use pg_repack",
        sql(&[plain])
    );
    Some(rewrite(full, what, recipe))
}

fn is_off(value: &str) -> bool {
    ["off", "false", "no", "0"].contains(&value.trim_matches('\'').to_lowercase().as_str())
}

fn cluster(lint: &Lint<'_>, statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let table = statement.find(K::TABLE_NAME_REF).and_then(ObjectName::of);
    // Without a table it can't run in a transaction, which is said elsewhere.
    if table.is_none() && lint.is_one_transaction() || table.as_ref().is_some_and(|table| state.is_new(table))
    {
        return None;
    }
    // No SQL to be copied: servers before do not know it.
    let repack =
        table.as_ref().map(|table| format!("`REPACK (CONCURRENTLY) {}{};`", table.written, order(statement)));
    let recipe = match repack {
        Some(repack) => format!("from PostgreSQL 19 on: {repack} {}; before it, {KEEP}", concurrent(lint)),
        None => KEEP.to_owned(),
    };
    let what = table.map_or("each table in turn".to_owned(), |table| format!("`{}`", table.written));
    Some(rewrite(statement, what, recipe))
}

/// The index by which rows are put in order.
fn order(statement: Node<'_>) -> String {
    let index = statement.find(K::INDEX_REF).or_else(|| statement.find(K::USING_INDEX)?.find(K::INDEX_REF));
    index.map(|index| format!(" USING INDEX {}", index.text())).unwrap_or_default()
}

fn index(lint: &Lint<'_>, statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let index =
        statement.child(K::INDEX_REF).and_then(ObjectName::of).filter(|index| !state.is_new_index(index))?;
    let target = statement.find(K::SET_TABLESPACE)?;
    let tablespace = target.find(K::TABLESPACE_REF)?.text();
    let safe = format!("REINDEX (TABLESPACE {tablespace}) INDEX CONCURRENTLY {};", index.written);
    let recipe = format!("build it there {}:{}", concurrent(lint), sql(&[safe]));
    Some(rewrite(target, format!("through `{}`", index.written), recipe))
}

fn refresh(statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let view = statement.child(K::VIEW_REF).and_then(ObjectName::of).filter(|view| !state.is_new(view))?;
    if statement.child(K::CONCURRENTLY_KW).is_some() || statement.child(K::WITH_NO_DATA).is_some() {
        return None;
    }
    let safe = behind(statement, K::VIEW_KW, " CONCURRENTLY");
    let recipe =
        format!("others can read the old content meanwhile; the view needs a unique index:{}", sql(&[safe]));
    let message = format!("nobody can read `{}` while its query runs", view.written);
    let hazard = LintHazard::new(LintRule::RefreshNotConcurrent, statement, message, recipe);
    Some(hazard.note("it takes ACCESS EXCLUSIVE on the view"))
}
