//! Checks of facts together, before anything is deployed: `clash.rs` finds two objects with one name, `transaction_end.rs` finds
//! SQL that would end the transaction, `warnings.rs` finds CSV that is unusual but readable.

mod clash;
mod transaction_end;
mod warnings;

pub use clash::clashes;
pub use transaction_end::endings;
pub use warnings::warnings;
