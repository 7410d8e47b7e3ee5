use std::ops::Range;

use squawk_parser::SyntaxKind as K;

use super::batch::not_in_batches;
use super::breaking_change::takes_away;
use super::script::{ParsedStatement, Script};
use super::session_effects;
use super::transaction::refuses_transaction;
use crate::patch::Directives;
use crate::statement::{Class, Outline, Statement};

/// What the runtime must know of each statement.
pub(crate) fn outline(text: &str, script: &Script, directives: &Directives) -> Outline {
    let batched = directives.batch.is_some();
    let statements: Vec<_> =
        script.statements.iter().map(|parsed| statement(text, parsed, batched)).collect();
    Outline::of(&statements)
}

fn statement(text: &str, parsed: &ParsedStatement, batched: bool) -> Statement {
    let sets = session_effects::sets(parsed, text.get(parsed.range.clone()).unwrap_or_default());
    let class = if sets { Class::Schema } else { class(parsed, batched) };
    let [target, other] = names(parsed, class);
    let condition = if class == Class::Batch { condition(parsed) } else { 0..0 };
    Statement { range: parsed.range.clone(), class, target, other, condition }
}

fn class(parsed: &ParsedStatement, batched: bool) -> Class {
    const ROWS: [K; 9] =
        [K::INSERT, K::UPDATE, K::DELETE, K::MERGE, K::COPY, K::TRUNCATE, K::SELECT, K::VALUES, K::EXPLAIN];
    let kind = parsed.kind;
    if batched && not_in_batches(parsed).is_none() {
        Class::Batch
    } else if refuses_transaction(parsed).is_some() || SUBSCRIPTIONS.contains(&kind) {
        outside(parsed)
    } else if ANY.contains(&kind) {
        Class::Any
    } else if ROWS.contains(&kind) {
        Class::Rows
    } else if let Some(class) = replication(parsed) {
        class
    } else if takes_away(parsed).is_some() {
        Class::Drop
    } else {
        Class::Schema
    }
}

/// The class of what concerns logical replication, at one of its two ends.
fn replication(parsed: &ParsedStatement) -> Option<Class> {
    const PUBLICATIONS: [K; 3] = [K::CREATE_PUBLICATION, K::ALTER_PUBLICATION, K::DROP_PUBLICATION];
    let described = [K::COMMENT_ON, K::SECURITY_LABEL].contains(&parsed.kind);
    let describes = |kind| described && parsed.has(kind);
    if PUBLICATIONS.contains(&parsed.kind) || describes(K::OBJECT_PUBLICATION) {
        Some(Class::Publication)
    } else if parsed.kind == K::ALTER_SUBSCRIPTION || describes(K::OBJECT_SUBSCRIPTION) {
        Some(Class::Subscription)
    } else {
        None
    }
}

/// What they do shows only when they do it; or they change the schema and rows at once.
const ANY: [K; 5] = [K::DO, K::CALL, K::EXECUTE, K::CREATE_TABLE_AS, K::SELECT_INTO];

/// They may run in a transaction if they touch no slot at the other end; their options decide that.
const SUBSCRIPTIONS: [K; 2] = [K::CREATE_SUBSCRIPTION, K::DROP_SUBSCRIPTION];

