use squawk_lexer::TokenKind;

use super::token::{Token, tokens};

/// The tables, views and sequences that a text makes, as it writes their names; temporary ones are left out.
///
/// ```
/// let text = "CREATE TABLE IF NOT EXISTS app.\"Study\" (n int); CREATE TEMP TABLE t (); CREATE OR REPLACE VIEW v AS SELECT 1;";
/// assert_eq!(migrate_core::made_relations(text), ["app.\"Study\"", "v"]);
/// ```
pub fn made_relations(text: &str) -> Vec<String> {
    const BETWEEN: [&str; 5] = ["or", "replace", "unlogged", "materialized", "recursive"];
    const KINDS: [&str; 3] = ["table", "view", "sequence"];
    let mut tokens = tokens(text).filter(|token| !token.is_trivia()).peekable();
    let mut made = Vec::new();
    while let Some(token) = tokens.next() {
        if !token.is("create") {
            continue;
        }
        while tokens.next_if(|token| is_one(token, &BETWEEN)).is_some() {}
        if tokens.next_if(|token| is_one(token, &KINDS)).is_none() {
            continue;
        }
        while tokens.next_if(|token| is_one(token, &["if", "not", "exists"])).is_some() {}
        let mut name = String::new();
        let part = |token: &Token<'_>| {
            matches!(token.kind, TokenKind::Ident | TokenKind::QuotedIdent { .. } | TokenKind::Dot)
        };
        while let Some(token) = tokens.next_if(part) {
            // `v AS`, or `t PARTITION OF`, is another word.
            if !name.is_empty() && !name.ends_with('.') && token.kind != TokenKind::Dot {
                break;
            }
            name += token.text;
        }
        if !name.is_empty() && !made.contains(&name) {
            made.push(name);
        }
    }
    made
}

fn is_one(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| token.is(word))
}
