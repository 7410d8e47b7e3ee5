//! What the lint says of hazards and recipes, held against a server: the lock that each takes, whether it reads or
//! stores the table anew, and that the recipe, as it is told, does neither under a lock that keeps others out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeMap;

use embed_migrate_core::{Bundle, Error, Findings, Kind, LintRule};
use tests::catalog::major;
use tests::{connect, database, files, values};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

/// What a hazard does to the first table that is named.
enum Effect {
    /// Stores it anew.
    Rewrites,
    /// Reads all of it.
    Reads,
    /// Only locks it.
    Locks,
    /// Is refused by the server.
    Fails(SqlState),
}

use Effect::{Fails, Locks, Reads, Rewrites};
use Kind::{Concurrent, Std};

/// A way to break a rule, and what is true of it.
struct Case {
    rule: LintRule,
    setup: &'static str,
    kind: Kind,
    hazard: &'static str,
    /// Tables and indexes with the strongest lock that is held when it is done.
    holds: &'static [(&'static str, &'static str)],
    does: Effect,
    /// The replacement for each `…` in the recipe.
    fill: &'static [&'static str],
    /// Whether the recipe is one patch, and not one a step.
    together: bool,
    /// What stays of it in a patch before the recipe.
    keeps: Option<&'static str>,
}

impl Case {
    fn new(rule: LintRule, setup: &'static str, kind: Kind, hazard: &'static str) -> Case {
        Case { rule, setup, kind, hazard, holds: &[], does: Locks, fill: &[], together: false, keeps: None }
    }

    fn does(self, does: Effect, holds: &'static [(&'static str, &'static str)]) -> Case {
        Case { does, holds, ..self }
    }

    fn fill(self, fill: &'static [&'static str]) -> Case {
        Case { fill, ..self }
    }

    fn keeps(self, keeps: &'static str) -> Case {
        Case { keeps: Some(keeps), ..self }
    }

    fn together(self) -> Case {
        Case { together: true, ..self }
    }
}

const TABLE: &str = "CREATE TABLE study (id int, title text NOT NULL, phase int);
INSERT INTO study SELECT n, n::text, n FROM generate_series(1, 100) AS n;";
const INDEXED: &str =
    "CREATE TABLE study (id int); INSERT INTO study VALUES (1); CREATE INDEX i ON study (id);";
const TWO: &str =
    "CREATE TABLE study (id int, other int); CREATE TABLE other (id int PRIMARY KEY, name text);
INSERT INTO other VALUES (1); INSERT INTO study VALUES (1, 1);";
const PARTED: &str = "CREATE TABLE study (id int) PARTITION BY LIST (id);
CREATE TABLE one PARTITION OF study FOR VALUES IN (1);
CREATE TABLE two (id int); INSERT INTO two VALUES (2); INSERT INTO one VALUES (1);";
const KEEP: &str = "CREATE TABLE study (id int, phase int); INSERT INTO study VALUES (1, 1);
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER kept BEFORE UPDATE ON study FOR EACH ROW EXECUTE FUNCTION keep();";
const STORE: &str = "CREATE TABLE study (id int PRIMARY KEY); INSERT INTO study VALUES (1);
CREATE INDEX i ON study (id); CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;";
const VIEW: &str = "CREATE MATERIALIZED VIEW study AS SELECT n AS id FROM generate_series(1, 9) AS n;
CREATE UNIQUE INDEX study_id ON study (id);";
const LABELS: &str = "CREATE TYPE phase AS ENUM ('one'); CREATE TABLE study (id int, phase phase);";

const ALL: &[(&str, &str)] = &[("study", "ACCESS EXCLUSIVE")];

