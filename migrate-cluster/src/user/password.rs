use embed_migrate_core::{Error, ErrorKind, Result, quote};
use postgres_protocol::password::scram_sha_256;

/// The SCRAM-SHA-256 verifier of a password, as an SQL literal. It is computed here, so that neither the server nor
/// its log gets the password. It does not depend on the user's name.
pub(super) fn verifier(password: &str) -> Result<String> {
    let refused = |message: &str| Err(Error::new(ErrorKind::Unsupported, message));
    if password.is_empty() {
        return refused("a password can't be empty");
    }
    if password.contains('\0') {
        return refused("a password can't contain a NUL");
    }
    Ok(quote::literal(&scram_sha_256(password.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_in_it() {
        let sql = verifier("geheim").unwrap();
        assert!(sql.starts_with("'SCRAM-SHA-256$4096:") && !sql.contains("geheim"), "{sql}");
        for password in ["", "a\0b"] {
            assert_eq!(verifier(password).unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }
}
