//! Carries out a plan, once the lock is held.
//!
//! `carry_out.rs` is the loop: it shows what is pending to a callback (`patch_check.rs`), takes the backup (`backup.rs`), sends the
//! patches in one pipeline, then deploys facts, and reads the history again if something stopped it. `refusal.rs` decides what a
//! refused message means: another try, or an error. `existing_objects.rs` explains a first patch that finds its objects there.

pub(crate) mod backup;
pub(crate) mod carry_out;
mod existing_objects;
pub(crate) mod patch_check;
pub(crate) mod refusal;
