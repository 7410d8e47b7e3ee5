use squawk_lexer::TokenKind;

use crate::error::{Error, ErrorKind, Place};
use crate::facts::kinds::{Claim, Fact};
use crate::facts::language::ColumnDefault;
use crate::lex::{self, SplitStep, Splitter, Token};

/// Statements in the SQL of facts that would end the transaction in which all facts are deployed: earlier changes would
/// stay if a later fact failed, or after a dry run. Each such statement is a problem.
///
/// ```
/// use embed_migrate_core::facts::{self, Claim};
///
/// let mut facts = facts::parse("a text", "sql: SELECT 1;")?;
/// assert!(facts::endings(&facts).is_empty());
/// let Claim::Sql(sql) = &mut facts[0].claim else { unreachable!() };
/// sql.sql.text.push_str(" commit; -- and go on");
/// assert_eq!(
///     facts::endings(&facts)[0].message(),
///     "`COMMIT` would end the transaction that the facts are deployed in",
/// );
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
pub fn endings(facts: &[Fact]) -> Vec<Error> {
    let mut problems = Vec::new();
    for fact in facts {
        match &fact.claim {
            Claim::Table(table) => problems.extend(endings(&table.with)),
            Claim::Include(include) => {
                problems.extend(endings(include.facts.as_deref().unwrap_or_default()));
            }
            claim => problems.extend(texts(claim).into_iter().filter_map(|(text, place)| {
                let word = ending(text, matches!(claim, Claim::Sql(_)))?;
                let message = format!("`{word}` would end the transaction that the facts are deployed in");
                let place = place.filter(|place| place.line > 0).unwrap_or(&fact.place).clone();
                let help =
                    "remove it: all facts are deployed in one transaction, which is committed at the end";
                Some(Error::new(ErrorKind::Statement, message).at(place).help(help))
            })),
        }
    }
    problems
}

/// The SQL texts of a fact, each with its place if that is known.
fn texts(claim: &Claim) -> Vec<(&str, Option<&Place>)> {
    match claim {
        Claim::Sql(sql) => [Some(&sql.sql), sql.unless.as_ref()]
            .into_iter()
            .flatten()
            .map(|text| (text.text.as_str(), Some(&text.place)))
            .collect(),
        Claim::View(view) => view.query.iter().map(|text| (text.text.as_str(), Some(&text.place))).collect(),
        Claim::Function(function) => {
            function.body.iter().map(|text| (text.text.as_str(), Some(&text.place))).collect()
        }
        Claim::Check(check) => alone(&check.that),
        Claim::Policy(policy) => alone(policy.using.iter().chain(&policy.check)),
        Claim::Exclude(exclude) => alone(exclude.on.iter().chain(&exclude.filter)),
        Claim::Partition(partition) => alone(partition.values.iter().chain(&partition.partition_by)),
        Claim::Alias(alias) => alone(&alias.sql),
        Claim::Trigger(trigger) => alone(trigger.when.iter().chain([&trigger.execute])),
        Claim::Index(index) => alone(index.on.iter().chain(&index.filter)),
        Claim::Column(column) => match &column.default {
            Some(ColumnDefault::Sql(sql)) => alone([sql]),
            _ => alone(&column.generated),
        },
        _ => Vec::new(),
    }
}

fn alone<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<(&'a str, Option<&'a Place>)> {
    texts.into_iter().map(|text| (text.as_str(), None)).collect()
}

/// The first word of a statement that ends a transaction. `whole`: whether the text begins a statement; otherwise it is
/// a part of a statement that is made around it.
fn ending(sql: &str, whole: bool) -> Option<&'static str> {
    let (mut splitter, mut first) = match whole {
        true => (Splitter::default(), Vec::new()),
        false => (Splitter::within(), vec!["CREATE".to_owned()]),
    };
    for token in lex::tokens(sql).filter(|token| !token.is_trivia()) {
        match splitter.step(&token) {
            SplitStep::Within if first.len() < MOST => first.push(word(&token)),
            SplitStep::Within | SplitStep::Body => {}
            SplitStep::Part | SplitStep::Statement => match ends(&first) {
                None => first.clear(),
                found => return found,
            },
        }
    }
    ends(&first)
}

/// How many words are enough to recognize a statement.
const MOST: usize = 3;

fn word(token: &Token<'_>) -> String {
    match token.kind {
        TokenKind::Ident => token.text.to_ascii_uppercase(),
        _ => token.text.to_owned(),
    }
}

fn ends(statement: &[String]) -> Option<&'static str> {
    let statement: Vec<&str> = statement.iter().map(String::as_str).collect();
    match statement.as_slice() {
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => None,
        ["COMMIT", ..] => Some("COMMIT"),
        ["END", ..] => Some("END"),
        ["ABORT", ..] => Some("ABORT"),
        ["ROLLBACK", ..] => Some("ROLLBACK"),
        ["PREPARE", "TRANSACTION", ..] => Some("PREPARE TRANSACTION"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn what_ends_a_transaction_is_found() {
        for (sql, word) in [
            ("COMMIT", "COMMIT"),
            ("SELECT 1; commit and chain", "COMMIT"),
            ("SELECT 1;/* x /* y */ */ --z\n Rollback;", "ROLLBACK"),
            ("true); END; --", "END"),
            ("SELECT 'a\\'; ABORT; --'", "ABORT"),
            ("SELECT $x$ $y$; $x$; PREPARE TRANSACTION 'a'", "PREPARE TRANSACTION"),
            ("SELECT $1; COMMIT", "COMMIT"),
            ("SELECT \"a\"\"; \";COMMIT", "COMMIT"),
            ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; END", "END"),
            ("SELECT 1 -- one\r; COMMIT", "COMMIT"),
            ("SELECT 1 AS x😀$$; COMMIT; SELECT 2 AS x😀$$", "COMMIT"),
            ("SELECT 1 AS x$a$; COMMIT; SELECT 2 AS x$a$", "COMMIT"),
            ("SELECT E'a'\n'\\'; --'; COMMIT", "COMMIT"),
            ("SELECT 1 AS begin; SELECT 2 AS atomic; END", "END"),
            ("SELECT begin atomic FROM t; END", "END"),
        ] {
            assert_eq!(ending(sql, true), Some(word), "{sql}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        for sql in [
            "",
            ";;",
            "SELECT ';COMMIT;', \";COMMIT;\", E'\\'; COMMIT;', 'it''s; COMMIT' -- ; COMMIT",
            "SELECT 1 /* ; COMMIT; /* */ ; COMMIT */",
            "DO $$ BEGIN PERFORM 1; END; $$; DO $a$ COMMIT; $$; END; $a$",
            "SAVEPOINT a; ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a; RELEASE a",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 1",
            "CREATE TABLE t (x int) ON COMMIT DROP; SELECT 1 AS \"end\"; SELECT 1 AS end",
            "PREPARE transactions AS SELECT 1",
            "DO $😀$ BEGIN PERFORM 1; END; $😀$",
            "SELECT 1 -- ;\r, 2 /* \r */; SELECT 'a'; SELECT U&'\\'; -- COMMIT",
        ] {
            assert_eq!(ending(sql, true), None, "{sql}");
        }
        // A column may be called so.
        assert_eq!(ending("end DESC", false), None);
        assert_eq!(ending("end); END", false), Some("END"));
    }
}
