use squawk_lexer::TokenKind;

use crate::lex::tokens;

/// How deep brackets, CASE and BEGIN ATOMIC may nest, and how many prefix operators or BETWEEN may follow
/// each other.
///
/// The parser descends without a limit of its own, and a compiler that overflows its stack says nothing
/// useful. PostgreSQL's own limit (`max_stack_depth`) is reached in the low thousands.
const DEEPEST: usize = 500;

/// How many tokens may be pending: those since the last comma or semicolon, summed over all open brackets.
///
/// A parser descends at most once a token, and comes back at a comma. So this bounds every recursion, also
/// those that are not known; a CASE of ten thousand branches stays below.
const LONGEST: usize = 100_000;

/// The most that a token was seen to take of the stack, in an unoptimised build, with a margin.
const FRAME: usize = 6 << 10;

/// The size of a stack on which the parser can read a text.
///
/// # Errors
///
/// The offset at which the text nests too deep.
pub(crate) fn stack_for(text: &str) -> Result<usize, usize> {
    let mut deepest = 0;
    let mut nesting = Nesting::default();
    for token in tokens(text) {
        nesting.token(token.kind, token.text);
        if nesting.depth() > DEEPEST || nesting.pending > LONGEST {
            return Err(token.start);
        }
        deepest = deepest.max(nesting.pending);
    }
    // Pages of a stack that aren't touched cost nothing.
    Ok((32 << 20) + deepest * FRAME)
}

#[derive(Default)]
struct Nesting {
    /// The pending tokens of each bracket and BEGIN ATOMIC around the current one.
    around: Vec<usize>,
    /// Those of the current one.
    here: usize,
    /// All of them.
    pending: usize,
    cases: usize,
    operators: usize,
    betweens: usize,
}

impl Nesting {
    fn depth(&self) -> usize {
        (self.around.len() + self.cases).max(self.operators).max(self.betweens)
    }

    fn token(&mut self, kind: TokenKind, word: &str) {
        use TokenKind::*;
        let operators = std::mem::take(&mut self.operators);
        match kind {
            Whitespace | LineComment | BlockComment { .. } => {
                self.operators = operators;
                return;
            }
            // A rule's body holds semicolons in its brackets.
            Semi => (self.cases, self.betweens) = (0, 0),
            Comma => self.betweens = 0,
            OpenParen | OpenBracket => self.open(),
            CloseParen | CloseBracket => self.close(),
            Ident => self.word(word, operators),
            QuotedIdent { .. } | Literal { .. } => {}
            _ => self.operators = operators + 1,
        }
        match kind {
            Comma | Semi => {
                self.pending -= self.here;
                self.here = 0;
            }
            _ => {
                self.pending += 1;
                self.here += 1;
            }
        }
    }

