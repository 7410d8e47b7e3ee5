use embed_migrate_core::{Error, ErrorKind, Result};

/// The longest name: it is the name of a directory, and part of a socket's path.
const LONGEST: usize = 64;

/// Refuses a name that can't be the name of a directory, or of a hidden one only.
pub(crate) fn check(name: &str) -> Result<()> {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.');
    let begins_well = name.starts_with(|sign: char| sign.is_ascii_alphanumeric());
    if begins_well && name.len() <= LONGEST && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Name, format!("`{name}` can't be the name of an instance")).help(format!(
        "take up to {LONGEST} letters, digits, `_`, `-` and `.`, beginning with a letter or digit"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for good in ["demo", "first_instance", "a.b-c", "1", &"x".repeat(64)] {
            check(good).unwrap();
        }
        for bad in ["", ".", "..", ".hidden", "-rf", "a/b", "a b", "ä", "a\n", &"x".repeat(65)] {
            assert_eq!(check(bad).unwrap_err().kind(), ErrorKind::Name, "{bad}");
        }
    }
}
