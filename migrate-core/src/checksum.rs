use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::{Error, ErrorKind};

/// A SHA-256, written `sha256:` and 64 hexadecimal digits, so that another algorithm can follow.
///
/// ```
/// use migrate_core::Checksum;
///
/// let checksum = Checksum::of(b"SELECT 1;\n");
/// assert_eq!(checksum.to_string().parse::<Checksum>()?, checksum);
/// # Ok::<(), migrate_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Checksum([u8; 32]);

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
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in self.0 {
            text.extend(
                [byte >> 4, byte & 15].map(|half| DIGITS.get(usize::from(half)).copied().unwrap_or('?')),
            );
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
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = pair
                .iter()
                .try_fold(0, |byte, digit| Some(byte * 16 + hex(*digit)?))
                .ok_or_else(malformed)?;
        }
        Ok(Checksum(bytes))
    }
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
