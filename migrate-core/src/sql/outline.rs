use std::ops::Range;

use squawk_parser::SyntaxKind as K;

use super::rules::{refuses_transaction, takes_away};
use super::{Script, Statement as Parsed};
use crate::{Class, Directives, Outline, Statement};

/// What the runtime must know of each statement.
pub(crate) fn outline(script: &Script, directives: &Directives) -> Outline {
    let batched = directives.batch.is_some();
    let statements: Vec<_> = script.statements.iter().map(|parsed| statement(parsed, batched)).collect();
    Outline::of(&statements)
}

/// Why a statement can't run in batches, if it can't.
pub(crate) fn not_in_batches(parsed: &Parsed) -> Option<(usize, &'static str)> {
    const REFUSED: [(K, &str); 4] = [
        (K::RETURNING_CLAUSE, "it returns rows, which nobody would read"),
        (K::WHERE_CURRENT_OF, "its condition is a cursor"),
        (K::FOR_PORTION_OF, "it changes portions of rows"),
        (K::WITH_CLAUSE, "it begins with WITH, which would run once for each batch"),
    ];
    if ![K::UPDATE, K::DELETE].contains(&parsed.kind) {
        return Some((parsed.range.start, "it is neither an UPDATE nor a DELETE"));
    }
    REFUSED.iter().find_map(|(kind, why)| parsed.child(*kind).map(|range| (range.start, *why)))
}

fn statement(parsed: &Parsed, batched: bool) -> Statement {
    let class = class(parsed, batched);
    let [target, other] = names(parsed, class);
    let condition = if class == Class::Batch { condition(parsed) } else { 0..0 };
    Statement { range: parsed.range.clone(), class, target, other, condition }
}

fn class(parsed: &Parsed, batched: bool) -> Class {
    const ROWS: [K; 8] =
        [K::INSERT, K::UPDATE, K::DELETE, K::MERGE, K::COPY, K::TRUNCATE, K::SELECT, K::VALUES];
    let kind = parsed.kind;
    if batched && not_in_batches(parsed).is_none() {
        Class::Batch
    } else if refuses_transaction(parsed).is_some() || SUBSCRIPTIONS.contains(&kind) {
        outside(parsed)
    } else if [K::DO, K::CALL].contains(&kind) {
        Class::Any
    } else if ROWS.contains(&kind) {
        Class::Rows
    } else if takes_away(parsed).is_some() {
        Class::Drop
    } else {
        Class::Schema
    }
}

/// They may run in a transaction where they touch no slot at the other end, which their options decide.
const SUBSCRIPTIONS: [K; 2] = [K::CREATE_SUBSCRIPTION, K::DROP_SUBSCRIPTION];

/// The class of a statement that can't run in a transaction.
fn outside(parsed: &Parsed) -> Class {
    const CLASSES: [(K, Class); 10] = [
        (K::CREATE_INDEX, Class::CreateIndex),
        (K::DROP_INDEX, Class::DropIndex),
        (K::ALTER_TABLE, Class::Detach),
        (K::CREATE_DATABASE, Class::CreateDatabase),
        (K::DROP_DATABASE, Class::DropDatabase),
        (K::CREATE_TABLESPACE, Class::CreateTablespace),
        (K::DROP_TABLESPACE, Class::DropTablespace),
        (K::CREATE_SUBSCRIPTION, Class::CreateSubscription),
        (K::DROP_SUBSCRIPTION, Class::DropSubscription),
        (K::COMMIT_PREPARED, Class::EndPrepared),
    ];
    if parsed.kind == K::ROLLBACK_PREPARED {
        return Class::EndPrepared;
    }
    if parsed.kind == K::REINDEX {
        let concurrently = parsed.has(K::REINDEX_OPTION_CONCURRENTLY) || parsed.has(K::CONCURRENTLY_KW);
        return match concurrently {
            false => Class::Repeatable,
            true if parsed.has(K::REINDEX_TARGET_INDEX) => Class::ReindexIndex,
            true if parsed.has(K::REINDEX_TARGET_TABLE) => Class::ReindexTable,
            true => Class::ReindexMany,
        };
    }
    let known = CLASSES.iter().find(|(kind, _)| *kind == parsed.kind);
    known.map_or(Class::Repeatable, |(_, class)| *class)
}

fn names(parsed: &Parsed, class: Class) -> [Range<usize>; 2] {
    let child = |kind| parsed.child(kind).unwrap_or_default();
    let node = |kind| parsed.node(kind).unwrap_or_default();
    let inner = |outer, kind| parsed.node_in(&child(outer), kind).unwrap_or_default();
    match class {
        Class::CreateIndex => [child(K::INDEX), inner(K::TABLE_RELATION_NAME, K::TABLE_NAME_REF)],
        Class::DropIndex | Class::ReindexIndex => [node(K::INDEX_REF), 0..0],
        Class::ReindexTable => [node(K::TABLE_NAME_REF), 0..0],
        Class::Detach => [
            inner(K::TABLE_RELATION_NAME, K::TABLE_NAME_REF),
            parsed.node_in(&node(K::DETACH_PARTITION), K::TABLE_NAME_REF).unwrap_or_default(),
        ],
        Class::CreateDatabase | Class::DropDatabase => [first(parsed, &[K::DATABASE, K::DATABASE_REF]), 0..0],
        Class::CreateTablespace | Class::DropTablespace => {
            [first(parsed, &[K::TABLESPACE, K::TABLESPACE_REF]), 0..0]
        }
        Class::CreateSubscription | Class::DropSubscription => {
            [first(parsed, &[K::SUBSCRIPTION, K::SUBSCRIPTION_REF]), 0..0]
        }
        Class::EndPrepared => [node(K::LITERAL), 0..0],
        Class::Batch | Class::Rows => {
            [inner(K::RELATION_NAME, K::RELATION_NAME_REF), inner(K::OPTIONAL_AS_ALIAS, K::TABLE_ALIAS)]
        }
        Class::Schema | Class::Drop | Class::Any | Class::ReindexMany | Class::Repeatable => [0..0, 0..0],
    }
}

fn first(parsed: &Parsed, kinds: &[K]) -> Range<usize> {
    kinds.iter().find_map(|kind| parsed.node(*kind)).unwrap_or_default()
}

/// The condition behind WHERE; or the place behind all else, where one would stand.
fn condition(parsed: &Parsed) -> Range<usize> {
    match parsed.child(K::WHERE_CLAUSE) {
        Some(clause) => clause.start + "WHERE".len()..clause.end,
        None => {
            let end = parsed.child(K::SEMICOLON).map_or(parsed.range.end, |semicolon| semicolon.start);
            end..end
        }
    }
}
