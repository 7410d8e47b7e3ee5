use sha2::{Digest, Sha256};
use squawk_lexer::{TokenKind, tokenize};

use crate::{Checksum, Directives};

/// The checksum of a patch's tokens and directives.
///
/// Each token goes in with its length, so that no two lists of tokens look alike. Comments and white space
/// outside literals stay out, but for a mark where operator characters touch: `a <= b` is not `a < = b`.
/// ASCII letters of keywords and bare names count as lower case, as PostgreSQL folds them.
pub(crate) fn checksum(text: &str, directives: &Directives) -> Checksum {
    let mut hasher = Sha256::new();
    let (mut offset, mut touching) = (0, false);
    for token in tokenize(text) {
        let end = offset + token.len as usize;
        let word = text.get(offset..end).unwrap_or_default();
        offset = end;
        let operator = is_operator(word);
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {}
            TokenKind::Ident => add(&mut hasher, 0, word.to_ascii_lowercase().as_bytes()),
            _ => add(&mut hasher, u8::from(touching && operator), word.as_bytes()),
        }
        touching = operator;
    }
    add(&mut hasher, 2, directives.to_string().as_bytes());
    Checksum::new(hasher.finalize().into())
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
        assert!(same(
            "-- migrate: lock-timeout 2s\nSELECT 1;",
            "-- why\n-- migrate: lock-timeout 2000ms\nSELECT 1;"
        ));
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
        ] {
            assert!(!same(a, b), "{a} and {b}");
        }
    }
}
