//! Rebuilds when a patch comes, goes or changes.

fn main() {
    migrate_core::build::watch("migrations");
}
