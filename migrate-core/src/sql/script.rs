use std::ops::Range;

use squawk_lexer::TokenKind;
use squawk_parser::{EntryPoint, LexedStr, StrStep, SyntaxKind};

use super::lint_scope::is_linted;
use super::nesting::stack_for;
use super::parser_input::parser_input;
use super::syntax_error::{Problem, SyntaxError};
use super::token_problems::problems;
use super::tree::Tree;
use crate::lex::{statement_ranges, tokens};

/// The statements of a text.
pub(crate) struct Script {
    pub(crate) statements: Vec<ParsedStatement>,
    /// What does not parse: the first problem of each statement.
    pub(crate) errors: Vec<SyntaxError>,
}

/// One statement: its range, with its semicolon and without the comments around it, and its tokens.
pub(crate) struct ParsedStatement {
    pub(crate) kind: SyntaxKind,
    pub(crate) range: Range<usize>,
    /// The nodes and tokens below it, four levels deep.
    parts: Vec<ShallowNode>,
    /// All of them, if the lint reads statements of this kind.
    pub(crate) tree: Tree,
}

struct ShallowNode {
    depth: usize,
    kind: SyntaxKind,
    start: usize,
    end: usize,
}

const DEEP: usize = 5;

impl Script {
    /// Parses a text on a thread with a stack of its own, so that no input can end the compiler.
    pub(crate) fn parse(text: &str) -> Script {
        let broken = |problem, offset| Script {
            statements: Vec::new(),
            errors: vec![SyntaxError::new(text, offset, problem)],
        };
        let stack = match stack_for(text) {
            Ok(stack) => stack,
            Err(offset) => return broken(Problem::TooDeep, offset),
        };
        let parsed = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, || read(text));
            thread.ok().and_then(|thread| thread.join().ok())
        });
        parsed.unwrap_or_else(|| broken(Problem::GaveUp, 0))
    }
}

impl ParsedStatement {
    /// Whether a node or token of this kind is below the statement, not counting expressions.
    pub(crate) fn has(&self, kind: SyntaxKind) -> bool {
        self.parts.iter().any(|part| part.kind == kind)
    }

    /// Whether a token of this kind is directly in the statement.
    pub(crate) fn has_word(&self, kind: SyntaxKind) -> bool {
        self.parts.iter().any(|part| part.depth == 2 && part.kind == kind)
    }

    /// The offset of the first node or token of this kind.
    pub(crate) fn find(&self, kind: SyntaxKind) -> Option<usize> {
        self.parts.iter().find(|part| part.kind == kind).map(|part| part.start)
    }

    /// The place of the first node of this kind that is directly in the statement.
    pub(crate) fn child(&self, kind: SyntaxKind) -> Option<Range<usize>> {
        let part = self.parts.iter().find(|part| part.depth == 2 && part.kind == kind)?;
        Some(part.start..part.end)
    }

    /// The place of the first node of this kind, at any depth.
    pub(crate) fn node(&self, kind: SyntaxKind) -> Option<Range<usize>> {
        let part = self.parts.iter().find(|part| part.kind == kind)?;
        Some(part.start..part.end)
    }

    /// The place of the first node of this kind within another node.
    pub(crate) fn node_in(&self, outer: &Range<usize>, kind: SyntaxKind) -> Option<Range<usize>> {
        let part = self.parts.iter().find(|part| part.kind == kind && outer.contains(&part.start))?;
        Some(part.start..part.end)
    }

    fn ends(&self) -> bool {
        self.parts
            .iter()
            .rev()
            .find(|part| part.depth == 2)
            .is_some_and(|part| part.kind == SyntaxKind::SEMICOLON)
    }
}

/// The lexer finds the end of a statement, as in the server; the parser only finds its kind.
fn read(text: &str) -> Script {
    let mut builder = ScriptBuilder::default();
    for range in statement_ranges(text) {
        builder.statement(text.get(range.clone()).unwrap_or_default(), range.start);
    }
    let ScriptBuilder { mut statements, mut errors, .. } = builder;
    errors.extend(unended_comment(text));
    statements.retain(|statement| ![SyntaxKind::EMPTY_STMT, SyntaxKind::ERROR].contains(&statement.kind));
    let errors =
        errors.into_iter().map(|(offset, problem)| SyntaxError::new(text, offset, problem)).collect();
    Script { statements, errors }
}

/// A comment without an end is behind the last statement, whatever it looks like.
fn unended_comment(text: &str) -> Option<(usize, Problem)> {
    let last = tokens(text).last()?;
    let unended = last.kind == TokenKind::BlockComment { terminated: false };
    unended.then(|| (last.start, Problem::Lexer(UNENDED.to_owned())))
}

