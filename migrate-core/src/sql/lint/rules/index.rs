use squawk_parser::SyntaxKind as K;

use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// Indexes that are created, dropped or rebuilt while nobody can write.
pub(in crate::sql::lint) fn hazard(
    lint: &Lint<'_>,
    statement: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let kind = statement.kind();
    if statement.child(K::CONCURRENTLY_KW).is_some() {
        return None;
    }
    if kind == K::CREATE_INDEX {
        create(lint, statement, state)
    } else if kind == K::DROP_INDEX {
        drop_index(lint, statement, state)
    } else if kind == K::REINDEX {
        reindex(lint, statement, state)
    } else {
        None
    }
}

/// Where a statement that can't run in a transaction belongs.
pub(in crate::sql::lint) fn concurrent(lint: &Lint<'_>) -> &'static str {
    match lint.is_one_transaction() {
        true => "in a patch of kind `concurrent`",
        false => "without keeping others out",
    }
}

fn create(lint: &Lint<'_>, statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let relation = statement.child(K::TABLE_RELATION_NAME)?;
    let table = ObjectName::of(relation)?;
    // On a partitioned table, ONLY makes an index that has nothing to read.
    if state.is_new(&table) || relation.child(K::ONLY_KW).is_some() {
        return None;
    }
    let word = match statement.child(K::INDEX) {
        Some(_) => " CONCURRENTLY".to_owned(),
        None => format!(" CONCURRENTLY {}", name(&table, statement)),
    };
    let safe = behind(statement, K::INDEX_KW, &word);
    let recipe = format!(
        "build it {}:{}\non a partitioned table: first `ON ONLY {}`, then one on each partition, then ALTER INDEX … \
         ATTACH PARTITION",
        concurrent(lint),
        sql(&[safe]),
        table.written,
    );
    let message = format!("nobody can write to `{}` while the index is built", table.written);
    let hazard = LintHazard::new(LintRule::IndexNotConcurrent, statement, message, recipe);
    Some(hazard.note("it takes SHARE on the table, to the end of the transaction"))
}

/// The name that the server would give to an index without one.
fn name(table: &ObjectName, statement: Node<'_>) -> String {
    let items = statement.all().filter(|node| node.kind() == K::PARTITION_ITEM);
    let mut words: Vec<String> = items
        .map(|item| {
            match item.children().next().filter(|item| item.kind() == K::NAME_REF).and_then(ObjectName::of) {
                Some(column) => column.bare().to_owned(),
                None => "expr".to_owned(),
            }
        })
        .collect();
    words.push("idx".to_owned());
    table.joined(&words.join("_"))
}

fn drop_index(lint: &Lint<'_>, statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let mut indexes = statement.children().filter(|child| child.kind() == K::INDEX_REF);
    let index = indexes.find_map(|index| ObjectName::of(index).filter(|name| !state.is_new_index(name)))?;
    let exists = statement.child(K::IF_EXISTS).map_or("", |_| "IF EXISTS ");
    let safe = format!("DROP INDEX CONCURRENTLY {exists}{};", index.written);
    let recipe = format!("drop it {}:{}", concurrent(lint), sql(&[safe]));
    let message = format!("nobody can read or write the table of `{}` while it is dropped", index.written);
    let hazard = LintHazard::new(LintRule::DropIndexNotConcurrent, statement, message, recipe);
    Some(hazard.note(
        "it takes ACCESS EXCLUSIVE on the table and the index: it waits for all readers, and everybody else waits for it",
    ))
}

fn reindex(lint: &Lint<'_>, statement: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let option = statement.find(K::REINDEX_OPTION_CONCURRENTLY).is_some();
    let target = statement
        .children()
        .find(|child| child.kind() == K::REINDEX_TARGET_TABLE || child.kind() == K::REINDEX_TARGET_INDEX)?;
    if option || target.child(K::CONCURRENTLY_KW).is_some() {
        return None;
    }
    let name = ObjectName::of(target)?;
    let (word, new) = match target.kind() == K::REINDEX_TARGET_TABLE {
        true => ("TABLE", state.is_new(&name)),
        false => ("INDEX", state.is_new_index(&name)),
    };
    let safe = format!("REINDEX {word} CONCURRENTLY {};", name.written);
    let recipe = format!("build it anew {}:{}", concurrent(lint), sql(&[safe]));
    let message = format!("nobody can write to the table while `{}` is indexed anew", name.written);
    let hazard = LintHazard::new(LintRule::ReindexNotConcurrent, statement, message, recipe);
    let note =
        "it takes SHARE on the table, and ACCESS EXCLUSIVE on the index, so that most who read wait as well";
    (!new).then(|| hazard.note(note))
}

/// A statement as it is written, with words put behind its first token of this kind.
pub(in crate::sql::lint) fn behind(statement: Node<'_>, kind: K, words: &str) -> String {
    let text = statement.text();
    let end = statement.find(kind).map_or(0, |node| node.start() + node.text().len() - statement.start());
    let (before, after) = text.split_at_checked(end).unwrap_or((text, ""));
    format!("{before}{words}{}", terminated(after))
}

/// With its semicolon.
pub(in crate::sql::lint) fn terminated(text: &str) -> String {
    format!("{};", text.trim_end().trim_end_matches(';'))
}
