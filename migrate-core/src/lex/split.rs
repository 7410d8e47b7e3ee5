use std::ops::Range;

use squawk_lexer::TokenKind;

use super::token::{Token, tokens};

/// The ranges of a text's statements, as PostgreSQL splits it: each with its semicolon, and without the comments and the
/// white space around it. Empty statements are left out.
///
/// ```
/// let text = "SELECT ';' /* ; */; -- one;\nCREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2);;";
/// let statements = embed_migrate_core::statement_ranges(text);
/// let found: Vec<&str> = statements.into_iter().map(|range| &text[range]).collect();
/// assert_eq!(found, ["SELECT ';' /* ; */;", "CREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2);"]);
/// ```
pub fn statement_ranges(text: &str) -> Vec<Range<usize>> {
    let (mut splitter, mut statements) = (Splitter::default(), Vec::new());
    let (mut start, mut end) = (None, 0);
    for token in tokens(text).filter(|token| !token.is_trivia()) {
        let empty = start.is_none();
        let from = *start.get_or_insert(token.start);
        end = token.end();
        if splitter.step(&token) == SplitStep::Statement {
            start = None;
            statements.extend((!empty).then_some(from..end));
        }
    }
    statements.extend(start.map(|start| start..end));
    statements
}

/// Whether a text begins with a statement that changes rows, and holds no other kind of statement: one of so many bytes at
/// the most, because the caller does not want to wait.
///
/// ```
/// use embed_migrate_core::only_changes_rows;
///
/// assert!(only_changes_rows("-- one\nUPDATE t SET a = 1; DELETE FROM t;", 1000));
/// assert!(!only_changes_rows("UPDATE t SET a = 1; CREATE TABLE u ();", 1000));
/// ```
pub fn only_changes_rows(text: &str, most: usize) -> bool {
    const ROWS: [&str; 5] = ["insert", "update", "delete", "merge", "with"];
    let changes = |text: &str| {
        let first = tokens(text).find(|token| !token.is_trivia());
        first.is_some_and(|token| ROWS.iter().any(|word| token.is(word)))
    };
    text.len() <= most
        && changes(text)
        && statement_ranges(text).into_iter().all(|range| text.get(range).is_some_and(changes))
}

/// Finds the ends of statements, token by token.
///
/// A semicolon ends one, but for those in the body of an SQL function (`BEGIN ATOMIC … END`) and in the brackets of a rule.
#[derive(Default)]
pub(crate) struct Splitter {
    /// How much of `CREATE [OR REPLACE]` is before the token.
    creates: CreationWords,
    /// Whether the statement makes a function or procedure, or a rule.
    routine: bool,
    rule: bool,
    /// Whether `BEGIN` is before the token.
    begin: bool,
    brackets: usize,
    /// How many bodies of functions are open.
    bodies: usize,
    /// Whether a statement of a body may begin here, or the body end.
    between: bool,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum CreationWords {
    #[default]
    No,
    Create,
    Or,
    Replace,
}

/// What a token does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SplitStep {
    /// It is part of a statement.
    Within,
    /// It begins the body of a function, or ends a statement in it or in a rule.
    Part,
    /// It ends the body of a function.
    Body,
    /// It ends the statement.
    Statement,
}

impl Splitter {
    /// The splitter of a text within a statement, which may be the body of a function.
    pub(crate) fn within() -> Splitter {
        Splitter { routine: true, ..Splitter::default() }
    }

    /// Takes the next token that is neither white space nor a comment.
    pub(crate) fn step(&mut self, token: &Token<'_>) -> SplitStep {
        let begin = std::mem::replace(&mut self.begin, token.is("begin"));
        let between = std::mem::take(&mut self.between);
        self.watch_creation(token);
        match token.kind {
            TokenKind::Semi => return self.semicolon(),
            TokenKind::OpenParen => self.brackets += 1,
            TokenKind::CloseParen => self.brackets = self.brackets.saturating_sub(1),
            // `SELECT begin atomic` names a column.
            _ if begin && token.is("atomic") && self.routine && self.brackets == 0 => {
                self.bodies += 1;
                (self.routine, self.between) = (false, true);
                return SplitStep::Part;
            }
            _ if between && token.is("end") => {
                self.bodies -= 1;
                return SplitStep::Body;
            }
            _ => {}
        }
        SplitStep::Within
    }

    fn semicolon(&mut self) -> SplitStep {
        if self.bodies > 0 {
            self.between = true;
            SplitStep::Part
        } else if self.rule && self.brackets > 0 {
            SplitStep::Part
        } else {
            *self = Splitter::default();
            SplitStep::Statement
        }
    }

    fn watch_creation(&mut self, token: &Token<'_>) {
        let before = std::mem::take(&mut self.creates);
        let may_be = matches!(before, CreationWords::Create | CreationWords::Replace);
        self.creates = match before {
            _ if token.is("create") => CreationWords::Create,
            CreationWords::Create if token.is("or") => CreationWords::Or,
            CreationWords::Or if token.is("replace") => CreationWords::Replace,
            _ => CreationWords::No,
        };
        self.routine |= may_be && (token.is("function") || token.is("procedure"));
        self.rule |= may_be && token.is("rule");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> =
            statement_ranges(text).into_iter().map(|range| text.get(range).unwrap()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_semicolon_ends_a_statement() {
        check("", &[]);
        check(" ; ;; -- ;\n/* ; */", &[]);
        check("SELECT 1", &["SELECT 1"]);
        check("SELECT 1 -- a\n;\n;SELECT 2 /* b */", &["SELECT 1 -- a\n;", "SELECT 2"]);
        check("SELECT (1; SELECT 2);", &["SELECT (1;", "SELECT 2);"]);
        check(
            "CREATE SCHEMA s CREATE TABLE x (); SELECT 1;",
            &["CREATE SCHEMA s CREATE TABLE x ();", "SELECT 1;"],
        );
        check(
            "SELECT $a$ ; $$ $b$ ; $a$;SELECT U&';', \";\"",
            &["SELECT $a$ ; $$ $b$ ; $a$;", "SELECT U&';', \";\""],
        );
        check("SELECT x😀$$ ; COMMIT;$$", &["SELECT x😀$$ ;", "COMMIT;", "$$"]);
        check("SELECT 1 -- a;\rCOMMIT;", &["SELECT 1 -- a;\rCOMMIT;"]);
    }

    #[test]
    fn a_body_and_a_rule_have_semicolons_of_their_own() {
        for text in [
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;",
            "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN /* a */ ATOMIC END;",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC CREATE FUNCTION g() RETURNS int BEGIN ATOMIC END; SELECT 1; END;",
            "CREATE RULE r AS ON INSERT TO t DO INSTEAD (SELECT 1; UPDATE t SET a = (1););",
            "create or replace rule r as on insert to t do also (select 1; select 2);",
            "CREATE SCHEMA s CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;",
        ] {
            check(&format!("{text} SELECT 1;"), &[text, "SELECT 1;"]);
        }
        for text in [
            "SELECT begin atomic FROM t;",
            "CREATE TABLE t (begin atomic);",
            "CREATE FUNCTION begin(begin atomic) RETURNS int RETURN 1;",
            "CREATE RULE r AS ON INSERT TO t DO NOTIFY gone;",
            "CREATE VIEW rule AS SELECT begin atomic;",
        ] {
            check(&format!("{text} SELECT 1;"), &[text, "SELECT 1;"]);
        }
    }
}
