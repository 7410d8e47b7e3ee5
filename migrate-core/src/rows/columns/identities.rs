use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use crate::rows::values::{DecimalParts, ValueKind};

/// Finds rows by their identities.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    rows: HashMap<u64, u32>,
}

impl Identities {
    pub(crate) fn with_capacity(rows: usize) -> Identities {
        Identities { rows: HashMap::with_capacity(rows) }
    }

    /// The row with an identity, which `is` recognizes; or the slot for a new row.
    pub(crate) fn find<'a>(
        &self,
        texts: impl Iterator<Item = Cow<'a, str>>,
        is: impl Fn(u32) -> bool,
    ) -> Result<u32, u64> {
        let mut hasher = DefaultHasher::new();
        for text in texts {
            hasher.write(text.as_bytes());
            hasher.write_u8(0xFF);
        }
        let mut slot = hasher.finish();
        // Identities with the same hash take consecutive slots.
        loop {
            match self.rows.get(&slot) {
                None => return Err(slot),
                Some(row) if is(*row) => return Ok(*row),
                Some(_) => slot = slot.wrapping_add(1),
            }
        }
    }

    pub(crate) fn insert(&mut self, slot: u64, row: u32) {
        self.rows.insert(slot, row);
    }
}

/// A canonical text: the same for all texts that the server reads as the same value, such as `1.0` and `1.00`.
pub(crate) fn form<'a>(kind: &ValueKind, text: &'a str) -> Cow<'a, str> {
    match kind {
        ValueKind::Decimal(_) => {
            DecimalParts::of(text).map_or(Cow::Borrowed(text), |parts| Cow::Owned(parts.canonical()))
        }
        ValueKind::Float { .. } => {
            text.parse::<f64>().map_or(Cow::Borrowed(text), |number| Cow::Owned((number + 0.0).to_string()))
        }
        _ => Cow::Borrowed(text),
    }
}