/// The class of a statement that can't run in a transaction.
fn outside(parsed: &ParsedStatement) -> Class {
    const CLASSES: [(K, Class); 11] = [
        (K::CREATE_INDEX, Class::CreateIndex),
        (K::DROP_INDEX, Class::DropIndex),
        (K::ALTER_TABLE, Class::Detach),
        (K::CREATE_DATABASE, Class::CreateDatabase),
        (K::DROP_DATABASE, Class::DropDatabase),
        (K::CREATE_TABLESPACE, Class::CreateTablespace),
        (K::DROP_TABLESPACE, Class::DropTablespace),
        (K::CREATE_SUBSCRIPTION, Class::CreateSubscription),
        (K::DROP_SUBSCRIPTION, Class::DropSubscription),
        (K::ALTER_SUBSCRIPTION, Class::RefreshSubscription),
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

fn names(parsed: &ParsedStatement, class: Class) -> [Range<usize>; 2] {
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
        Class::Batch | Class::Rows => [rows_of(parsed), inner(K::OPTIONAL_AS_ALIAS, K::TABLE_ALIAS)],
        Class::Schema | Class::Drop if RESHAPES.iter().any(|kind| parsed.has(*kind)) => {
            [inner(K::TABLE_RELATION_NAME, K::TABLE_NAME_REF), 0..0]
        }
        Class::Schema | Class::Drop | Class::Any | Class::ReindexMany | Class::Repeatable => [0..0, 0..0],
        Class::Publication | Class::Subscription | Class::RefreshSubscription => [0..0, 0..0],
    }
}

/// What gives a table other columns.
const RESHAPES: [K; 4] = [K::ADD_COLUMN, K::DROP_COLUMN, K::RENAME_COLUMN, K::SET_TYPE];

/// The table whose rows a statement changes; the first one of several.
fn rows_of(parsed: &ParsedStatement) -> Range<usize> {
    const TABLES: [(K, K); 4] = [
        (K::RELATION_NAME, K::RELATION_NAME_REF),
        (K::TABLE_RELATION_NAME, K::TABLE_NAME_REF),
        (K::COPY_TABLE, K::TABLE_NAME_REF),
        (K::TABLE_LIST, K::TABLE_NAME_REF),
    ];
    let within = |(outer, kind): &(K, K)| parsed.node_in(&parsed.child(*outer)?, *kind);
    let inserted = || parsed.child(K::RELATION_NAME_REF).filter(|_| parsed.kind == K::INSERT);
    inserted().or_else(|| TABLES.iter().find_map(within)).unwrap_or_default()
}

fn first(parsed: &ParsedStatement, kinds: &[K]) -> Range<usize> {
    kinds.iter().find_map(|kind| parsed.node(*kind)).unwrap_or_default()
}

/// The condition behind WHERE; or the place behind all else, where one would stand.
fn condition(parsed: &ParsedStatement) -> Range<usize> {
    match parsed.child(K::WHERE_CLAUSE) {
        Some(clause) => clause.start + "WHERE".len()..clause.end,
        None => {
            let end = parsed.child(K::SEMICOLON).map_or(parsed.range.end, |semicolon| semicolon.start);
            end..end
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The class of each statement, with the names that it acts on and a batch's condition.
    fn outlined(text: &str, batch: Option<&str>) -> Vec<String> {
        let directives = batch.map(|batch| format!("-- migrate: batch {batch}\n")).unwrap_or_default();
        let directives = Directives::parse("", &directives).unwrap();
        let script = Script::parse(text);
        assert!(script.errors.is_empty(), "{text}");
        let describe = |statement: Statement| {
            let piece = |range: Range<usize>| text.get(range).unwrap().trim().to_owned();
            let Statement { range, class, target, other, condition } = statement;
            assert!(text.get(range).unwrap().ends_with(';'), "{text}");
            let words = [format!("{class:?}"), piece(target), piece(other), piece(condition)];
            words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" | ")
        };
        outline(text, &script, &directives).statements().map(describe).collect()
    }

    #[test]
    fn a_statement_has_a_class_and_names() {
        for (text, expected) in [
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"My i\" ON ONLY a.\"T\" (x);",
                "CreateIndex | \"My i\" | a.\"T\"",
            ),
            ("CREATE INDEX i ON t (x);", "Schema"),
            ("DROP INDEX CONCURRENTLY IF EXISTS a.i;", "DropIndex | a.i"),
            ("DROP INDEX i;", "Schema"),
            ("REINDEX INDEX CONCURRENTLY a.i;", "ReindexIndex | a.i"),
            ("REINDEX (VERBOSE, CONCURRENTLY) TABLE t;", "ReindexTable | t"),
            ("REINDEX SCHEMA CONCURRENTLY a;", "ReindexMany"),
            ("REINDEX SCHEMA a;", "Repeatable"),
            ("ALTER TABLE a.p DETACH PARTITION b.c CONCURRENTLY;", "Detach | a.p | b.c"),
            ("ALTER TABLE p DETACH PARTITION c;", "Schema"),
            ("CREATE DATABASE \"d.b\";", "CreateDatabase | \"d.b\""),
            ("DROP DATABASE IF EXISTS d;", "DropDatabase | d"),
            ("CREATE TABLESPACE s LOCATION '/x';", "CreateTablespace | s"),
            ("DROP TABLESPACE s;", "DropTablespace | s"),
            ("CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p;", "CreateSubscription | s"),
            ("DROP SUBSCRIPTION s;", "DropSubscription | s"),
            ("COMMIT PREPARED 'a b';", "EndPrepared | 'a b'"),
            ("ROLLBACK PREPARED 'x';", "EndPrepared | 'x'"),
            ("VACUUM FULL t;", "Repeatable"),
            ("DO $$ BEGIN COMMIT; END $$;", "Any"),
            ("CALL p();", "Any"),
            ("UPDATE a.t AS x SET y = 1;", "Rows | a.t | x"),
            ("WITH o AS (DELETE FROM old RETURNING *) INSERT INTO t SELECT * FROM o;", "Rows | t"),
            ("MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE;", "Rows | t"),
            ("COPY t (x) FROM '/x';", "Rows | t"),
            ("TRUNCATE t, u;", "Rows | t"),
            ("SELECT 1 FROM t;", "Rows"),
            ("EXPLAIN ANALYZE INSERT INTO t VALUES (1);", "Rows"),
            ("CREATE  PUBLICATION p;", "Publication"),
            ("ALTER /* x */ PUBLICATION p ADD TABLE t;", "Publication"),
            ("alter -- x\npublication p RENAME TO q;", "Publication"),
            ("DROP\tPUBLICATION p;", "Publication"),
            ("COMMENT ON PUBLICATION p IS 'x';", "Publication"),
            ("SECURITY LABEL ON PUBLICATION p IS 'x';", "Publication"),
            ("alter\nsubscription s DISABLE;", "Subscription"),
            ("COMMENT ON SUBSCRIPTION s IS 'x';", "Subscription"),
            ("ALTER/**/SUBSCRIPTION s REFRESH PUBLICATION;", "RefreshSubscription"),
            ("COMMENT ON TABLE publication IS 'PUBLICATION';", "Schema"),
            ("SELECT set_config('a.b', 'c', false);", "Schema"),
            ("ALTER TABLE t DROP x;", "Drop | t"),
            ("ALTER TABLE IF EXISTS ONLY a.\"T\" RENAME x TO y;", "Drop | a.\"T\""),
            ("ALTER TABLE t ALTER x TYPE integer;", "Drop | t"),
            ("ALTER TABLE t ALTER x SET DEFAULT 1, ADD x integer;", "Schema | t"),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);", "Schema"),
            ("ALTER TABLE t RENAME CONSTRAINT c TO d;", "Schema"),
        ] {
            assert_eq!(outlined(text, None), [expected], "{text}");
        }
        assert_eq!(outlined("SELECT 1; -- ;\n/* ; */ VACUUM;", None), ["Rows", "Repeatable"]);
    }

    #[test]
    fn a_batch_has_a_place_for_its_range() {
        for (text, expected) in [
            ("UPDATE t SET x = 1;", "Batch | t"),
            (
                "UPDATE ONLY a.t AS b SET x = 1 WHERE b.x IS NULL OR x = 2 ;",
                "Batch | a.t | b | b.x IS NULL OR x = 2",
            ),
            ("DELETE FROM t z USING u WHERE z.id = u.id;", "Batch | t | z | z.id = u.id"),
        ] {
            assert_eq!(outlined(text, Some("10 by id")), [expected], "{text}");
        }
        for text in [
            "INSERT INTO t VALUES (1);",
            "UPDATE t SET x = 1 RETURNING x;",
            "WITH u AS (SELECT 1) DELETE FROM t;",
            "DELETE FROM t WHERE CURRENT OF c;",
        ] {
            assert!(
                Script::parse(text).statements.iter().all(|parsed| not_in_batches(parsed).is_some()),
                "{text}"
            );
        }
    }
}
