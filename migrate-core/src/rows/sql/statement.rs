use std::fmt;

use super::wire::WireType;
use crate::text::quote;

/// A statement whose parameters are all arrays, of one length.
#[derive(Debug)]
pub struct RowStatement<'a> {
    /// The SQL.
    pub sql: String,
    /// `$1`, `$2` …, each an array.
    pub parameters: Vec<ArrayParameter<'a>>,
}

impl RowStatement<'_> {
    /// The statement as one text with its parameters inserted; `None` if their positions are ambiguous.
    pub(crate) fn text(&self) -> Option<String> {
        let mut parts = self.sql.split('$');
        let mut text = parts.next()?.to_owned();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at_checked(digits)?;
            let parameter = self.parameters.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
            let values: Vec<String> = parameter.iter().map(quote::optional).collect();
            // A dollar sign that is not a parameter belongs to a default expression.
            rest.strip_prefix("::")?;
            text += &format!("ARRAY[{}]{rest}", values.join(", "));
        }
        Some(text)
    }
}

/// An array whose elements are computed when they are read.
pub struct ArrayParameter<'a> {
    /// The type of its elements.
    pub wire: WireType,
    /// How many elements it has.
    pub length: usize,
    element: Box<dyn Fn(usize) -> Option<&'a str> + Send + Sync + 'a>,
}

impl<'a> ArrayParameter<'a> {
    pub(crate) fn new(
        wire: WireType,
        length: usize,
        element: impl Fn(usize) -> Option<&'a str> + Send + Sync + 'a,
    ) -> ArrayParameter<'a> {
        ArrayParameter { wire, length, element: Box::new(element) }
    }

    /// The elements as texts; `None` is NULL.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        (0..self.length).map(|index| (self.element)(index))
    }
}

impl fmt::Debug for ArrayParameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:?}; {}]", self.wire, self.length)
    }
}
