use std::ops::Range;

use squawk_parser::{EntryPoint, LexedStr, StrStep, SyntaxKind};

use super::lint;
use super::nesting::stack_for;
use super::syntax::{Problem, SyntaxError};
use super::tree::Tree;

/// The statements of a text.
pub(crate) struct Script {
    pub(crate) statements: Vec<Statement>,
    /// What does not parse: the first problem of each statement.
    pub(crate) errors: Vec<SyntaxError>,
}

/// One statement: where it stands, with its semicolon and without the comments around it, and of what it is made.
pub(crate) struct Statement {
    pub(crate) kind: SyntaxKind,
    pub(crate) range: Range<usize>,
    /// The nodes and tokens below it, four levels deep.
    parts: Vec<Part>,
    /// All of them, where the lint looks into statements of this kind.
    pub(crate) tree: Tree,
}

struct Part {
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

impl Statement {
    /// Whether a node or token of this kind stands below the statement, not counting expressions.
    pub(crate) fn has(&self, kind: SyntaxKind) -> bool {
        self.parts.iter().any(|part| part.kind == kind)
    }

    /// Whether a token of this kind stands directly in the statement.
    pub(crate) fn has_word(&self, kind: SyntaxKind) -> bool {
        self.parts.iter().any(|part| part.depth == 2 && part.kind == kind)
    }

    /// The offset of the first node or token of this kind.
    pub(crate) fn find(&self, kind: SyntaxKind) -> Option<usize> {
        self.parts.iter().find(|part| part.kind == kind).map(|part| part.start)
    }

    /// Where the first node of this kind stands that is directly in the statement.
    pub(crate) fn child(&self, kind: SyntaxKind) -> Option<Range<usize>> {
        let part = self.parts.iter().find(|part| part.depth == 2 && part.kind == kind)?;
        Some(part.start..part.end)
    }

    /// Where the first node of this kind stands, however deep.
    pub(crate) fn node(&self, kind: SyntaxKind) -> Option<Range<usize>> {
        let part = self.parts.iter().find(|part| part.kind == kind)?;
        Some(part.start..part.end)
    }

    /// Where the first node of this kind stands within another node.
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

fn read(text: &str) -> Script {
    let lexed = LexedStr::new(text);
    let mut reader = Reader::default();
    let lexical =
        lexed.errors().map(|(range, message)| (range.start as usize, Problem::Lexer(message.to_owned())));
    reader.errors.extend(lexical);
    let output = EntryPoint::SourceFile.parse(&lexed.to_input());
    lexed.intersperse_trivia(&output, &mut |step| reader.step(step));
    reader.finish(text)
}

#[derive(Default)]
struct Reader {
    position: usize,
    depth: usize,
    statements: Vec<Statement>,
    errors: Vec<(usize, Problem)>,
    brackets: usize,
    /// Whether the last token was one that an operand follows.
    before_operand: bool,
    /// A colon that stands where an operand belongs.
    variable: Option<usize>,
    /// Whether labels may have been added to an enum.
    labels: bool,
}

/// Tokens before which a colon can only be psql's.
const OPERAND_FOLLOWS: [&str; 29] = [
    "(", ",", "=", "<", ">", "<=", ">=", "<>", "+", "-", "*", "/", "||", "select", "from", "where", "table",
    "into", "set", "and", "or", "not", "values", "by", "on", "in", "limit", "to", "then",
];

impl Reader {
    fn step(&mut self, step: StrStep<'_>) {
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
                    self.psql(kind, text);
                }
                self.position += text.len();
            }
            StrStep::Error { msg, pos } => self.errors.push((pos, Problem::Parser(msg.to_owned()))),
        }
    }

    /// The parser has its own ideas of `\\` and `:name`.
    fn psql(&mut self, kind: SyntaxKind, text: &str) {
        if kind == SyntaxKind::ERROR && text == "\\" {
            self.errors.push((self.position, Problem::Psql));
        }
        let after = self.variable.is_some_and(|colon| colon + 1 == self.position);
        if let Some(colon) = self.variable.take().filter(|_| after && kind != SyntaxKind::EQ) {
            self.errors.push((colon, Problem::Variable));
        }
        match kind {
            SyntaxKind::L_BRACK => self.brackets += 1,
            SyntaxKind::R_BRACK => self.brackets = self.brackets.saturating_sub(1),
            SyntaxKind::SEMICOLON => self.brackets = 0,
            // Between a key and its value, and between the bounds of a slice, it is SQL.
            SyntaxKind::COLON if self.brackets == 0 && self.before_operand => {
                self.variable = Some(self.position);
            }
            _ => {}
        }
        self.before_operand = OPERAND_FOLLOWS.iter().any(|word| word.eq_ignore_ascii_case(text));
    }

    fn enter(&mut self, kind: SyntaxKind) {
        if self.depth == 2 {
            let range = self.position..self.position;
            let (parts, mut tree) = (Vec::new(), Tree::default());
            self.labels |= kind == SyntaxKind::ALTER_TYPE;
            if lint::reads(kind, self.labels) {
                tree.begin(kind, self.position);
            }
            self.statements.push(Statement { kind, range, parts, tree });
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
            statement.parts.push(Part { depth, kind, start, end: start });
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

    fn finish(mut self, text: &str) -> Script {
        // The parser lets two statements stand side by side; the server would not.
        for (statement, next) in self.statements.iter().zip(self.statements.iter().skip(1)) {
            let broken = statement.kind == SyntaxKind::ERROR || next.kind == SyntaxKind::ERROR;
            if !statement.ends() && !broken {
                self.errors.push((statement.range.end, Problem::Semicolon));
            }
        }
        let errors = self.errors_by_statement(text);
        self.statements.retain(|statement| {
            statement.kind != SyntaxKind::EMPTY_STMT && statement.kind != SyntaxKind::ERROR
        });
        Script { statements: self.statements, errors }
    }

    /// One error a statement: what follows the first is mostly noise. Rows of a COPY are no SQL at all, and
    /// the rules have a better word for the COPY itself.
    fn errors_by_statement(&mut self, text: &str) -> Vec<SyntaxError> {
        let copied = self.statements.iter().find(|statement| statement.has(SyntaxKind::COPY_STDIN));
        let rows = copied.map_or(text.len() + 1, |copy| copy.range.end);
        let ends: Vec<usize> = self
            .statements
            .iter()
            .filter(|statement| statement.ends())
            .map(|statement| statement.range.end)
            .collect();
        let mut errors = std::mem::take(&mut self.errors);
        // At one offset the word on psql comes before the parser's.
        errors.sort_by_key(|(offset, problem)| {
            (*offset, !matches!(problem, Problem::Psql | Problem::Variable))
        });
        errors.retain(|(offset, _)| *offset < rows);
        errors.dedup_by_key(|(offset, _)| ends.partition_point(|end| *end <= *offset));
        errors.into_iter().map(|(offset, problem)| SyntaxError::new(text, offset, problem)).collect()
    }
}
