use squawk_lexer::{LiteralKind, TokenKind};

use crate::lex::{Token, tokens};

/// A call of a function, as a statement's text has it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The place of its name.
    pub(crate) start: usize,
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<&'a str>,
}

/// The tokens of a text that mean something.
pub(crate) fn words(text: &str) -> Vec<Token<'_>> {
    tokens(text).filter(|token| !token.is_trivia()).collect()
}

/// Whether a token is a name, quoted or not, or a keyword that reads so.
pub(crate) fn reads(word: &Token<'_>, name: &str) -> bool {
    let named = matches!(word.kind, TokenKind::Ident | TokenKind::QuotedIdent { .. });
    named && word.text.trim_matches('"').eq_ignore_ascii_case(name)
}

/// The calls of some functions in a statement. Its strings count if it runs them.
pub(crate) fn calls<'a>(text: &'a str, names: &[&'static str], runs_strings: bool) -> Vec<Call<'a>> {
    let words = words(text);
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let opens = || words.get(index + 1).is_some_and(|next| next.kind == TokenKind::OpenParen);
        if let Some(name) = names.iter().find(|name| reads(word, name)).filter(|_| opens()) {
            let arguments = arguments(text, words.get(index + 2..).unwrap_or_default());
            found.push(Call { start: word.start, name, arguments });
        } else if let Some((offset, body)) = run_string(word).filter(|_| runs_strings) {
            let inner = calls(body, names, false).into_iter();
            found.extend(inner.map(|call| Call { start: call.start + word.start + offset, ..call }));
        }
    }
    found
}

/// The text of a dollar-quoted string, and its offset in the token.
pub(crate) fn run_string<'a>(word: &Token<'a>) -> Option<(usize, &'a str)> {
    if !matches!(word.kind, TokenKind::Literal { kind: LiteralKind::DollarQuotedString { .. } }) {
        return None;
    }
    let tag = word.text.get(1..)?.find('$')? + 2;
    Some((tag, word.text.get(tag..word.text.len().checked_sub(tag)?)?))
}

fn arguments<'a>(text: &'a str, words: &[Token<'a>]) -> Vec<&'a str> {
    let (mut depth, mut start, mut found) = (0, None, Vec::new());
    for word in words {
        match word.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket if depth > 0 => depth -= 1,
            TokenKind::CloseParen | TokenKind::Comma if depth == 0 => {
                let argument = text.get(start.unwrap_or(word.start)..word.start).unwrap_or_default();
                found.push(argument.trim());
                start = None;
                if word.kind == TokenKind::CloseParen {
                    break;
                }
                continue;
            }
            _ => {}
        }
        start = start.or(Some(word.start));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::calls;

    fn check(text: &str, runs_strings: bool, expected: &[&str]) {
        let found = calls(text, &["set_config", "f"], runs_strings);
        let found: Vec<String> = found
            .iter()
            .map(|call| {
                assert!(text[call.start..].trim_start_matches('"').to_lowercase().starts_with(call.name));
                format!("{} {}", call.name, call.arguments.join("|"))
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_call_is_found_with_its_arguments() {
        check(
            "SELECT pg_catalog.SET_CONFIG ('a', b(1, 2)[3], /* c */ false);",
            false,
            &["set_config 'a'|b(1, 2)[3]|false"],
        );
        check("SELECT \"f\"(), f(f(1))", false, &["f ", "f f(1)", "f 1"]);
        check("SELECT f, 'f(1)', $$ f(1) $$ -- f(1)", false, &[]);
        check("DO $x$ BEGIN PERFORM f(1); END $x$", true, &["f 1"]);
        check("SELECT f(", false, &["f "]);
    }
}
