//! Texts as SQL writes them and as people read them; nothing here knows bundles or errors.
//!
//! `quote.rs` turns names and values into SQL. The others prepare texts for a terminal or a log: `redact` hides passwords,
//! `control_characters.rs` replaces characters that a terminal would act on, and `list.rs` shortens long lists.

mod control_characters;
mod list;
pub mod quote;
mod redact;

pub use control_characters::escape_controls;
pub use list::{list_names, list_patches};
pub(crate) use redact::mask;
pub use redact::{redact, redact_excerpt, redact_from, redact_statement};
