//! Patches that write themselves: from the difference of two catalogs to the files of a bundle.
//!
//! `operations.rs` asks for the statements that lead from one catalog to the other. `ownership.rs` leaves alone what is not the
//! bundle's, `loss.rs` says which rows would be lost. `splitter.rs` puts them into patches that are safe
//! for a database in use: what the lint finds in a statement decides which recipe replaces it (`recipe.rs`), and so into
//! which patch it goes (`patch_draft.rs`); `split_context.rs` is what both know, `lint_context.rs` what the lint knows. `printed.rs` takes a printed statement apart, `placeholder.rs` has a value for
//! rows that lack one, `patch_text.rs` writes the files. `generated_rows.rs`
//! makes up rows for the proof.

mod generated_rows;
mod lint_context;
mod loss;
mod operations;
mod ownership;
mod patch_draft;
mod patch_text;
mod placeholder;
mod printed;
mod recipe;
mod split_context;
mod splitter;

pub use generated_rows::{GeneratedRows, generated_rows};
pub use lint_context::LintContext;
pub use loss::{Loss, losses};
pub use operations::{PlannedOperation, PlannedOperations, operations};
pub use ownership::Ownership;
pub use patch_draft::{PatchDraft, PatchPurpose};
pub use patch_text::{back_text, patch_text};
pub use split_context::SplitContext;
pub use splitter::{plain, split, way_back};