fn cases() -> Vec<Case> {
    use LintRule::*;
    let case = Case::new;
    vec![
        case(IndexNotConcurrent, TABLE, Std, "CREATE INDEX study_id ON study (id);").does(Reads, &[("study", "SHARE")]),
        case(DropIndexNotConcurrent, INDEXED, Std, "DROP INDEX i;")
            .does(Locks, &[("study", "ACCESS EXCLUSIVE"), ("i", "ACCESS EXCLUSIVE")]),
        case(ReindexNotConcurrent, INDEXED, Std, "REINDEX INDEX i;")
            .does(Reads, &[("study", "SHARE"), ("i", "ACCESS EXCLUSIVE")]),
        case(ReindexNotConcurrent, INDEXED, Std, "REINDEX TABLE study;").does(Reads, &[("study", "SHARE")]),
        case(RefreshNotConcurrent, VIEW, Std, "REFRESH MATERIALIZED VIEW study;").does(Rewrites, ALL),
        case(VolatileDefault, TABLE, Std, "ALTER TABLE study ADD COLUMN code uuid DEFAULT gen_random_uuid();")
            .does(Rewrites, ALL),
        case(SerialColumn, TABLE, Std, "ALTER TABLE study ADD COLUMN number bigserial;").does(Rewrites, ALL),
        case(SerialColumn, TABLE, Std, "ALTER TABLE study ADD number int GENERATED ALWAYS AS IDENTITY;")
            .does(Rewrites, ALL),
        case(StoredColumn, KEEP, Std, "ALTER TABLE study ADD twice int GENERATED ALWAYS AS (phase * 2) STORED;")
            .does(Rewrites, ALL)
            .fill(&["double", "FOR EACH ROW EXECUTE FUNCTION keep()", "phase * 2"]),
        case(
            DomainColumn,
            TABLE,
            Std,
            "CREATE DOMAIN code AS text CHECK (length(VALUE) > 0);\nALTER TABLE study ADD COLUMN short code;",
        )
        .does(Rewrites, ALL)
        .keeps("CREATE DOMAIN code AS text CHECK (length(VALUE) > 0);"),
        case(RequiredColumn, TABLE, Std, "ALTER TABLE study ADD COLUMN code text NOT NULL;")
            .does(Fails(SqlState::NOT_NULL_VIOLATION), ALL)
            .fill(&["'none'", "id::text"]),
        case(Retype, KEEP, Std, "-- migrate: min-app any\nALTER TABLE study ALTER COLUMN phase TYPE bigint;")
            .does(Rewrites, ALL)
            .fill(&["same", "FOR EACH ROW EXECUTE FUNCTION keep()"]),
        case(SetNotNull, TABLE, Std, "ALTER TABLE study ALTER COLUMN phase SET NOT NULL;").does(Reads, ALL),
        case(CheckAtOnce, TABLE, Std, "ALTER TABLE study ADD CONSTRAINT positive CHECK (phase > 0);").does(Reads, ALL),
        case(CheckAtOnce, TABLE, Std, "ALTER TABLE study ADD CHECK (phase > 0);").does(Reads, ALL),
        case(CheckAtOnce, TABLE, Std, "ALTER TABLE study ADD age int CHECK (age > 0);")
            .does(Reads, ALL),
        case(ForeignKeyAtOnce, TWO, Std, "ALTER TABLE study ADD FOREIGN KEY (other) REFERENCES other;")
            .does(Reads, &[("study", "SHARE ROW EXCLUSIVE"), ("other", "SHARE ROW EXCLUSIVE")]),
        case(ForeignKeyAtOnce, TWO, Std, "ALTER TABLE study ADD more int DEFAULT 1 REFERENCES other (id);")
            .does(Reads, &[("study", "ACCESS EXCLUSIVE"), ("other", "SHARE ROW EXCLUSIVE")]),
        case(UniqueAtOnce, TABLE, Std, "ALTER TABLE study ADD CONSTRAINT study_uk UNIQUE (title);").does(Reads, ALL),
        case(UniqueAtOnce, TABLE, Std, "ALTER TABLE study ADD PRIMARY KEY (title);").does(Reads, ALL),
        case(UniqueAtOnce, TABLE, Std, "ALTER TABLE study ADD more int UNIQUE;").does(Reads, ALL),
        case(ExcludeAtOnce, TABLE, Std, "ALTER TABLE study ADD EXCLUDE (title WITH =);").does(Reads, ALL),
        case(
            ValidateAtOnce,
            TABLE,
            Std,
            "ALTER TABLE study ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\nALTER TABLE study VALIDATE CONSTRAINT c;",
        )
        .does(Reads, ALL)
        .keeps("ALTER TABLE study ADD CONSTRAINT c CHECK (id > 0) NOT VALID;"),
        case(Rewrite, STORE, Concurrent, "VACUUM FULL study;").does(Rewrites, ALL),
        case(Rewrite, STORE, Concurrent, "VACUUM (FULL) study;").does(Rewrites, ALL),
        case(Rewrite, STORE, Std, "CLUSTER study USING i;").does(Rewrites, ALL),
        case(Rewrite, STORE, Std, "ALTER TABLE study SET UNLOGGED;").does(Rewrites, ALL),
        case(Rewrite, STORE, Std, "ALTER TABLE study SET ACCESS METHOD heap2;").does(Rewrites, ALL),
        case(Rewrite, STORE, Std, "ALTER TABLE study SET TABLESPACE elsewhere;").does(Rewrites, ALL),
        case(Rewrite, STORE, Std, "ALTER INDEX i SET TABLESPACE elsewhere;").does(Locks, &[("i", "ACCESS EXCLUSIVE")]),
        case(AttachUnchecked, PARTED, Std, "ALTER TABLE study ATTACH PARTITION two FOR VALUES IN (2);")
            .does(Locks, &[("two", "ACCESS EXCLUSIVE"), ("study", "SHARE UPDATE EXCLUSIVE")])
            .fill(&["id IS NOT NULL AND id = 2"]),
        case(DetachNotConcurrent, PARTED, Std, "ALTER TABLE study DETACH PARTITION one;")
            .does(Locks, &[("study", "ACCESS EXCLUSIVE"), ("one", "ACCESS EXCLUSIVE")]),
        case(PartitionOf, PARTED, Std, "CREATE TABLE three PARTITION OF study FOR VALUES IN (3);")
            .does(Locks, ALL)
            .together(),
        case(LockTable, TABLE, Std, "LOCK TABLE study;").does(Locks, ALL),
        case(Truncate, TABLE, Std, "TRUNCATE study;").does(Rewrites, ALL),
        case(UpdateWithoutWhere, TABLE, Std, "UPDATE study SET phase = 2;")
            .does(Reads, &[("study", "ROW EXCLUSIVE")]),
        case(UpdateUnderLock, TABLE, Std, "ALTER TABLE study ADD code text;\nUPDATE study SET phase = 2 WHERE id > 1;")
            .does(Reads, ALL),
        case(
            UpdateUnderLock,
            TWO,
            Std,
            "CREATE TABLE new (id int REFERENCES other);\nUPDATE other SET name = 'b' WHERE id = 1;",
        )
        .does(Locks, &[("other", "SHARE ROW EXCLUSIVE")]),
        case(
            EnumValueUsed,
            LABELS,
            Std,
            "ALTER TYPE phase ADD VALUE 'two';\nINSERT INTO study (id, phase) VALUES (1, 'two');",
        )
        .does(Fails(SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE), &[])
        .fill(&["phase"]),
        case(DisableTrigger, KEEP, Std, "ALTER TABLE study DISABLE TRIGGER kept;")
            .does(Locks, &[("study", "SHARE ROW EXCLUSIVE")]),
    ]
}

