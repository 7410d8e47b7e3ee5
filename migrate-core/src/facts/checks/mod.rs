//! Checks of facts together, before anything is deployed: `clash.rs` finds two objects with one name, `ending.rs` finds
//! SQL that would end the transaction, `warnings.rs` finds CSV that is unusual but readable.

mod clash;
mod ending;
mod warnings;

pub use clash::clashes;
pub use ending::endings;
pub use warnings::warnings;
