//! `cargo migrate`: the commands on a directory of patches.

use std::process::ExitCode;

fn main() -> ExitCode {
    embed_migrate_cli::cargo_migrate()
}
