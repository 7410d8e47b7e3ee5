//! Rebuilds when a patch comes, goes or changes.

fn main() {
    embed_migrate_core::build::watch("migrations");
}