/// From the weakest to the strongest, as messages and `pg_locks` write them.
const MODES: [&str; 8] = [
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
];

fn rank(mode: &str) -> usize {
    MODES.iter().position(|known| *known == mode).unwrap()
}

#[tokio::test]
async fn every_hazard_does_what_is_said_of_it() {
    let major = major(&connect(&database().await).await).await;
    // Another access method for a table is of PostgreSQL 15.
    for case in cases().into_iter().filter(|case| major >= 15 || !case.hazard.contains("ACCESS METHOD")) {
        let config = prepared(case.setup).await;
        let (mut client, before) = (connect(&config).await, state(&config).await);
        let seen = match case.kind {
            Concurrent => Observations {
                locks: waits_for(&config, case.hazard, "study").await,
                ..Observations::default()
            },
            _ => match inside(&mut client, case.hazard, false).await {
                Ok(seen) => seen,
                Err(error) => {
                    let Fails(code) = &case.does else { panic!("{}: {error:?}", case.hazard) };
                    assert_eq!(error.code(), Some(code), "{}", case.hazard);
                    continue;
                }
            },
        };
        for (name, mode) in case.holds {
            assert_eq!(seen.locks.get(*name).map(String::as_str), Some(*mode), "{name}: {}", case.hazard);
        }
        let after = if case.kind == Concurrent { state(&config).await } else { seen.files };
        let rewritten = before.get("study") != after.get("study");
        let read = seen.scans.get("study").is_some_and(|scans| *scans > 0);
        match case.does {
            Rewrites => assert!(rewritten, "{} does not rewrite", case.hazard),
            Reads => assert!(read && !rewritten, "{}: read: {read}, rewritten: {rewritten}", case.hazard),
            Locks => assert!(!rewritten, "{} rewrites", case.hazard),
            Fails(_) => panic!("{} does not fail", case.hazard),
        }
    }
}

