//! Makes cargo notice patches that were added, and records the revision for the history.

fn main() {
    migrate_core::build::watch("../migrations");
    migrate_core::build::revision();
}
