use std::borrow::Cow;
use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind};

use crate::lex::{Follows, Token, tokens};

/// A statement as the parser can read it, of the same length: with other words in place of those that it does not know,
/// and that mean the same to code that asks what the statement is.
pub(super) fn parser_input(statement: &str) -> Cow<'_, str> {
    let tokens: Vec<Token<'_>> = tokens(statement).filter(|token| !token.is_trivia()).collect();
    let mut edits: Vec<Edit> = tokens.iter().filter_map(continued).collect();
    edits.extend(unknown(&tokens));
    if edits.is_empty() {
        return Cow::Borrowed(statement);
    }
    let mut readable = statement.to_owned();
    for Edit { range, word } in edits {
        let word = format!("{word:<length$}", length = range.len());
        readable.replace_range(range, &word);
    }
    Cow::Owned(readable)
}

/// The replacement of a range, padded with spaces.
struct Edit {
    range: Range<usize>,
    word: &'static str,
}

impl Edit {
    fn blank(from: &Token<'_>, to: &Token<'_>) -> Edit {
        Edit { range: from.start..to.end(), word: "" }
    }

    fn word(token: &Token<'_>, word: &'static str) -> Edit {
        Edit { range: token.start..token.end(), word }
    }
}

/// A literal with escapes that continues in the next line is one literal.
fn continued(token: &Token<'_>) -> Option<Edit> {
    let escapes = matches!(token.kind, TokenKind::Literal { kind: LiteralKind::EscStr { terminated: true } });
    (escapes && token.follows == Follows::Joined).then(|| Edit { range: token.start..token.end(), word: "" })
}

/// Words that the parser does not know.
fn unknown(tokens: &[Token<'_>]) -> Vec<Edit> {
    let begins = |words: &[&str]| {
        words.iter().zip(tokens).filter(|(word, token)| token.is(word)).count() == words.len()
    };
    match tokens {
        [_, user, _, _, _, server, ..] if begins(&["alter", "user", "mapping", "for"]) => {
            vec![Edit { range: user.start..server.start, word: "" }]
        }
        [_, user, ..] if begins(&["alter", "user"]) => vec![Edit::word(user, "ROLE")],
        // A setting may be written as any other, though `SET ROLE` has a form of its own.
        [_, _, to, rest @ ..] if begins(&["set", "role"]) && (to.is("to") || to.kind == TokenKind::Eq) => {
            let default = rest.first().filter(|role| role.is("default")).map(|role| Edit::word(role, "NONE"));
            default.into_iter().chain([Edit::blank(to, to)]).collect()
        }
        [_, _, r#if, exists, ..] if begins(&["alter", "statistics", "if", "exists"]) => {
            vec![Edit::blank(r#if, exists)]
        }
        _ => Vec::new(),
    }
}
