use squawk_lexer::TokenKind;

use super::token::{Token, tokens};

/// What a text makes that a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreatedKind {
    /// A table, a view or a sequence.
    Relation,
    /// A type or a domain.
    Type,
    /// A function or a procedure.
    Function,
    /// A schema.
    Schema,
}

/// The tables, views, sequences, types, functions and schemas that a text makes, as it writes their names; temporary ones
/// are left out.
///
/// ```
/// use embed_migrate_core::CreatedKind::{Relation, Schema};
///
/// let text = "CREATE SCHEMA app; CREATE TABLE IF NOT EXISTS app.\"Study\" (n int); CREATE TEMP TABLE t ();";
/// let made = [(Schema, "app".to_owned()), (Relation, "app.\"Study\"".to_owned())];
/// assert_eq!(embed_migrate_core::created_objects(text), made);
/// ```
pub fn created_objects(text: &str) -> Vec<(CreatedKind, String)> {
    const BETWEEN: [&str; 5] = ["or", "replace", "unlogged", "materialized", "recursive"];
    let mut tokens = tokens(text).filter(|token| !token.is_trivia()).peekable();
    let mut created = Vec::new();
    while let Some(token) = tokens.next() {
        if !token.is("create") {
            continue;
        }
        while tokens.next_if(|token| is_one(token, &BETWEEN)).is_some() {}
        let Some(kind) = tokens.peek().and_then(kind) else { continue };
        tokens.next();
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
        let object = (kind, name);
        if !object.1.is_empty() && !created.contains(&object) {
            created.push(object);
        }
    }
    created
}

fn kind(token: &Token<'_>) -> Option<CreatedKind> {
    const KINDS: [(&[&str], CreatedKind); 4] = [
        (&["table", "view", "sequence"], CreatedKind::Relation),
        (&["type", "domain"], CreatedKind::Type),
        (&["function", "procedure"], CreatedKind::Function),
        (&["schema"], CreatedKind::Schema),
    ];
    KINDS.iter().find(|(words, _)| is_one(token, words)).map(|(_, kind)| *kind)
}

fn is_one(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| token.is(word))
}
