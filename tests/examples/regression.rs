//! Gives PostgreSQL's own regression database back, once by `ddl` and once by pg_dump, and counts what fails and differs.
//!
//! usage: cargo run -p tests --example regression -- SOURCES [LIBRARIES]
//!
//! SOURCES is `src/test/regress` of the server's major version. LIBRARIES is a directory with `regress.so`, built of its
//! `regress.c`; without it the statements that need it fail, and what they would have made is not there to be compared.
//! The server's account must be able to read both.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use embed_migrate_cluster::{Installation, Profile, Throwaway};
use embed_migrate_core::catalog::compare;
use embed_migrate_runtime::{Scope, ddl, inspect};
use tests::{connect, url};
use tokio_postgres::Config;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let sources = arguments.next().expect("the path of src/test/regress");
    let libraries = arguments.next().unwrap_or_default();
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile =
        Profile::throwaway().setting("wal_level", "logical").setting("max_locks_per_transaction", "300");
    let server = Throwaway::start_with(&installation, profile).await.unwrap();
    let programs = Programs { installation: &installation };
    let source = server.database().await.unwrap();
    programs.run_schedule(&source, &sources, &libraries);
    let printed = ddl(&connect(&source).await, &Scope::default(), None).await.unwrap();
    let dump = programs.dump(&source);
    println!("{} lines of ddl, {} left out", printed.sql.lines().count(), printed.left_out.len());
    for (name, sql) in [("ddl", &printed.sql), ("pg_dump", &dump)] {
        let copy = server.database().await.unwrap();
        let errors = programs.load(&copy, sql);
        let lines = differing(&dump, &programs.dump(&copy));
        let (before, after) = (connect(&source).await, connect(&copy).await);
        let scope = Scope::default();
        let (before, after) =
            (inspect(&before, &scope).await.unwrap(), inspect(&after, &scope).await.unwrap());
        let differences = compare(&before, &after);
        println!(
            "{name}: {} errors, {} lines differ, {} differences",
            errors.len(),
            lines.len(),
            differences.len()
        );
        let shown = errors.into_iter().chain(lines).chain(differences.iter().map(ToString::to_string));
        shown.for_each(|line| println!("  {line}"));
    }
}

struct Programs<'i> {
    installation: &'i Installation,
}

impl Programs<'_> {
    fn psql(&self, config: &Config) -> Command {
        let mut command = Command::new(self.installation.program("psql").unwrap());
        command.args(["-X", "-q", "-d", &url(config)]);
        command
    }

    /// Runs each file of the schedule; their errors are a part of them.
    fn run_schedule(&self, config: &Config, sources: &str, libraries: &str) {
        let schedule = std::fs::read_to_string(Path::new(sources).join("parallel_schedule")).unwrap();
        let tests = schedule.lines().filter_map(|line| line.strip_prefix("test:"));
        for test in tests.flat_map(str::split_whitespace) {
            let mut psql = self.psql(config);
            psql.env("PG_ABS_SRCDIR", sources).env("PG_LIBDIR", libraries).env("PG_DLSUFFIX", ".so");
            psql.env("PG_ABS_BUILDDIR", libraries).env("PGTZ", "PST8PDT").env("PGDATESTYLE", "Postgres, MDY");
            psql.arg("-f")
                .arg(Path::new(sources).join("sql").join(test).with_extension("sql"))
                .output()
                .unwrap();
        }
    }

    fn load(&self, config: &Config, sql: &str) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), sql).unwrap();
        let output = self.psql(config).arg("-f").arg(file.path()).output().unwrap();
        text(&output.stderr).lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect()
    }

    fn dump(&self, config: &Config) -> String {
        let program = self.installation.program("pg_dump").unwrap();
        let output: Output = Command::new(program).args(["-s", &url(config)]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The lines that only one of two texts has, in whatever order.
fn differing(before: &str, after: &str) -> Vec<String> {
    let mut lines: BTreeMap<&str, i64> = BTreeMap::new();
    let kept = |line: &&str| !line.is_empty() && !line.starts_with("--") && !line.contains("restrict ");
    before.lines().filter(kept).for_each(|line| *lines.entry(line).or_default() += 1);
    after.lines().filter(kept).for_each(|line| *lines.entry(line).or_default() -= 1);
    let uneven = lines.into_iter().filter(|(_, count)| *count != 0);
    uneven.map(|(line, count)| format!("{}{line}", if count > 0 { '-' } else { '+' })).collect()
}