const UNENDED: &str = "missing trailing `*/` symbols to terminate the block comment";

#[derive(Default)]
struct ScriptBuilder {
    position: usize,
    depth: usize,
    statements: Vec<ParsedStatement>,
    /// Those of the statement that is read.
    found: Vec<(usize, Problem)>,
    errors: Vec<(usize, Problem)>,
    /// Whether rows of a COPY follow, which are no SQL at all; the rules have a better word for the COPY itself.
    rows: bool,
    /// Whether labels may have been added to an enum.
    labels: bool,
}

impl ScriptBuilder {
    /// Reads one statement of a text. The statement begins at `start`.
    fn statement(&mut self, written: &str, start: usize) {
        let first = self.statements.len();
        let readable = parser_input(written);
        let lexed = LexedStr::new(&readable);
        (self.position, self.depth) = (start, 0);
        let lexical = lexed
            .errors()
            .map(|(range, message)| (start + range.start as usize, Problem::Lexer(message.to_owned())));
        self.found = problems(written, start).chain(lexical).collect();
        let output = EntryPoint::SourceFile.parse(&lexed.to_input());
        lexed.intersperse_trivia(&output, &mut |step| self.step(step, start));
        if let [statement] = self.statements.get_mut(first..).unwrap_or_default() {
            statement.range = start..start + written.len();
        }
        self.finish(first);
    }

    fn step(&mut self, step: StrStep<'_>, start: usize) {
        match step {
            StrStep::Enter { kind } => {
                self.depth += 1;
                self.enter(kind);
            }
            StrStep::Exit => {
                self.depth -= 1;
                self.exit();
                if self.depth == 1
                    && let Some(statement) = self.statements.last_mut()
                {
                    statement.range.end = self.position;
                }
                if let Some(statement) = self.statements.last_mut() {
                    statement.tree.exit(self.position);
                }
            }
            StrStep::Token { kind, text } => {
                if !kind.is_trivia() {
                    self.part(self.depth, kind);
                    if let Some(statement) = self.statements.last_mut() {
                        let range = self.position..self.position + text.len();
                        statement.tree.token(kind, range);
                    }
                }
                self.position += text.len();
            }
            StrStep::Error { msg, pos } => self.found.push((start + pos, Problem::Parser(msg.to_owned()))),
        }
    }

    fn enter(&mut self, kind: SyntaxKind) {
        if self.depth == 2 {
            let range = self.position..self.position;
            let (parts, mut tree) = (Vec::new(), Tree::default());
            self.labels |= kind == SyntaxKind::ALTER_TYPE;
            if is_linted(kind, self.labels) {
                tree.begin(kind, self.position);
            }
            self.statements.push(ParsedStatement { kind, range, parts, tree });
        } else {
            self.part(self.depth - 1, kind);
            if let Some(statement) = self.statements.last_mut() {
                statement.tree.enter(kind, self.position);
            }
        }
    }

    fn part(&mut self, depth: usize, kind: SyntaxKind) {
        let start = self.position;
        if (2..=DEEP).contains(&depth)
            && let Some(statement) = self.statements.last_mut()
        {
            statement.parts.push(ShallowNode { depth, kind, start, end: start });
        }
    }

    /// A node ends: the last one that was entered at its depth, for all that came since is deeper.
    fn exit(&mut self) {
        let (depth, end) = (self.depth, self.position);
        if (2..=DEEP).contains(&depth)
            && let Some(statement) = self.statements.last_mut()
            && let Some(part) = statement.parts.iter_mut().rfind(|part| part.depth == depth)
        {
            part.end = end;
        }
    }