#[tokio::test]
async fn a_recipe_keeps_nobody_out_while_it_reads() {
    for case in cases() {
        let hazard = finding(&case);
        let steps = steps(&case, hazard.advice().unwrap());
        accepted(&case, &steps);
        let config = prepared(case.setup).await;
        for (kind, step) in steps {
            let mut client = connect(&config).await;
            let before = state(&config).await;
            let seen = match kind {
                Concurrent if step.contains("CONCURRENTLY") || step.starts_with("VACUUM") => {
                    let locks = waits_for(&config, &step, "study").await;
                    Observations { locks, scans: BTreeMap::new(), files: state(&config).await }
                }
                _ => {
                    inside(&mut client, &step, true).await.unwrap_or_else(|error| panic!("{step}: {error:?}"))
                }
            };
            for (table, file) in &before {
                // Nobody writes to a materialised view but who refreshes it.
                let least =
                    if case.rule == LintRule::RefreshNotConcurrent { "ACCESS EXCLUSIVE" } else { "SHARE" };
                let strong = seen.locks.get(table).is_some_and(|mode| rank(mode) >= rank(least));
                let scans = seen.scans.get(table).copied().unwrap_or_default();
                let gone = seen.files.get(table).is_some_and(|now| now != file);
                assert!(!(strong && (scans > 0 || gone)), "{table} is read or stored anew by: {step}");
            }
        }
    }
}

#[test]
fn every_rule_is_tried_and_documented() {
    let docs = include_str!("../../docs/patches.md");
    for rule in LintRule::ALL {
        let rows: Vec<&str> =
            docs.lines().filter(|line| line.starts_with(&format!("| `{rule}` |"))).collect();
        let [row] = rows.as_slice() else { panic!("docs/patches.md has {} rows for {rule}", rows.len()) };
        // It takes no lock; the test below tries it.
        if rule == LintRule::StaysInSession {
            continue;
        }
        let mut tried = cases().into_iter().filter(|case| case.rule == rule).peekable();
        let first = tried.peek().unwrap_or_else(|| panic!("{rule} is not tried"));
        for (_, mode) in first.holds {
            assert!(row.contains(mode), "docs/patches.md does not say that `{rule}` takes {mode}");
        }
        if let Fails(code) = &first.does {
            assert!(
                row.contains(code.code()),
                "docs/patches.md does not say that `{rule}` fails with {}",
                code.code()
            );
        }
    }
    let section = docs.split("\n## ").find(|section| section.starts_with("Hazards\n")).unwrap();
    let listed = section.lines().filter(|line| line.starts_with("| `"));
    assert_eq!(listed.count(), LintRule::ALL.len(), "docs/patches.md has a row for no rule");
}

#[tokio::test]
async fn what_stays_in_a_session_outlives_all_that_cleans_one() {
    let config = database().await;
    let library = "SELECT count(*) FROM pg_settings WHERE name LIKE 'auto_explain.%'";
    let client = connect(&config).await;
    assert_eq!(values::<i64>(&client, library).await, [0]);
    client.batch_execute("LOAD 'auto_explain'").await.unwrap();
    client.batch_execute("DISCARD ALL").await.unwrap();
    assert_ne!(values::<i64>(&client, library).await, [0]);
    assert_eq!(values::<i64>(&connect(&config).await, library).await, [0], "another session has none of it");
}

