//! What a statement does to its session, as far as its text shows.

use squawk_lexer::TokenKind;
use squawk_parser::SyntaxKind as K;

use super::function_calls::{Call, calls, reads, run_string, words};
use super::script::ParsedStatement;

const SET_CONFIG: &str = "set_config";

const LOCKS: [&str; 4] =
    ["pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared"];

const APART: &str = "each statement of a concurrent patch has a clean session, also after an interruption";

/// What would be lost for the statements after it: what to say of it, and what to do.
pub(crate) struct LostEffect {
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// Whether a statement is a SELECT that does nothing but set something for the session, as `pg_dump` writes it. It may be
/// carried out again before each statement after it.
pub(crate) fn sets(statement: &ParsedStatement, text: &str) -> bool {
    let calls = calls(text, &[SET_CONFIG], false);
    statement.kind == K::SELECT && only_sets(text) && !calls.is_empty() && !calls.iter().any(is_local)
}

/// What of a statement of a concurrent patch the statements after it would not find. What a function does when it is
/// called is not seen here.
pub(crate) fn lost(statement: &ParsedStatement, text: &str) -> Option<LostEffect> {
    let (defines, runs) =
        ([K::CREATE_FUNCTION, K::CREATE_PROCEDURE].contains(&statement.kind), statement.kind == K::DO);
    let called = || setting(statement, text, runs).or_else(|| lock(text, runs));
    let listens = || {
        let message = "`LISTEN` is not allowed in a concurrent patch".to_owned();
        let help = format!("{APART}: nobody would receive them after this statement");
        (statement.kind == K::LISTEN).then_some(LostEffect { offset: 0, message, help })
    };
    listens().or_else(|| called().filter(|_| !defines))
}

fn setting(statement: &ParsedStatement, text: &str, runs: bool) -> Option<LostEffect> {
    let alone = statement.kind == K::SELECT && only_sets(text);
    let mut calls = calls(text, &[SET_CONFIG], runs).into_iter();
    let (offset, message) = if let Some(call) = calls.find(|call| is_local(call) == alone) {
        match alone {
            true => (call.start, "`set_config(…, true)` is not allowed as a statement in a concurrent patch"),
            false => (
                call.start,
                "`set_config` for the session must be a statement of its own in a concurrent patch",
            ),
        }
    } else if runs && let Some(offset) = set_within(text) {
        (offset, "`SET` for the session is not allowed in a DO of a concurrent patch")
    } else {
        return None;
    };
    let help = format!(
        "{APART}: `SET`, and `SELECT set_config(…, false)` by itself, hold for all after them; within a statement, \
         `SET LOCAL` and `set_config(…, true)` hold to its end"
    );
    Some(LostEffect { offset, message: message.to_owned(), help })
}

fn lock(text: &str, runs: bool) -> Option<LostEffect> {
    // Within DO, what is done under the lock may follow.
    let call = calls(text, &LOCKS, false).into_iter().next().filter(|_| !runs)?;
    let message = format!("`{}` may not be called in a concurrent patch", call.name);
    Some(LostEffect {
        offset: call.start,
        message,
        help: format!("{APART}: the lock would be released with this one"),
    })
}

fn is_local(call: &Call<'_>) -> bool {
    call.arguments.get(2).is_some_and(|local| local.eq_ignore_ascii_case("true"))
}

/// Whether a text is `SELECT set_config(…), …` and nothing else.
fn only_sets(text: &str) -> bool {
    let words = words(text);
    let mut words = words.iter().peekable();
    if !words.next().is_some_and(|word| reads(word, "select")) {
        return false;
    }
    loop {
        if words.next_if(|word| reads(word, "pg_catalog")).is_some() {
            words.next_if(|word| word.kind == TokenKind::Dot);
        }
        if !words.next().is_some_and(|word| reads(word, SET_CONFIG)) {
            return false;
        }
        let mut depth = 0;
        for word in words.by_ref() {
            match word.kind {
                TokenKind::OpenParen => depth += 1,
                TokenKind::CloseParen => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        if words.next_if(|word| reads(word, "as")).is_some() {
            words.next();
        }
        match words.next().map(|word| word.kind) {
            Some(TokenKind::Comma) => {}
            None => return true,
            Some(TokenKind::Semi) => return words.next().is_none(),
            Some(_) => return false,
        }
    }
}

/// Where a block sets something for the session. One that resets as well may put it back.
fn set_within(text: &str) -> Option<usize> {
    const BEFORE: [&str; 5] = ["begin", "then", "else", "loop", "exception"];
    let outer = words(text);
    let (start, body) = outer.iter().find_map(|word| {
        let (offset, body) = run_string(word)?;
        Some((word.start + offset, body))
    })?;
    let body = words(body);
    let begins = |index: usize| match index.checked_sub(1).and_then(|before| body.get(before)) {
        Some(word) => word.kind == TokenKind::Semi || BEFORE.iter().any(|before| reads(word, before)),
        None => true,
    };
    let stands = |name: &'static str| {
        let found = body.iter().enumerate().filter(move |(_, word)| reads(word, name));
        found.filter(|(index, _)| begins(*index))
    };
    let transaction = |index: usize| {
        body.get(index + 1)
            .is_some_and(|word| ["local", "constraints", "transaction"].iter().any(|name| reads(word, name)))
    };
    let set = stands("set").find(|(index, _)| !transaction(*index))?;
    stands("reset").next().is_none().then_some(start + set.1.start)
}

#[cfg(test)]
mod tests {
    use super::{lost, sets};
    use crate::sql::Script;

    fn check(text: &str, expected: &str) {
        let script = Script::parse(text);
        assert_eq!(script.errors, [], "{text}");
        let statement = &script.statements[0];
        let found = match (lost(statement, text), sets(statement, text)) {
            (Some(lost), _) => text[lost.offset..].split([' ', '(', '.']).next().unwrap().to_owned(),
            (None, true) => "carried".to_owned(),
            (None, false) => "nothing".to_owned(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_a_statement_sets_is_carried_or_lost() {
        for text in [
            "SELECT pg_catalog.set_config('search_path', 's', false);",
            "select set_config('a.b', concat('x', f(1)), FALSE) AS x, \"set_config\"('work_mem', '1MB', is_local => false)",
        ] {
            check(text, "carried");
        }
        for text in [
            "SELECT set_config('search_path', 's', true);",
            "SELECT set_config('search_path', 's', false), f();",
            "SELECT set_config('search_path', 's', false) FROM t;",
            "INSERT INTO t SELECT set_config('search_path', 's', false);",
            "WITH s AS (SELECT set_config('search_path', 's', false)) SELECT * FROM s;",
            "DO $$ BEGIN PERFORM set_config('search_path', 's', false); END $$;",
            "CREATE TABLE x AS SELECT set_config('search_path', 's', false);",
        ] {
            check(text, "set_config");
        }
        check("DO $$ BEGIN SET search_path = s; END $$;", "SET");
        check("DO $x$ BEGIN IF true THEN set work_mem = '1MB'; END IF; END $x$;", "set");
        for text in [
            "SELECT f(set_config('search_path', 's', true));",
            "DO $$ BEGIN PERFORM set_config('search_path', 's', true); SET LOCAL work_mem = '1MB'; END $$;",
            "DO $$ BEGIN SET ROLE a; UPDATE t SET x = 1; RESET ROLE; END $$;",
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT set_config('a.b', '', false) $$;",
            "SELECT 'set_config(a, b, false)';",
        ] {
            check(text, "nothing");
        }
    }

    #[test]
    fn a_lock_would_be_lost() {
        check("SELECT pg_advisory_lock(1);", "pg_advisory_lock");
        check("SELECT pg_catalog.pg_try_advisory_lock_shared(1, 2) AS got;", "pg_try_advisory_lock_shared");
        check("DO $$ BEGIN PERFORM pg_advisory_lock(1); END $$;", "nothing");
        check("SELECT pg_advisory_xact_lock(1);", "nothing");
        check("SELECT 1 AS a INTO t;", "nothing");
        check("LISTEN news;", "LISTEN");
    }
}