    /// Ends what `first` and those after it were read from. It gives one error: the errors after the first are mostly noise.
    fn finish(&mut self, first: usize) {
        let read = self.statements.get(first..).unwrap_or_default();
        // The parser accepts two statements without a semicolon between them; the server does not.
        let fused = read.windows(2).find_map(|pair| match pair {
            [one, next] if !one.ends() && one.kind != SyntaxKind::ERROR && next.kind != SyntaxKind::ERROR => {
                Some((one.range.end, Problem::Semicolon))
            }
            _ => None,
        });
        let copied = read.iter().any(|statement| statement.has(SyntaxKind::COPY_STDIN));
        let rows = self.rows;
        self.rows |= copied;
        let errors = std::mem::take(&mut self.found).into_iter().chain(fused);
        // At one offset the word on psql comes before the parser's.
        let first = errors.min_by_key(|(offset, problem)| {
            (*offset, !matches!(problem, Problem::Psql | Problem::Variable | Problem::Apart))
        });
        self.errors.extend(first.filter(|_| !rows));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statements whose end the parser does not see by itself, or sees at another place than the server.
    const STATEMENTS: [&str; 38] = [
        "CREATE SCHEMA s CREATE TABLE x (id int);",
        "CREATE SCHEMA s CREATE TABLE x (id int) CREATE INDEX i ON x (id) CREATE VIEW v AS SELECT 1;",
        "CREATE SCHEMA AUTHORIZATION joe GRANT SELECT ON t TO joe CREATE SEQUENCE q;",
        "ALTER USER u PASSWORD 'a;b';",
        "ALTER USER u WITH SUPERUSER VALID UNTIL 'infinity' CONNECTION LIMIT 3;",
        "ALTER USER u RENAME TO w;",
        "ALTER USER u SET search_path = a, b;",
        "ALTER USER CURRENT_USER IN DATABASE d RESET ALL;",
        "alter /* the */ user -- one\n \"User\" NOLOGIN;",
        "ALTER USER MAPPING FOR u SERVER s OPTIONS (SET user 'a');",
        "ALTER USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'a', ADD password 'b');",
        "ALTER STATISTICS IF EXISTS s SET STATISTICS 5;",
        "SET ROLE TO DEFAULT;",
        "SET role = 'joe';",
        "SET SESSION ROLE TO joe;",
        "CREATE RULE r AS ON DELETE TO t DO ALSO NOTIFY gone;",
        "CREATE OR REPLACE RULE r AS ON INSERT TO t DO INSTEAD (SELECT 1; NOTIFY a; DELETE FROM t;);",
        "CREATE RULE r AS ON INSERT TO t WHERE new.a > (1) DO INSTEAD (INSERT INTO u VALUES (new.*));",
        "CREATE TABLE made AS EXECUTE q;",
        "CREATE TABLE made AS EXECUTE q(1, 'a') WITH NO DATA;",
        "EXPLAIN EXECUTE q;",
        "EXPLAIN (COSTS off) EXECUTE q(1);",
        "EXPLAIN DECLARE c CURSOR FOR SELECT 1;",
        "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1;",
        "EXPLAIN CREATE MATERIALIZED VIEW v AS SELECT 1;",
        "EXPLAIN CREATE TABLE x AS EXECUTE q;",
        "CREATE VIEW v AS SELECT i.*::text AS all_of_it FROM t AS i;",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.*::text;",
        "SELECT (t.*)::text, t.* :: text, count(*)::int  FROM t;",
        "SELECT E'a'\n'b\\'; c' AS \"d;\";",
        "SELECT 'a' -- ;\n  'b';",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;",
        "CREATE PROCEDURE p() BEGIN ATOMIC END;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN (1);",
        "DO $😀$ BEGIN PERFORM 1; END $😀$;",
        "SELECT 1 -- ; one\r, 2;",
        "PREPARE q AS SELECT 1;",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1;",
    ];

    #[test]
    fn what_follows_a_statement_is_a_statement_of_its_own() {
        const NEXT: &str = "CREATE INDEX i ON public.t (id);";
        for first in STATEMENTS {
            let text = format!("{first}\n{NEXT}");
            let Script { statements, errors } = Script::parse(&text);
            let found: Vec<&str> =
                statements.iter().map(|one| text.get(one.range.clone()).unwrap()).collect();
            assert_eq!((found, errors), (vec![first, NEXT], Vec::new()), "{first}");
        }
    }

    #[test]
    fn a_semicolon_that_is_missing_is_told() {
        for text in ["SELECT 1 CREATE TABLE a ();", "CREATE TABLE a ()\nCREATE TABLE b ();\nSELECT 1;"] {
            let errors = Script::parse(text).errors;
            let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
            assert_eq!(messages, ["a semicolon is missing between two statements"], "{text}");
        }
    }

    #[test]
    fn literals_that_no_line_end_joins_are_refused_as_by_the_server() {
        for (text, at) in [("SELECT 'a' 'b', 'c';", "'b', 'c';"), ("SELECT E'a' /*\n*/ 'b;';", "'b;';")] {
            let errors = Script::parse(text).errors;
            let [error] = errors.as_slice() else { panic!("{text}: {errors:?}") };
            assert_eq!(text.get(error.offset..), Some(at));
            assert!(error.message.starts_with("syntax error at or near `'b"), "{}", error.message);
            let help = "two literals are joined only if there is a line end between them";
            assert_eq!(error.help, Some(help));
        }
    }
}
