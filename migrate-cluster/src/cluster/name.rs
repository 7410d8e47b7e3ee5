use embed_migrate_core::quote::LONGEST;
use embed_migrate_core::{Error, ErrorKind, Result};

/// Refuses a name that PostgreSQL can't store unchanged. `noun` is the kind of object, such as `user`.
///
/// Every other name is accepted: quotes, periods, spaces and all of Unicode are ordinary characters.
pub(crate) fn check(noun: &str, name: &str) -> Result<()> {
    let refused = |message: String| Err(Error::new(ErrorKind::Name, message));
    if name.is_empty() {
        return refused(format!("the name of a {noun} is empty"));
    }
    if name.contains('\0') {
        return refused(format!(
            "{noun} name `{name}` contains a NUL, which PostgreSQL does not allow in names"
        ));
    }
    if name.len() > LONGEST {
        return Err(Error::new(
            ErrorKind::Name,
            format!(
                "{noun} name `{name}` is {} bytes long, and PostgreSQL cuts off after {LONGEST}",
                name.len()
            ),
        )
        .help("take a shorter name; letters beyond ASCII take 2 to 4 bytes each"));
    }
    Ok(())
}

/// A name followed by a word in parentheses, cut to the length that PostgreSQL stores.
pub(crate) fn marked(name: &str, word: &str) -> String {
    let most = LONGEST.saturating_sub(word.len() + 3);
    let end = (0..=most.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    format!("{} ({word})", name.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_only_where_postgresql_would_not_keep_it() {
        for name in ["demo", "John \"the\" O'Neil.x", "größe", " ", "a\nb", &"é".repeat(31), &"x".repeat(63)]
        {
            check("user", name).unwrap();
        }
        for name in ["", "a\0b", &"x".repeat(64), &"é".repeat(32)] {
            assert_eq!(check("user", name).unwrap_err().kind(), ErrorKind::Name);
        }
    }

    #[test]
    fn a_marked_name_fits() {
        assert_eq!(marked("demo", "new"), "demo (new)");
        assert_eq!(marked(&"x".repeat(63), "new"), format!("{} (new)", "x".repeat(57)));
        assert_eq!(marked(&"é".repeat(31), "new"), format!("{} (new)", "é".repeat(28)));
    }
}
