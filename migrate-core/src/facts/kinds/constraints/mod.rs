//! Facts about constraints that have a name of their own, one file for each kind.

mod check;
mod exclude;
mod foreign_key;
mod key;

pub use check::CheckFact;
pub use exclude::ExcludeFact;
pub use foreign_key::ForeignKeyFact;
pub use key::KeyFact;
