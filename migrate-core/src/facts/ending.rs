use std::collections::VecDeque;
use std::iter::Peekable;
use std::str::Chars;

use super::{Claim, Default, Fact};
use crate::{Error, ErrorKind, Place};

/// Statements in the SQL of facts that would end the transaction in which all of them are deployed: what came before would
/// stay if a later one failed, and after a dry run. Each is a problem.
///
/// ```
/// use migrate_core::facts::{self, Claim};
///
/// let mut facts = facts::parse("a text", "sql: SELECT 1;")?;
/// assert!(facts::endings(&facts).is_empty());
/// let Claim::Sql(sql) = &mut facts[0].claim else { unreachable!() };
/// sql.sql.text.push_str(" commit; -- and go on");
/// assert_eq!(
///     facts::endings(&facts)[0].message(),
///     "`COMMIT` would end the transaction that the facts are deployed in",
/// );
/// # Ok::<(), migrate_core::Error>(())
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
                let help = "take it out: what facts change is committed together, once all of them hold";
                Some(Error::new(ErrorKind::Statement, message).at(place).help(help))
            })),
        }
    }
    problems
}

/// What a fact says in SQL, each with its place where that is known.
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
        Claim::Alias(alias) => alone(&alias.sql),
        Claim::Trigger(trigger) => alone(trigger.when.iter().chain([&trigger.execute])),
        Claim::Index(index) => alone(index.on.iter().chain(&index.filter)),
        Claim::Column(column) => match &column.default {
            Some(Default::Sql(sql)) => alone([sql]),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn alone<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<(&'a str, Option<&'a Place>)> {
    texts.into_iter().map(|text| (text.as_str(), None)).collect()
}

/// The first word of a statement that ends a transaction. `whole`: whether the text begins with a statement, and not in
/// one that is made around it.
fn ending(sql: &str, whole: bool) -> Option<&'static str> {
    let mut words = Words { rest: sql.chars().peekable(), before: ' ' };
    let mut first = if whole { Vec::new() } else { vec!["CREATE".to_owned()] };
    let (mut begun, mut atomic) = (false, false);
    loop {
        let word = words.next();
        if let Some(Word::Plain(word)) = &word {
            let opens = begun && word.eq_ignore_ascii_case("ATOMIC");
            begun = word.eq_ignore_ascii_case("BEGIN");
            match opens {
                true => (atomic, first) = (true, Vec::new()),
                false if first.len() < MOST => first.push(word.to_ascii_uppercase()),
                false => {}
            }
        }
        if matches!(word, Some(Word::Plain(_) | Word::Other)) {
            continue;
        }
        let said: Vec<&str> = first.iter().map(String::as_str).collect();
        match said.as_slice() {
            // The end of a function's body.
            ["END", ..] if atomic => atomic = false,
            said => {
                if let Some(word) = ends(said) {
                    return Some(word);
                }
            }
        }
        first.clear();
        word.as_ref()?;
    }
}

/// How many words tell what a statement is.
const MOST: usize = 3;

fn ends(statement: &[&str]) -> Option<&'static str> {
    match statement {
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => None,
        ["COMMIT", ..] => Some("COMMIT"),
        ["END", ..] => Some("END"),
        ["ABORT", ..] => Some("ABORT"),
        ["ROLLBACK", ..] => Some("ROLLBACK"),
        ["PREPARE", "TRANSACTION", ..] => Some("PREPARE TRANSACTION"),
        _ => None,
    }
}

enum Word {
    Plain(String),
    Semicolon,
    /// Anything else: what is quoted, numbers, operators.
    Other,
}

/// The words of SQL, comments left out.
struct Words<'a> {
    rest: Peekable<Chars<'a>>,
    before: char,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let c = self.rest.next()?;
            let before = std::mem::replace(&mut self.before, c);
            match (c, self.rest.peek()) {
                ('-', Some('-')) => self.rest.by_ref().take_while(|c| *c != '\n').for_each(drop),
                ('/', Some('*')) => self.comment(),
                (c, _) if c.is_whitespace() => {}
                (';', _) => return Some(Word::Semicolon),
                ('\'', _) => self.quoted('\'', matches!(before, 'e' | 'E')),
                ('"', _) => self.quoted('"', false),
                ('$', _) => self.dollar(),
                (c, _) if is_word(c) => return Some(Word::Plain(self.word(c))),
                _ => return Some(Word::Other),
            }
        }
    }
}

impl Words<'_> {
    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some(c) = self.rest.next_if(|c| is_word(*c)) {
            word.push(c);
        }
        // `E'…'` has escapes, a word that ends with an `e` has not.
        self.before = if word.eq_ignore_ascii_case("e") { 'E' } else { ' ' };
        word
    }

    fn comment(&mut self) {
        let (mut depth, mut last) = (1, ' ');
        self.rest.next();
        for c in self.rest.by_ref() {
            match (last, c) {
                ('/', '*') => (depth, last) = (depth + 1, ' '),
                ('*', '/') => (depth, last) = (depth - 1, ' '),
                _ => last = c,
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn quoted(&mut self, quote: char, escapes: bool) {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' if escapes => drop(self.rest.next()),
                c if c == quote && self.rest.next_if_eq(&quote).is_none() => return,
                _ => {}
            }
        }
    }

    /// What stands between two of `$TAG$`, or a parameter: `$1`.
    fn dollar(&mut self) {
        let mut tag = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
            tag.push(c);
        }
        if tag.starts_with(|c: char| c.is_ascii_digit()) || self.rest.next_if_eq(&'$').is_none() {
            return;
        }
        let end = format!("${tag}$");
        let length = end.chars().count();
        let mut last = VecDeque::with_capacity(length);
        for c in self.rest.by_ref() {
            if last.len() == length {
                last.pop_front();
            }
            last.push_back(c);
            if last.len() == length && last.iter().copied().eq(end.chars()) {
                return;
            }
        }
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
        ] {
            assert_eq!(ending(sql, true), None, "{sql}");
        }
        // A column may be called so.
        assert_eq!(ending("end DESC", false), None);
        assert_eq!(ending("end); END", false), Some("END"));
    }
}