#[tokio::test]
async fn no_function_that_is_volatile_passes_for_another() {
    let client = connect(&database().await).await;
    let names = "SELECT DISTINCT proname::text FROM pg_proc WHERE provolatile = 'v' AND prokind = 'f'
                 AND pronamespace = 'pg_catalog'::regnamespace ORDER BY 1";
    let mut names: Vec<String> = values(&client, names).await;
    assert!(names.len() > 200, "{names:?}");
    // Before PostgreSQL 15 that of a time was.
    names.retain(|name| name != "timezone");
    let patch: String = names
        .iter()
        .map(|name| format!("ALTER TABLE study ADD c text DEFAULT pg_catalog.\"{name}\"();\n"))
        .collect();
    let files = files("app", &[("patch-1-0-0-std.sql", &patch)]);
    let found = Findings::of_drafts(files.path(), "migrations").unwrap().hazards;
    let messages: Vec<u32> = found.iter().flat_map(|finding| finding.lines.clone()).collect();
    let missing: Vec<&String> =
        (1..).zip(&names).filter(|(line, _)| !messages.contains(line)).map(|(_, name)| name).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[tokio::test]
async fn a_default_that_is_the_same_for_all_rows_costs_nothing() {
    for value in [
        "0",
        "now()",
        "CURRENT_DATE",
        "to_jsonb(1)",
        "(1 + 2)",
        "current_setting('server_version')",
        "md5('a')",
    ] {
        let patch = format!("ALTER TABLE study ADD COLUMN code text NOT NULL DEFAULT {value}::text;");
        let files = files("app", &[("patch-1-0-0-std.sql", &patch)]);
        assert!(Findings::of_drafts(files.path(), "migrations").unwrap().hazards.is_empty(), "{value}");
        let config = prepared(TABLE).await;
        let before = state(&config).await;
        let seen = inside(&mut connect(&config).await, &patch, true).await.unwrap();
        assert_eq!(
            (before.get("study"), seen.scans.get("study")),
            (seen.files.get("study"), Some(&0)),
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_new_column_that_refers_to_a_table_reads_nothing() {
    let config = prepared(TWO).await;
    let patch = "ALTER TABLE study ADD more int REFERENCES other;";
    let seen = inside(&mut connect(&config).await, patch, true).await.unwrap();
    assert_eq!(seen.scans.get("study"), Some(&0));
}

/// The one hazard that the lint finds in a case.
fn finding(case: &Case) -> Error {
    let file = format!("patch-1-1-0-{}.sql", case.kind);
    let setup = case.setup.replace("CREATE ", "-- migrate: min-app any\nCREATE ");
    let files = files("app", &[("patch-1-0-0-std.sql", &setup), (&file, case.hazard)]);
    let mut found = Findings::of_drafts(files.path(), "migrations").unwrap().hazards;
    found.retain(|finding| finding.version.to_string() == "1.1.0");
    let rules: Vec<LintRule> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [case.rule], "{}", case.hazard);
    found.remove(0).problem
}

/// The patches of a recipe, as its help tells them.
fn steps(case: &Case, help: &str) -> Vec<(Kind, String)> {
    let mut fill = case.fill.iter();
    let mut lines: Vec<String> = case.keeps.map(str::to_owned).into_iter().collect();
    let mut batch = false;
    for line in help.lines().filter_map(|line| line.strip_prefix("  ")) {
        let filled = line.split('…').map(str::to_owned).reduce(|before, after| {
            before + fill.next().unwrap_or_else(|| panic!("nothing stands for … in {line}")) + &after
        });
        let line = filled.unwrap();
        if line.starts_with("-- migrate: batch") {
            batch = true;
        } else if !line.starts_with("--") {
            let continued = lines.last().is_some_and(|last| !last.ends_with(';'));
            let directive = if std::mem::take(&mut batch) { "-- migrate: batch 5000 by id\n" } else { "" };
            match lines.last_mut().filter(|_| continued || case.together) {
                Some(last) => *last += &format!("\n{line}"),
                None => lines.push(format!("{directive}{line}")),
            }
        }
    }
    assert_eq!(fill.next(), None, "{}", case.hazard);
    // The first of two ways is instead of the others.
    if case.rule == LintRule::RequiredColumn {
        lines.remove(0);
    }
    let concurrent = |line: &String| {
        let words = ["CONCURRENTLY", "VACUUM", "batch"];
        words.iter().any(|word| line.contains(word)) && !line.starts_with("REFRESH")
    };
    let kind = |line: &String| if concurrent(line) { Concurrent } else { Std };
    lines.into_iter().map(|line| (kind(&line), line)).collect()
}

/// The steps of a recipe are patches, in which the lint finds nothing.
fn accepted(case: &Case, steps: &[(Kind, String)]) {
    let created = files("app", &[("patch-1-0-0-std.sql", case.setup)]);
    for (index, (kind, step)) in steps.iter().enumerate() {
        created.write(
            &format!("patch-1-{}-0-{kind}.sql", index + 1),
            &format!("-- migrate: min-app any\n{step}"),
        );
    }
    let bundle = Bundle::read(created.path(), "app");
    assert!(bundle.is_ok(), "{}: {}", case.hazard, bundle.unwrap_err());
}

async fn prepared(setup: &str) -> Config {
    let config = database().await;
    let client = connect(&config).await;
    let elsewhere = "SELECT FROM pg_tablespace WHERE spcname = 'elsewhere'";
    if setup == STORE && client.query(elsewhere, &[]).await.unwrap().is_empty() {
        client.batch_execute("SET allow_in_place_tablespaces = on").await.unwrap();
        // Another test may be faster.
        let _ = client.batch_execute("CREATE TABLESPACE elsewhere LOCATION ''").await;
    }
    client.batch_execute(setup).await.unwrap();
    config
}

/// What a transaction holds and did before it ends.
#[derive(Default)]
struct Observations {
    /// The strongest lock on each table and index.
    locks: BTreeMap<String, String>,
    /// How often each table was read.
    scans: BTreeMap<String, i64>,
    /// The file that each table is stored in.
    files: BTreeMap<String, Option<u32>>,
}

async fn inside(client: &mut Client, sql: &str, commit: bool) -> Result<Observations, tokio_postgres::Error> {
    let tx = client.transaction().await?;
    // What is dropped keeps its lock, and loses its name.
    let names = "SELECT oid, relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let names: BTreeMap<u32, String> =
        tx.query(names, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect();
    tx.batch_execute(sql).await?;
    let locks = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted AND relation IS NOT NULL";
    let scans =
        "SELECT relname::text, pg_stat_get_xact_numscans(oid), pg_relation_filenode(oid) FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm', 'p')";
    let mut seen = Observations::default();
    for row in tx.query(scans, &[]).await? {
        seen.scans.insert(row.get(0), row.get(1));
        seen.files.insert(row.get(0), row.get(2));
    }
    for row in tx.query(locks, &[]).await? {
        let Some(name) = names.get(&row.get(0)) else { continue };
        let mode = spelled(row.get(1));
        let strongest = seen.locks.entry(name.clone()).or_insert_with(|| mode.clone());
        if rank(&mode) > rank(strongest) {
            *strongest = mode;
        }
    }
    if commit {
        tx.commit().await?
    } else {
        tx.rollback().await?
    }
    Ok(seen)
}

/// `ShareUpdateExclusiveLock` as the manual writes it.
fn spelled(mode: &str) -> String {
    let words = mode.trim_end_matches("Lock").chars().flat_map(|c| match c.is_uppercase() {
        true => vec![' ', c],
        false => vec![c.to_ascii_uppercase()],
    });
    words.collect::<String>().trim().to_owned()
}

/// The lock that a statement outside a transaction waits for, while another holds one that it conflicts with.
async fn waits_for(config: &Config, sql: &str, table: &str) -> BTreeMap<String, String> {
    let (holder, runner) = (connect(config).await, connect(config).await);
    let held = format!("BEGIN; LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE");
    holder.batch_execute(&held).await.unwrap();
    let statement = sql.to_owned();
    let running = tokio::spawn(async move { runner.batch_execute(&statement).await });
    let waiting = "SELECT c.relname::text, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
                   WHERE NOT l.granted AND l.relation = $1::text::regclass";
    let mode = loop {
        match holder.query_opt(waiting, &[&table]).await.unwrap() {
            Some(row) => break spelled(row.get(1)),
            None => assert!(!running.is_finished(), "{sql} waits for no lock on {table}"),
        }
    };
    holder.batch_execute("COMMIT").await.unwrap();
    running.await.unwrap().unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    BTreeMap::from([(table.to_owned(), mode)])
}

async fn state(config: &Config) -> BTreeMap<String, Option<u32>> {
    let mut client = connect(config).await;
    inside(&mut client, "SELECT 1", false).await.unwrap().files
}
