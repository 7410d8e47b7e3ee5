//! Makes cargo notice patches that were added, and records the revision for the history.

fn main() {
    embed_migrate_core::build::watch("../migrations");
    embed_migrate_core::build::revision();
}
