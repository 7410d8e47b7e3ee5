use squawk_lexer::{LiteralKind, TokenKind};

use super::token::{Token, tokens};

/// Where a line of the body of a `DO` statement begins, by the server's count from 1: past the white space at its begin.
/// `None` if the text is no `DO`, or its body is shorter.
///
/// ```
/// let text = "DO $$\nBEGIN\n  PERFORM 1/0;\nEND $$;";
/// assert_eq!(embed_migrate_core::line_of_body(text, 3), text.find("PERFORM"));
/// assert_eq!(embed_migrate_core::line_of_body("SELECT $$\n$$", 2), None);
/// ```
pub fn line_of_body(statement: &str, line: usize) -> Option<usize> {
    let mut found = tokens(statement).filter(|token| !token.is_trivia());
    if !found.next()?.is("do") {
        return None;
    }
    // `LANGUAGE 'plpgsql'` is a literal too.
    let body = found.filter(is_string).max_by_key(|token| token.text.len())?;
    // An escape may mean a line end, which the server counts.
    if matches!(body.kind, TokenKind::Literal { kind: LiteralKind::EscStr { .. } })
        && body.text.contains('\\')
    {
        return None;
    }
    let opening = match body.text.strip_prefix('$') {
        Some(rest) => rest.find('$')? + 2,
        None => body.text.find('\'')? + 1,
    };
    let text = body.text.get(opening..)?;
    let mut lines = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1));
    let start = lines.nth(line.checked_sub(1)?)?;
    let rest = text.get(start..)?;
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Some(body.start + opening + start + space)
}

fn is_string(token: &Token<'_>) -> bool {
    use LiteralKind::{DollarQuotedString, EscStr, Str};
    matches!(token.kind, TokenKind::Literal { kind: Str { .. } | EscStr { .. } | DollarQuotedString { .. } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statement: &str, line: usize, expected: &str) {
        let found = line_of_body(statement, line).and_then(|offset| statement.get(offset..));
        assert!(found.is_some_and(|found| found.starts_with(expected)), "{statement}: {found:?}");
    }

    #[test]
    fn lines_are_counted_from_the_opening_quote() {
        check("DO $$ BEGIN\nx;\nEND $$", 1, "BEGIN");
        check("do /* $$ */ language 'plpgsql' $body$\nBEGIN\n\tx;\nEND $body$", 3, "x;");
        check("DO E'BEGIN\nx;\nEND' LANGUAGE plpgsql", 2, "x;");
        check("DO 'BEGIN\r\n  x;\r\nEND'", 2, "x;");
    }

    #[test]
    fn what_is_no_body_has_no_lines() {
        let escaped = "DO E'BEGIN\\n\nx;\nEND'";
        for (statement, line) in
            [(escaped, 3), ("", 1), ("DO", 1), ("DO $$ $$", 2), ("DO $$ $$", 0), ("CALL f($$\n$$)", 2)]
        {
            assert_eq!(line_of_body(statement, line), None, "{statement}");
        }
    }
}
