//! Measures servers and databases for tests: until the first SQL, whole lives, attaching, and a hundred tests; side by
//! side with the least that it takes, and with `sqlx::test`. Writes its section of docs/benchmarks.md.

mod floor;
mod hundred_tests;
mod kills;
mod server_times;
mod text;
mod floor_client;

use std::path::{Path, PathBuf};

use harness::{Args, Result, Shuffle, Tool, context, patches, write_section};
use embed_migrate_core::Bundle;

use crate::text::Measurements;

const USAGE: &str = "\
usage: throwaway [--rounds 41] [--first 5] [--hundred 9] [--sqlx 3] [--kills 50] [--seed 1] [--out PATH]

  --rounds   rounds of a server's life, and of attaching
  --first    rounds of a first run ever, without an image
  --hundred  rounds of a hundred tests
  --sqlx     in how many of them sqlx::test takes part
  --kills    tests that are killed
  --seed     of the orders
  --out      the document whose section is written, docs/benchmarks.md by default";

/// How many patches a migrated database has.
const PATCHES: usize = 100;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    if args.flag("alone") {
        return kills::alone();
    }
    let command = format!("cargo run --release -p throwaway -- {}", args.given());
    let rounds = args.value("rounds")?.unwrap_or(41);
    let first = args.value("first")?.unwrap_or(5);
    let hundred = args.value("hundred")?.unwrap_or(9);
    let sqlx = args.value("sqlx")?.unwrap_or(3);
    let kills = args.value("kills")?.unwrap_or(50);
    let seed = args.value("seed")?.unwrap_or(1);
    let out = args.value("out")?.unwrap_or_else(|| here().join("../../docs/benchmarks.md"));
    args.done(USAGE)?;

    let (ours, peer) = (here().join("../hundred-ours/migrations"), here().join("../hundred-sqlx/migrations"));
    patches::write(Tool::Ours, PATCHES, &ours)?;
    patches::write(Tool::Sqlx, PATCHES, &peer)?;
    let bundle = Bundle::read_with(&ours, "migrations", "hundred-ours", None)?;
    let scratch = std::env::temp_dir().join(format!("throwaway-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(context(scratch.display()))?;
    let sql: String = (1..=PATCHES).map(patches::sql).collect();
    let images = server_times::Images {
        empty: floor::Image::make("SELECT", &scratch, "empty")?,
        migrated: floor::Image::make(&sql, &scratch, "migrated")?,
    };
    let mut shuffle = Shuffle::new(seed);
    let server_times = server_times::measure(&images, &bundle, &scratch, rounds, first, &mut shuffle)?;
    let hundred = hundred_tests::measure(&images.migrated, &scratch, hundred, sqlx, &mut shuffle)?;
    let kills = kills::measure(&scratch, kills, &mut shuffle)?;
    std::fs::remove_dir_all(&scratch).map_err(context(scratch.display()))?;
    let measured = Measurements { server_times: &server_times, hundred: &hundred, kills: &kills };
    let text = measured.section(&command, seed)?;
    write_section(&out, "throwaway", &text)?;
    keep(&measured.csv())?;
    println!("{text}");
    Ok(())
}

fn keep(csv: &str) -> Result<()> {
    let path = here().join("../results/throwaway.csv");
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(context(parent.display()))?;
    }
    std::fs::write(&path, csv).map_err(context(path.display()))
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
