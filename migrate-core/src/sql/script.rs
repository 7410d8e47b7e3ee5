use std::ops::Range;

use squawk_parser::{EntryPoint, LexedStr, StrStep, SyntaxKind};

use super::nesting::too_deep;

/// The statements of a text.
pub(crate) struct Script {
    pub(crate) statements: Vec<Statement>,
    /// What does not parse: a byte offset and a clause, the first problem of each statement.
    pub(crate) errors: Vec<(usize, String)>,
}

/// One statement: where it stands, with its semicolon and without the comments around it, and of what it is made.
pub(crate) struct Statement {
    pub(crate) kind: SyntaxKind,
    pub(crate) range: Range<usize>,
    /// The nodes and tokens below it, four levels deep.
    parts: Vec<Part>,
}

struct Part {
    depth: usize,
    kind: SyntaxKind,
    start: usize,
}

const DEEP: usize = 5;

/// Enough for what [`too_deep`] lets through, in an unoptimised build; pages that aren't touched cost nothing.
const STACK: usize = 256 << 20;

impl Script {
    /// Parses a text on a thread with a stack of its own, so that no input can end the compiler.
    pub(crate) fn parse(text: &str) -> Script {
        if let Some(offset) = too_deep(text) {
            return Script {
                statements: Vec::new(),
                errors: vec![(offset, "the expression nests too deep".to_owned())],
            };
        }
        let parsed = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read(text));
            thread.ok().and_then(|thread| thread.join().ok())
        });
        parsed.unwrap_or_else(|| Script {
            statements: Vec::new(),
            errors: vec![(0, "the SQL parser gave up on this text".to_owned())],
        })
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
    let mut reader =
        Reader { position: 0, depth: 0, statements: Vec::new(), errors: Vec::new(), broken: false };
    let lexical = lexed.errors().map(|(range, message)| (range.start as usize, lowercase(message)));
    reader.errors.extend(lexical);
    let output = EntryPoint::SourceFile.parse(&lexed.to_input());
    lexed.intersperse_trivia(&output, &mut |step| reader.step(step));
    reader.finish(text)
}

struct Reader {
    position: usize,
    depth: usize,
    statements: Vec<Statement>,
    errors: Vec<(usize, String)>,
    broken: bool,
}

impl Reader {
    fn step(&mut self, step: StrStep<'_>) {
        match step {
            StrStep::Enter { kind } => {
                self.depth += 1;
                self.enter(kind);
            }
            StrStep::Exit => {
                self.depth -= 1;
                if self.depth == 1
                    && let Some(statement) = self.statements.last_mut()
                {
                    statement.range.end = self.position;
                }
            }
            StrStep::Token { kind, text } => {
                if !kind.is_trivia() {
                    self.part(self.depth, kind);
                    if kind == SyntaxKind::ERROR && text == "\\" {
                        self.errors.push((self.position, PSQL.to_owned()));
                    }
                }
                self.position += text.len();
            }
            StrStep::Error { msg, pos } => self.errors.push((pos, lowercase(msg))),
        }
    }

    fn enter(&mut self, kind: SyntaxKind) {
        if self.depth == 2 {
            let range = self.position..self.position;
            self.statements.push(Statement { kind, range, parts: Vec::new() });
        } else {
            self.part(self.depth - 1, kind);
        }
    }

    fn part(&mut self, depth: usize, kind: SyntaxKind) {
        let start = self.position;
        if (2..=DEEP).contains(&depth)
            && let Some(statement) = self.statements.last_mut()
        {
            statement.parts.push(Part { depth, kind, start });
        }
    }

    fn finish(mut self, text: &str) -> Script {
        // The parser lets two statements stand side by side; the server would not.
        for (statement, next) in self.statements.iter().zip(self.statements.iter().skip(1)) {
            let broken = statement.kind == SyntaxKind::ERROR || next.kind == SyntaxKind::ERROR;
            self.broken |= broken;
            if !statement.ends() && !broken {
                self.errors
                    .push((statement.range.end, "a semicolon is missing between two statements".to_owned()));
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
    fn errors_by_statement(&mut self, text: &str) -> Vec<(usize, String)> {
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
        errors.sort_by_key(|(offset, message)| (*offset, message != PSQL));
        errors.retain(|(offset, _)| *offset < rows);
        errors.dedup_by_key(|(offset, _)| ends.partition_point(|end| *end <= *offset));
        errors
    }
}

/// What stands for a backslash outside literals.
pub(crate) const PSQL: &str = "psql commands are not SQL";

fn lowercase(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