    fn word(&mut self, word: &str, operators: usize) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if is("case") {
            self.cases += 1;
        } else if is("atomic") {
            self.open();
        } else if is("end") && self.cases > 0 {
            self.cases -= 1;
        } else if is("end") {
            self.close();
        } else if is("between") {
            self.betweens += 1;
        } else if is("not") {
            self.operators = operators + 1;
        }
    }

    fn open(&mut self) {
        self.around.push(std::mem::take(&mut self.here));
    }

    fn close(&mut self) {
        if let Some(around) = self.around.pop() {
            self.pending -= self.here;
            self.here = around;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Script;
    use squawk_lexer::tokenize;

    /// Every way in which the grammar was found to nest: what comes before, what is repeated, what comes after.
    const WAYS: &[(&str, &str, &str)] = &[
        ("SELECT ", "(", "1"),
        ("SELECT a", "[", "1"),
        ("SELECT ", "ARRAY[", "1"),
        ("SELECT ", "CASE WHEN true THEN ", "1"),
        ("SELECT ", "CASE ", "1"),
        ("SELECT ", "CASE WHEN a THEN b ELSE ", "1"),
        ("SELECT ", "NOT ", "true"),
        ("SELECT ", "- ", "1"),
        ("SELECT ", "@ ", "1"),
        ("SELECT ", "f(", "1"),
        ("SELECT ", "f(a, ", "1"),
        ("SELECT 1", " + 1", ""),
        ("SELECT 1", " ^ 1", ""),
        ("SELECT 1", " OR 1", ""),
        ("SELECT 1", " = 1", ""),
        ("SELECT 1", " IS NULL", ""),
        ("SELECT 1", "::int", ""),
        ("SELECT a", ".a", ""),
        ("SELECT a", "[1]", ""),
        ("SELECT a", " COLLATE b", ""),
        ("SELECT a", " AT TIME ZONE b", ""),
        ("SELECT ", "a BETWEEN ", "1"),
        ("SELECT ", "a BETWEEN b AND ", "1"),
        ("SELECT ", "a LIKE b ESCAPE ", "1"),
        ("SELECT ", "a IN (", "1"),
        ("SELECT ", "EXISTS (SELECT ", "1"),
        ("SELECT ", "CAST(", "1"),
        ("SELECT ", "(SELECT ", "1"),
        ("", "(SELECT 1 UNION ", "SELECT 1"),
        ("SELECT 1", " UNION SELECT 1", ""),
        ("SELECT 1", " INTERSECT SELECT 1", ""),
        ("SELECT 1", " UNION ALL SELECT 1, 2", ""),
        ("SELECT 1 FROM a", " JOIN b", " ON true"),
        ("SELECT 1 FROM a", " JOIN b ON true", ""),
        ("SELECT 1 FROM a", " CROSS JOIN LATERAL b", ""),
        ("SELECT 1 FROM ", "(", "a"),
        ("SELECT 1 FROM ", "(a JOIN ", "b"),
        ("SELECT 1 FROM ", "LATERAL ", "a"),
        ("SELECT 1 FROM ", "ONLY ", "a"),
        ("", "WITH a AS (", "SELECT 1"),
        ("", "WITH a AS (SELECT 1) ", "SELECT 1"),
        ("", "WITH a AS (SELECT 1), b AS (", "SELECT 1"),
        ("SELECT 1 GROUP BY ", "GROUPING SETS (", "a"),
        ("SELECT 1 GROUP BY ", "ROLLUP (", "a"),
        ("", "EXPLAIN ", "SELECT 1"),
        ("", "EXPLAIN (ANALYZE) ", "SELECT 1"),
        ("", "PREPARE p AS ", "SELECT 1"),
        ("", "DECLARE c CURSOR FOR ", "SELECT 1"),
        ("", "CREATE TABLE t AS ", "SELECT 1"),
        ("", "CREATE VIEW v AS ", "SELECT 1"),
        ("", "INSERT INTO t ", "SELECT 1"),
        ("", "CREATE SCHEMA a ", "CREATE TABLE b ()"),
        ("CREATE SCHEMA a", " CREATE TABLE b ()", ""),
        ("", "CREATE RULE r AS ON INSERT TO t DO ALSO ", "SELECT 1"),
        ("", "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; ", "SELECT 1"),
        ("", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ", "SELECT 1"),
        ("", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; ", "SELECT 1"),
        ("", "CREATE FUNCTION f() RETURNS int RETURN ", "1"),
        ("CREATE FUNCTION f(a ", "SETOF ", "int) RETURNS int"),
        ("CREATE TABLE t (a int", "[]", ")"),
        ("CREATE TABLE t (a int", " NOT NULL", ")"),
        ("CREATE TABLE t (a int", " DEFAULT 1", ")"),
        ("CREATE TABLE t (a int DEFAULT ", "(", "1"),
        ("CREATE TABLE t ()", " PARTITION BY LIST (a)", ""),
        ("SELECT a ", "OVER (PARTITION BY a ", "1"),
        ("SELECT ", "ROW(", "1"),
        ("SELECT ", "OPERATOR(pg_catalog.+) ", "1"),
        ("SELECT 1 ", "OPERATOR(pg_catalog.+) 1 ", ""),
        ("SELECT ", "a := ", "1"),
        ("SELECT ", "a => ", "1"),
        ("SELECT ", "VARIADIC ", "1"),
        ("SELECT ", "INTERVAL ", "'1'"),
        ("SELECT ", "date ", "'1'"),
        ("SELECT ", "ALL ", "1"),
        ("SELECT ", "a > ANY (", "1"),
        ("SELECT ", "XMLELEMENT(NAME a, ", "1"),
        ("SELECT ", "json_object('a' : ", "1"),
        ("SELECT * FROM JSON_TABLE(a, '$' COLUMNS (", "NESTED PATH '$' COLUMNS (", "a int"),
        ("MERGE INTO a USING b ON true", " WHEN MATCHED THEN DELETE", ""),
        ("SELECT 1 FROM GRAPH_TABLE (g MATCH ", "(a)-[b]->", "(c)"),
        ("SELECT 1 FROM GRAPH_TABLE (g MATCH ", "(a IS b|", "(c)"),
        ("COPY (", "COPY (", "SELECT 1"),
        ("BEGIN", " ISOLATION LEVEL SERIALIZABLE", ""),
        ("GRANT SELECT", ", SELECT", " ON a TO b"),
        ("ALTER TABLE a", " ADD b int", ""),
        ("", "BEGIN ", ""),
        ("", "END ", ""),
        ("", ") ", ""),
        ("", "] ", ""),
        ("", "CREATE ", ""),
        ("", "\\ ", ""),
    ];

    // An overflow would end the test's process: that it comes back is the test.
    #[test]
    fn no_way_of_nesting_overflows_the_stack() {
        for (before, part, after) in WAYS {
            let tokens = tokenize(part).filter(|token| token.kind != TokenKind::Whitespace).count();
            for times in [400, LONGEST / tokens.max(1) - 50] {
                let text = format!("{before}{}{after};", part.repeat(times));
                Script::parse(&text);
            }
        }
    }

    #[test]
    fn long_and_flat_is_not_deep() {
        for text in [
            format!("INSERT INTO t VALUES {}(1, 2);", "(1, 'a'), ".repeat(100_000)),
            format!("SELECT CASE {} END;", "WHEN a = 1 THEN 2 ".repeat(10_000)),
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;".repeat(2_000),
            "SELECT ((a[1]));".repeat(20_000),
        ] {
            let script = Script::parse(&text);
            assert!(!script.statements.is_empty() && script.errors.is_empty());
        }
    }
}
