use squawk_lexer::TokenKind;

use super::syntax_error::Problem;
use crate::lex::{Follows, Token, tokens};

/// Mistakes that the tokens of a statement show, and that the parser would report in another way. It is at `start` in its
/// text.
pub(super) fn problems(statement: &str, start: usize) -> impl Iterator<Item = (usize, Problem)> {
    let mut before = OperandContext::default();
    // The lexer takes one at the beginning of a text for white space; the server never does.
    let mark = statement.starts_with(squawk_lexer::BOM).then_some((start, Problem::Unseen('\u{feff}')));
    mark.into_iter().chain(tokens(statement).filter_map(move |token| {
        let offset = start + token.start;
        let variable = before.variable.filter(|colon| colon + 1 == token.start && begins_variable(&token));
        let problem = if let Some(colon) = variable {
            Some((start + colon, Problem::Variable))
        } else if token.kind == TokenKind::Unknown && token.text == "\\" {
            Some((offset, Problem::Psql))
        } else {
            (token.follows == Follows::Apart).then_some((offset, Problem::Apart))
        };
        before.take(&token);
        problem
    }))
}

fn begins_variable(token: &Token<'_>) -> bool {
    matches!(
        token.kind,
        TokenKind::Ident | TokenKind::QuotedIdent { .. } | TokenKind::Literal { .. } | TokenKind::OpenCurly
    )
}

/// Tokens before which a colon can only be psql's.
const OPERAND_FOLLOWS: [&str; 29] = [
    "(", ",", "=", "<", ">", "<=", ">=", "<>", "+", "-", "*", "/", "||", "select", "from", "where", "table",
    "into", "set", "and", "or", "not", "values", "by", "on", "in", "limit", "to", "then",
];

/// The state before a token: open brackets, and whether an operand follows.
#[derive(Default)]
struct OperandContext {
    brackets: usize,
    /// Whether an operand follows.
    operand: bool,
    /// A colon in the place of an operand.
    variable: Option<usize>,
}

impl OperandContext {
    fn take(&mut self, token: &Token<'_>) {
        self.variable = None;
        if token.is_trivia() {
            return;
        }
        match token.kind {
            TokenKind::OpenBracket => self.brackets += 1,
            TokenKind::CloseBracket => self.brackets = self.brackets.saturating_sub(1),
            // Between a key and its value, and between the bounds of a slice, it is SQL.
            TokenKind::Colon if self.brackets == 0 && self.operand => {
                self.variable = Some(token.start);
            }
            _ => {}
        }
        self.operand = OPERAND_FOLLOWS.iter().any(|word| word.eq_ignore_ascii_case(token.text));
    }
}
