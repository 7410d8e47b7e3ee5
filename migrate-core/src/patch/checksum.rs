use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind};

/// A SHA-256, written `sha256:` and 64 hexadecimal digits, so that another algorithm can follow.
///
/// ```
/// use embed_migrate_core::Checksum;
///
/// let checksum = Checksum::of(b"SELECT 1;\n");
/// assert_eq!(checksum.to_string().parse::<Checksum>()?, checksum);
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Checksum(pub(crate) [u8; 32]);

impl Checksum {
    /// A checksum made elsewhere: what `embed_migrations!()` writes.
    pub const fn new(bytes: [u8; 32]) -> Checksum {
        Checksum(bytes)
    }

    /// The checksum of some bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Checksum {
        Checksum(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in self.0 {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Checksum {
    type Err = Error;

    fn from_str(text: &str) -> Result<Checksum, Error> {
        let malformed = || {
            Error::new(ErrorKind::Format, format!("`{text}` is not a checksum"))
                .help("a checksum is `sha256:` and 64 hexadecimal digits")
        };
        let digits =
            text.strip_prefix("sha256:").filter(|digits| digits.len() == 64).ok_or_else(malformed)?;
        let mut bytes = [0; 32];
        let mut wrong = 0;
        for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_bytes().as_chunks().0) {
            let (high, low) = (hex(*high), hex(*low));
            wrong |= high | low;
            *byte = high << 4 | low;
        }
        (wrong < 16).then_some(Checksum(bytes)).ok_or_else(malformed)
    }
}

fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 })
}

// Ten thousand patches are a million digits, and the macro is not optimised in a debug build.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => u8::MAX,
    }
}
