//! Texts as SQL writes them and as people read them; nothing here knows bundles or errors.
//!
//! `quote.rs` turns names and values into SQL. The others prepare texts for a terminal or a log: `redact` hides passwords,
//! `control_characters.rs` replaces characters that a terminal would act on, and `list.rs` shortens long lists.

mod control_characters;
mod list;
pub mod quote;
mod redact;

pub use control_characters::visible;
pub use list::{listed, listed_patches};
pub(crate) use redact::mask;
pub use redact::{excerpt, redact, redact_from, redact_statement};
