use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// A token with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) text: &'a str,
    pub(crate) follows: Follows,
}

/// How a string literal relates to the token before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// No literal is before it. Any token that is not a literal has this value too.
    Nothing,
    /// PostgreSQL joins it to the literal before it, for white space with a line end is between them (manual, 4.1.2.1).
    Joined,
    /// A literal is before it, and PostgreSQL does not join them.
    Apart,
}

impl Token<'_> {
    /// Whether it is white space or a comment.
    pub(crate) fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. })
    }

    /// Whether it is this word, not quoted.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == TokenKind::Ident && self.text.eq_ignore_ascii_case(word)
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// All tokens of a text, white space and comments among them.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let (mut lexer, mut start, mut before) = (tokenize(text), 0, LiteralContext::default());
    std::iter::from_fn(move || {
        let token = lexer.next()?;
        let (mut kind, mut length) = (token.kind, token.len as usize);
        let rest = text.get(start..)?;
        let follows = before.follows(kind);
        // It continues with escapes, as it began; the lexer does not know that.
        if follows == Follows::Joined && before.escapes {
            let (end, terminated) = escaped(rest);
            (kind, length) = (TokenKind::Literal { kind: LiteralKind::EscStr { terminated } }, end);
            lexer = tokenize(rest.get(end..)?);
        }
        let token = Token { kind, start, text: rest.get(..length)?, follows };
        before.take(&token);
        start += length;
        Some(token)
    })
}

/// The literal, line end and comment before a token.
#[derive(Default)]
struct LiteralContext {
    /// A string literal, with nothing but white space and comments behind it.
    literal: bool,
    /// Whether that literal has escapes.
    escapes: bool,
    line_end: bool,
    block_comment: bool,
}

impl LiteralContext {
    fn follows(&self, kind: TokenKind) -> Follows {
        let literal = matches!(kind, TokenKind::Literal { kind: LiteralKind::Str { .. } });
        match self.literal && literal {
            true if self.line_end && !self.block_comment => Follows::Joined,
            true => Follows::Apart,
            false => Follows::Nothing,
        }
    }

    fn take(&mut self, token: &Token<'_>) {
        match token.kind {
            TokenKind::Whitespace => self.line_end |= token.text.contains(['\n', '\r']),
            TokenKind::LineComment => {}
            TokenKind::BlockComment { .. } => self.block_comment = true,
            TokenKind::Literal { kind } => {
                *self = LiteralContext {
                    literal: is_string(kind),
                    escapes: has_escapes(kind),
                    ..LiteralContext::default()
                };
            }
            _ => *self = LiteralContext::default(),
        }
    }
}

fn has_escapes(kind: LiteralKind) -> bool {
    matches!(kind, LiteralKind::EscStr { .. })
}

/// Whether PostgreSQL may join another literal to one of this kind.
fn is_string(kind: LiteralKind) -> bool {
    use LiteralKind::{BitStr, ByteStr, EscStr, NationalStr, Str, UnicodeEscStr};
    matches!(
        kind,
        Str { .. }
            | EscStr { .. }
            | BitStr { .. }
            | ByteStr { .. }
            | NationalStr { .. }
            | UnicodeEscStr { .. }
    )
}

/// How long the literal with escapes is with which a text begins, and whether it ends.
fn escaped(text: &str) -> (usize, bool) {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\'' if characters.next_if(|(_, next)| *next == '\'').is_none() => return (offset + 1, true),
            _ => {}
        }
    }
    (text.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> =
            tokens(text).filter(|token| !token.is_trivia()).map(|token| token.text).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(tokens(text).map(|token| token.text).collect::<String>(), text);
    }

    #[test]
    fn a_literal_goes_on_in_the_next_line_as_it_began() {
        check("E'a'\n'b\\'c'", &["E'a'", "'b\\'c'"]);
        check("e'a' -- x\n\t'b\\'' 'c\\' d", &["e'a'", "'b\\''", "'c\\'", "d"]);
        check("E'a'\n'b\\''\r'c\\''", &["E'a'", "'b\\''", "'c\\''"]);
        check("E'a' 'b\\' c", &["E'a'", "'b\\'", "c"]);
        check("E'a' /* \n */\n'b\\' c", &["E'a'", "'b\\'", "c"]);
        check("'a'\n'b\\' c", &["'a'", "'b\\'", "c"]);
        check("E'a'\n'b\\", &["E'a'", "'b\\"]);
        check("E'a'\n'b''c' d", &["E'a'", "'b''c'", "d"]);
    }

    #[test]
    fn what_follows_a_literal_is_told() {
        let last = |text: &str| tokens(text).last().unwrap().follows;
        for text in ["'a'\n'b'", "'a' -- x\n 'b'", "N'a'\r'b'", "B'1' \n\n-- x\n-- y\n '0'", "U&'a'\n'b'"] {
            assert_eq!(last(text), Follows::Joined, "{text}");
        }
        for text in ["'a' 'b'", "'a'/* \n */'b'", "'a'\n/**/'b'", "x'1'\t'0'"] {
            assert_eq!(last(text), Follows::Apart, "{text}");
        }
        for text in ["'a'\nE'b'", "$$a$$\n'b'", "1\n'b'", "a\n'b'", "'a',\n'b'", "\"a\"\n'b'"] {
            assert_eq!(last(text), Follows::Nothing, "{text}");
        }
    }
}
