use super::TableName;
use crate::Place;

/// The primary key is these columns and links, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The table.
    pub of: TableName,
    /// Its columns and links.
    pub members: Vec<Member>,
}

/// A column or link of an identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its label.
    pub label: String,
    /// What fills it in where a new row gives no value.
    pub generator: Option<Generator>,
    /// Where it is named.
    pub place: Place,
}

/// What fills in a missing value of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// 1, 2, 3 … within the preceding members; zero-padded for text.
    Offset,
    /// An integer, or text like `A00A0000`, that no other row has.
    Random,
    /// A UUID.
    Uuid,
}
