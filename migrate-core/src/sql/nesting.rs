use squawk_lexer::{TokenKind, tokenize};

/// How deep brackets and CASE may nest, and how many prefix operators or BETWEEN may follow each other.
///
/// The parser descends without a limit of its own, and a compiler that overflows its stack says nothing
/// useful. PostgreSQL's own limit (`max_stack_depth`) is reached in the low thousands.
const DEEPEST: usize = 500;

/// The offset at which a text nests too deep for the parser.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    let (mut offset, mut depth, mut run, mut between) = (0, 0_usize, 0, 0);
    for token in tokenize(text) {
        let word = text.get(offset..offset + token.len as usize).unwrap_or_default();
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {}
            TokenKind::Semi => (depth, run, between) = (0, 0, 0),
            TokenKind::OpenParen | TokenKind::OpenBracket => (depth, run) = (depth + 1, 0),
            TokenKind::CloseParen | TokenKind::CloseBracket => (depth, run) = (depth.saturating_sub(1), 0),
            TokenKind::Ident if word.eq_ignore_ascii_case("case") => (depth, run) = (depth + 1, 0),
            TokenKind::Ident if word.eq_ignore_ascii_case("end") => {
                (depth, run) = (depth.saturating_sub(1), 0)
            }
            TokenKind::Ident if word.eq_ignore_ascii_case("between") => (between, run) = (between + 1, 0),
            TokenKind::Ident if word.eq_ignore_ascii_case("not") => run += 1,
            TokenKind::Ident | TokenKind::QuotedIdent { .. } | TokenKind::Literal { .. } => run = 0,
            TokenKind::Comma => (run, between) = (0, 0),
            _ => run += 1,
        }
        if depth.max(run).max(between) > DEEPEST {
            return Some(offset);
        }
        offset += token.len as usize;
    }
    None
}
