use sha2::{Digest, Sha256};
use squawk_lexer::TokenKind;

use crate::lex::{Follows, Token, tokens};
use crate::patch::{Checksum, Directives};

/// The checksum of a patch's tokens and directives.
///
/// Two texts with one checksum are the same to the server. Each token goes in with its length, so that no two lists of
/// tokens look alike. Comments and white space outside literals stay out, but for what they change: where operator
/// characters touch (`a <= b` is not `a < = b`), where two literals are not joined (a line end joins them), and a
/// vertical tab, which is no white space before PostgreSQL 16.
/// ASCII letters of keywords and bare names count as lower case, as PostgreSQL folds them.
pub(crate) fn checksum(text: &str, directives: &Directives) -> Checksum {
    let (mut hasher, mut touching) = (Sha256::new(), false);
    for token in tokens(text) {
        let operator = !token.is_trivia() && is_operator(token.text);
        match token.kind {
            TokenKind::Whitespace if token.text.contains('\u{b}') => add(&mut hasher, VERTICAL_TAB, b"\x0b"),
            _ if token.is_trivia() => {}
            TokenKind::Ident => add(&mut hasher, PLAIN, token.text.to_ascii_lowercase().as_bytes()),
            _ => add(&mut hasher, mark(&token, touching && operator), token.text.as_bytes()),
        }
        touching = operator;
    }
    add(&mut hasher, DIRECTIVES, directives.to_string().as_bytes());
    Checksum::new(hasher.finalize().into())
}

/// The checksum as it was before literals, comments between operator characters and vertical tabs counted: a lock file may
/// still have it of a text that holds any.
pub(crate) fn former_checksum(text: &str, directives: &Directives) -> Checksum {
    let (mut hasher, mut touching, mut start) = (Sha256::new(), false, 0);
    for token in squawk_lexer::tokenize(text) {
        let end = start + token.len as usize;
        let word = text.get(start..end).unwrap_or_default();
        let operator = is_operator(word);
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {}
            TokenKind::Ident => add(&mut hasher, PLAIN, word.to_ascii_lowercase().as_bytes()),
            _ => add(&mut hasher, u8::from(touching && operator), word.as_bytes()),
        }
        (touching, start) = (operator, end);
    }
    add(&mut hasher, DIRECTIVES, directives.to_string().as_bytes());
    Checksum::new(hasher.finalize().into())
}

// What goes in before a token's length. The first three never change: lock files and histories have their sums.
const PLAIN: u8 = 0;
const TOUCHING: u8 = 1;
const DIRECTIVES: u8 = 2;
const APART: u8 = 3;
const VERTICAL_TAB: u8 = 4;

fn mark(token: &Token<'_>, touches: bool) -> u8 {
    match token.follows {
        Follows::Apart => APART,
        Follows::Joined | Follows::Nothing if touches => TOUCHING,
        Follows::Joined | Follows::Nothing => PLAIN,
    }
}

fn add(hasher: &mut Sha256, mark: u8, bytes: &[u8]) {
    hasher.update([mark]);
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

// The characters of which PostgreSQL makes operators (manual, 4.1.3), and those that make `::`, `:=` and `..`.
fn is_operator(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| b"+-*/<>=~!@#%^&|`?:.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let of = |text: &str| checksum(text, &Directives::parse("", text).unwrap());
        of(a) == of(b)
    }

    #[test]
    fn comments_white_space_and_case_of_keywords_are_cosmetic() {
        assert!(same("SELECT 1;", "select\n\t1 ; -- one"));
        assert!(same("-- old\nSELECT 1;", "/* new /* nested */ */ SELECT 1;"));
        assert!(same("SELECT a+b;", "SELECT a + b;"));
        assert!(same("SELECT 'a'\n'b';", "SELECT 'a' -- c\n\n\t'b';"));
        assert!(same("SELECT a </**/@ b;", "SELECT a < @ b;"));
        assert!(same("SELECT 'a' AS b;", "SELECT 'a'AS/**/b;"));
        assert!(same(
            "-- migrate: lock-timeout 2s\nSELECT 1;",
            "-- why\n-- migrate: lock-timeout 2000ms\nSELECT 1;"
        ));
    }

    // Lock files and histories hold such sums.
    #[test]
    fn the_sum_of_a_text_stays_as_it_was() {
        let text = "-- migrate: min-app any\nALTER TABLE \"T\" ADD a text DEFAULT 'a'\n  'b' || $$c$$, \
                    ADD CHECK (A <= 1 AND b @> '{}'::jsonb -- d\n);\n";
        let directives = Directives::parse("", text).unwrap();
        let sum = "sha256:3fe171e189d86bd837fd9eb4b0ea044b212f533967c471db5c695c09b9b20a74";
        assert_eq!(checksum(text, &directives).to_string(), sum);
        assert_eq!(former_checksum(text, &directives).to_string(), sum);
    }

    #[test]
    fn another_token_is_an_edit() {
        for (a, b) in [
            ("SELECT 1;", "SELECT 2;"),
            ("SELECT 'a b';", "SELECT 'a  b';"),
            ("SELECT 'A';", "SELECT 'a';"),
            ("SELECT \"A\";", "SELECT \"a\";"),
            ("SELECT 1;", "SELECT 1;;"),
            ("SELECT a<=b;", "SELECT a< =b;"),
            ("SELECT 5@-3;", "SELECT 5@ -3;"),
            ("SELECT $$ -- a $$;", "SELECT $$ -- b $$;"),
            ("SELECT ab;", "SELECT a b;"),
            ("SELECT 1;", "-- migrate: lock-timeout 2s\nSELECT 1;"),
            ("-- migrate: min-app any\nSELECT 1;", "-- migrate: min-app 1.0.0\nSELECT 1;"),
            ("SELECT 'a'\n'b';", "SELECT 'a' 'b';"),
            ("SELECT 'a'\n'b';", "SELECT 'a'/*\n*/'b';"),
            ("SELECT 'a'\n'b';", "SELECT 'a'\n/**/'b';"),
            ("SELECT N'a'\n'b';", "SELECT N'a' 'b';"),
            ("SELECT E'a'\n'\\' B '';", "SELECT E'a'\n'\\' b '';"),
            ("SELECT E'a'\n'\\' --';", "SELECT E'a'\n'\\' --  ';"),
            ("SELECT a <@ b;", "SELECT a </**/@ b;"),
            ("SELECT a <--\n@ b;", "SELECT a <@ b;"),
            ("SELECT a\u{b};", "SELECT a;"),
            ("SELECT É;", "SELECT é;"),
        ] {
            assert!(!same(a, b), "{a} and {b}");
        }
    }
}
