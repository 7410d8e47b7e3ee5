//! `status` and `up`, against a real server.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use embed_migrate_cluster::{Installation, Profile, Throwaway};
use support::Place;
use tokio_postgres::config::Host;

/// A server, and a directory with two patches beside a package.
async fn place() -> (Throwaway, Place) {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let server = Throwaway::start(&installation).await.unwrap();
    let place = Place::new().with("DATABASE_URL", server.url("postgres"));
    place.write("Cargo.toml", "[package]\nname = \"registry\"\n");
    place.write("migrations/patch-1-0-0-std-one.sql", "CREATE TABLE one (id integer);\n");
    place.write("migrations/patch-1-1-0-std-two.sql", "CREATE TABLE two (id integer);\n");
    (server, place)
}

const PENDING: &str = "registry 1.0.0 pending (patch-1-0-0-std-one.sql)
registry 1.1.0 pending (patch-1-1-0-std-two.sql)
";

#[tokio::test]
async fn a_database_is_brought_up_step_by_step() {
    let (_server, place) = place().await;
    assert_eq!(place.run("status").ok().stdout, PENDING);
    let ran = place.run("status --exit-code");
    assert_eq!((ran.code, ran.stdout.as_str()), (3, PENDING));

    let ran = place.run("up --dry-run").ok();
    assert!(ran.stdout.contains("CREATE TABLE two (id integer);"), "{}", ran.stdout);
    assert_eq!(place.run("status").ok().stdout, PENDING);

    let ran = place.run("up --to 1.0.0").ok();
    assert!(ran.stdout.starts_with("applied registry 1.0.0 (patch-1-0-0-std-one.sql, "), "{ran:#?}");
    assert!(ran.stdout.contains("\nregistry is at 1.0.0\n1 applied in "), "{ran:#?}");
    place.run("up --to registry=1.1.0 --lock-wait 5s --lock-timeout 500ms").ok();
    assert_eq!(
        place.run("status --exit-code").ok().stdout,
        "registry 1.0.0 applied (patch-1-0-0-std-one.sql)\nregistry 1.1.0 applied (patch-1-1-0-std-two.sql)\n"
    );
    let ran = place.run("up").ok();
    assert!(ran.stdout.starts_with("registry is at 1.1.0\n0 applied in "), "{ran:#?}");
    assert_eq!(ran.stderr, "");
}

/// A line of `history --verbose`, whatever the time and however long it took.
fn without_times(line: &str) -> String {
    let is_time = |part: &str| part.len() == 20 && part.starts_with("20") && part.ends_with('Z');
    let part = |part: &str| if part.ends_with(" ms") { "MS".to_owned() } else { words(part, is_time) };
    line.split(", ").map(part).collect::<Vec<_>>().join(", ")
}

fn words(part: &str, is_time: impl Fn(&str) -> bool) -> String {
    part.split(' ').map(|word| if is_time(word) { "TIME" } else { word }).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_history_says_where_the_database_is_and_who_brought_it_there() {
    let (_server, place) = place().await;
    assert_eq!(
        place.run("history --offline").ok().stdout,
        "1.0.0 -> 1.1.0 (head), two\n<base> -> 1.0.0, one\n"
    );
    assert_eq!(place.run("current").ok().stdout, "registry <base>\n");
    assert_eq!(
        place.run("history").ok().stdout,
        "1.0.0 -> 1.1.0 (head, pending), two\n<base> -> 1.0.0 (pending), one\n"
    );
    place.run("up --to 1.0.0").ok();
    assert_eq!(place.run("current").ok().stdout, "registry 1.0.0\n");
    assert_eq!(
        place.run("history").ok().stdout,
        "1.0.0 -> 1.1.0 (head, pending), two\n<base> -> 1.0.0 (current), one\n"
    );

    place.write("migrations/patch-1-1-0-std-two.sql", "SELECT 1 / 0;\n");
    assert_eq!(place.run("up").code, 1);
    place.write(
        "migrations/patch-1-1-0-concurrent-two.sql",
        "CREATE TABLE two (id integer);\nCREATE INDEX CONCURRENTLY two_id ON two (id);\n",
    );
    std::fs::remove_file(place.path("migrations/patch-1-1-0-std-two.sql")).unwrap();
    place.run("up").ok();
    assert_eq!(place.run("current").ok().stdout, "registry 1.1.0 (head)\n");
    let verbose = place.run("history --verbose").ok().stdout;
    let lines: Vec<_> = verbose.lines().map(without_times).collect();
    assert_eq!(
        lines,
        [
            "1.0.0 -> 1.1.0 (head, current), two",
            "    patch-1-1-0-concurrent-two.sql",
            "    ran as a draft TIME by postgres, MS, application cargo migrate",
            "    statement 1: TIME, ended TIME",
            "    statement 2: TIME, ended TIME",
            "<base> -> 1.0.0, one",
            "    patch-1-0-0-std-one.sql",
            "    ran as a draft TIME by postgres, MS, application cargo migrate",
            "TIME failed registry 1.1.0: patch `1.1.0` of `registry` failed: division by zero",
        ]
        .map(str::to_owned)
    );
}

#[tokio::test]
async fn json_is_one_value_on_stdout() {
    let (_server, place) = place().await;
    let value = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
    let ran = place.run("up --dry-run --format json").ok();
    assert_eq!(value(&ran.stdout)["tried"][1]["version"], "1.1.0");
    let ran = place.run("up --to 1.0.0 --format json").ok();
    let report = value(&ran.stdout);
    assert_eq!(report["applied"][0]["file"], "patch-1-0-0-std-one.sql");
    assert_eq!(report["bundles"][0]["head"], "1.0.0");
    assert!(ran.stderr.starts_with("applied registry 1.0.0 "), "{}", ran.stderr);
    let status = value(&place.run("status --format json").ok().stdout);
    assert_eq!(status["patches"][0]["state"], "applied");
    assert_eq!(status["patches"][1]["state"], "pending");
    assert_eq!(status["problems"].as_array().unwrap().len(), 0);
    let ran = place.run("up --to 3.0.0 --format json");
    assert_eq!(ran.code, 1);
    assert_eq!(value(&ran.stdout)["errors"][0]["message"], "bundle `registry` has no patch `3.0.0`");
}

#[tokio::test]
async fn an_edited_patch_is_shown_and_refused() {
    let (_server, place) = place().await;
    place.run("lock").ok();
    place.run("up").ok();
    place.write("migrations/patch-1-0-0-std-one.sql", "CREATE TABLE one (id bigint);\n");
    std::fs::remove_file(place.path("migrations/migrations.lock")).unwrap();
    let ran = place.run("status");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout.lines().count(), 2);
    assert!(
        ran.stderr.starts_with("error: patch `1.0.0` was edited after it was applied\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(place.run("up").code, 1);
}

#[tokio::test]
async fn a_failing_patch_tells_where_and_what_was_applied() {
    let (_server, place) = place().await;
    place.write("migrations/patch-1-2-0-std-three.sql", "CREATE TABLE three ();\nCREATE TABLE one ();\n");
    let ran = place.run("up");
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("applied registry 1.1.0"), "{ran:#?}");
    for part in ["`one`", "patch-1-2-0-std-three.sql", "applied before it: registry 1.0.0, registry 1.1.0"] {
        assert!(ran.stderr.replace('"', "`").contains(part), "{part}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn the_history_may_live_elsewhere_and_the_role_be_another() {
    let (server, place) = place().await;
    let client = server.instance().connect("postgres").await.unwrap();
    client
        .batch_execute("CREATE ROLE owner; CREATE SCHEMA owned AUTHORIZATION owner; GRANT ALL ON DATABASE postgres TO owner; GRANT ALL ON SCHEMA public TO owner")
        .await
        .unwrap();
    place.run("up --role owner --history-schema story").ok();
    let row = client
        .query_one("SELECT tableowner::text FROM pg_tables WHERE tablename = 'one'", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, String>(0), "owner");
    place.run("status --history-schema story --role owner --exit-code").ok();
    let refused = "error: the history's schema `story` belongs to `owner`, which is not a trusted role\n";
    assert!(place.run("status --history-schema story").stderr.starts_with(refused));
    assert_eq!(place.run("status --exit-code").code, 3);
}

#[test]
fn a_server_that_is_down_and_a_url_of_another_kind_are_named() {
    let place = Place::new();
    place.write("migrations/bundle.yaml", "name: registry\n");
    place.write("migrations/patch-1-0-0-std.sql", "SELECT 1;\n");
    let ran = place.run("status --database-url postgresql://ann:geheim@127.0.0.1:1/demo");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.starts_with("error: cannot connect to `127.0.0.1:1`: connection refused\n"),
        "{ran:#?}"
    );
    assert!(!ran.stderr.contains("geheim"));
    let ran = place.run("up --database-url mysql://ann:geheim@db.example/demo");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error: `mysql:` is not the scheme of a PostgreSQL URL\n"), "{ran:#?}");
    assert!(!ran.stderr.contains("geheim"));
}

#[test]
fn a_wrong_database_and_the_variables_are_used_in_that_order() {
    let place = Place::new().with("PGHOST", "127.0.0.1").with("PGPORT", "1").with("PGPASSWORD", "geheim");
    place.write("migrations/bundle.yaml", "name: registry\n");
    place.write("migrations/patch-1-0-0-std.sql", "SELECT 1;\n");
    let ran = place.run("status");
    assert!(ran.stderr.contains("`127.0.0.1:1`") && !ran.stderr.contains("geheim"), "{ran:#?}");
    let ran = place.run("status --database-url postgresql://127.0.0.1:2/demo");
    assert!(ran.stderr.contains("`127.0.0.1:2`") && !ran.stderr.contains("geheim"), "{ran:#?}");
}

#[test]
fn a_bundle_without_a_name_is_refused() {
    let place = Place::new().with("PGHOST", "127.0.0.1").with("PGPORT", "1");
    place.write("migrations/patch-1-0-0-std.sql", "SELECT 1;\n");
    place.write("Cargo.toml", "[workspace]\n");
    place.run("status").refused(
        "error: the bundle in `migrations` has no name
  help: write `name: …` into its bundle.yaml, or give `--name`: the history keeps its patches under that name",
    );
    assert!(place.run("status --name registry").stderr.contains("cannot connect"));
    place.write("Cargo.toml", "[package\n");
    assert!(place.run("status").stderr.contains("Cargo.toml:1:"));
}

#[test]
fn a_url_that_is_not_utf_8_is_not_passed_over() {
    use std::os::unix::ffi::OsStringExt;
    let url = std::ffi::OsString::from_vec(b"postgresql:///caf\xe9".to_vec());
    let place = Place::new().with("DATABASE_URL", url).with("PGHOST", "127.0.0.1").with("PGPORT", "1");
    place.write("migrations/bundle.yaml", "name: registry\n");
    place.write("migrations/patch-1-0-0-std.sql", "SELECT 1;\n");
    place.run("status").refused("error: the variable `DATABASE_URL` is not UTF-8");
    assert!(
        place.run("status --database-url postgresql://127.0.0.1:2/demo").stderr.contains("`127.0.0.1:2`")
    );
}

#[tokio::test]
async fn ctrl_c_cancels_what_runs_and_says_what_was_applied() {
    let (server, place) = place().await;
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("CREATE SEQUENCE cancelled").await.unwrap();
    // A cancelled statement can be told; one whose client is gone can't, and is ended. A sequence is not rolled back.
    place.write(
        "migrations/patch-1-2-0-std.sql",
        "DO $$ BEGIN PERFORM pg_sleep(600); \
         EXCEPTION WHEN query_canceled THEN PERFORM nextval('cancelled'); RAISE; END $$;\n",
    );
    let mut command = place.command(&["up"]);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let sleeping = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while client.query(sleeping, &[]).await.unwrap().is_empty() {
        assert_eq!(process.try_wait().unwrap(), None);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap().success());
    let others =
        "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while !client.query(others, &[]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let row = client.query_one("SELECT is_called FROM cancelled", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0), "nobody cancelled it");
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: stopped, and the running statement was cancelled\n  \
           note: applied before it: registry 1.0.0, registry 1.1.0\n  \
           help: `cargo migrate status` shows which patches are applied; `cargo migrate up` applies the rest\n"
    );
    place.write("migrations/patch-1-2-0-std.sql", "SELECT 1;\n");
    assert!(place.run("up").ok().stdout.starts_with("applied registry 1.2.0"));
}

#[tokio::test]
async fn several_bundles_come_from_several_directories() {
    let (_server, place) = place().await;
    place.write("migrations/bundle.yaml", "name: registry\nrequires: [audit]\n");
    place.write("audit/bundle.yaml", "name: audit\n");
    place.write("audit/00001-entry.sql", "CREATE TABLE entry (id bigint);\n");
    let dirs = "--dir migrations --dir audit";
    let ran = place.run(&format!("lock {dirs}")).ok();
    assert_eq!(ran.stdout.lines().count(), 3);
    assert_eq!(place.run(&format!("check --locked {dirs}")).ok().stdout.lines().count(), 2);
    let ran = place.run(&format!("up {dirs} --to registry=1.0.0")).ok();
    assert!(ran.stdout.starts_with("applied audit 1.0.0 ("), "{ran:#?}");
    assert!(ran.stdout.contains("\nregistry is at 1.0.0\n"), "{ran:#?}");
    assert_eq!(place.run(&format!("status --exit-code {dirs}")).code, 3);
    place
        .run(&format!("new more {dirs}"))
        .refused("error: a new patch is for one directory, and several are given\n  help: give `--dir` once");
    place.run(&format!("lock --accept 1.0.0 --reason x {dirs}")).refused(
        "error: an edit to accept is for one directory, and several are given\n  help: give `--dir` once",
    );
    // Its name stands in its lock file too.
    place.write("audit/bundle.yaml", "requires: []\n");
    assert_eq!(place.run(&format!("status --exit-code {dirs}")).code, 3);
    std::fs::remove_file(place.path("audit/migrations.lock")).unwrap();
    place.run(&format!("status {dirs}")).refused(
        "error: the bundle in `audit` has no name
  help: write `name: …` into its bundle.yaml: the history keeps its patches under that name, and the package's name is for one bundle only",
    );
}

#[test]
fn two_directories_keep_the_names_of_their_packages() {
    let place = Place::new().with("PGHOST", "127.0.0.1").with("PGPORT", "1");
    for name in ["shop", "audit"] {
        place.write(&format!("{name}/Cargo.toml"), format!("[package]\nname = \"{name}\"\n"));
        place.write(&format!("{name}/migrations/00001-one.sql"), "SELECT 1;\n");
    }
    let dirs = "--dir shop/migrations --dir audit/migrations";
    assert!(place.run(&format!("status {dirs}")).stderr.contains("cannot connect"));
    place.run(&format!("lock {dirs}")).ok();
    for name in ["shop", "audit"] {
        assert!(
            place.read(&format!("{name}/migrations/migrations.lock")).contains(&format!("\nbundle {name}\n"))
        );
    }
    // Two of one package are not told apart by its name.
    place.write("shop/audit/00001-one.sql", "SELECT 1;\n");
    place.write("shop/log/00001-one.sql", "SELECT 1;\n");
    let nameless = |directory: &str| {
        format!(
            "error: the bundle in `{directory}` has no name
  help: write `name: …` into its bundle.yaml: the history keeps its patches under that name, and the package's name is for one bundle only"
        )
    };
    let dirs = "--dir shop/audit --dir shop/log";
    place.run(&format!("status {dirs}")).refused(&format!(
        "{}\n\n{}",
        nameless("shop/audit"),
        nameless("shop/log")
    ));
    place.run(&format!("lock {dirs}")).ok();
    assert!(!place.read("shop/log/migrations.lock").contains("\nbundle "));
    // One that has a name leaves the package's to the other.
    place.write("shop/log/bundle.yaml", "name: log\n");
    assert!(place.run(&format!("status {dirs}")).stderr.contains("cannot connect"));
}

#[tokio::test]
async fn a_bundle_that_is_required_is_asked_for_by_its_directory() {
    let (_server, place) = place().await;
    place.write("migrations/bundle.yaml", "name: registry\nrequires: [audit-log]\n");
    place.write("audit/bundle.yaml", "name: audit-log\n");
    place.write("audit/00001-entry.sql", "CREATE TABLE entry (id bigint);\n");
    place.run("up").refused(
        "error: bundle `registry` requires `audit-log`, which is neither given nor applied
  help: pass it too: its directory with another `--dir`, in a program `Migrator::new([&AUDIT_LOG, …])`",
    );
    place.run("up --dir migrations --dir audit").ok();
    place.write("migrations/patch-1-2-0-std.sql", "-- migrate: requires audit-log 2.0.0\nSELECT 1;\n");
    place.run("up").refused(
        "error: patch `1.2.0` requires `audit-log` at `2.0.0`
  --> migrations/patch-1-2-0-std.sql
  help: pass a `audit-log` that goes as far, or apply it first: its directory with another `--dir`, in a program by `Migrator::new`",
    );
}

#[test]
fn a_url_that_nobody_gave_is_said_so() {
    let check = |place: Place, arguments: &str, note: &str| {
        let place = place.with("PGHOST", "127.0.0.1").with("PGPORT", "1").with("PGUSER", "ann");
        place.write("migrations/bundle.yaml", "name: registry\n");
        place.write("migrations/patch-1-0-0-std.sql", "SELECT 1;\n");
        let note = if note.is_empty() {
            String::new()
        } else {
            format!("\n  note: {note}: libpq's variables and defaults are used")
        };
        place
            .run_words(&arguments.split(' ').map(|word| word.trim_matches('\'')).collect::<Vec<_>>())
            .refused(&format!(
                "error: cannot connect to `127.0.0.1:1`: connection refused
  note: server `127.0.0.1:1`, database `ann`, user `ann`{note}
  help: is the server running, and does it listen there?"
            ));
    };
    let unset = "neither `--database-url` nor the variable `DATABASE_URL` is set";
    for command in ["status", "up --wait 0s", "ddl"] {
        check(Place::new(), command, unset);
        check(Place::new().with("DATABASE_URL", ""), command, "the variable `DATABASE_URL` is empty");
        check(Place::new().with("DATABASE_URL", " "), command, "the variable `DATABASE_URL` is empty");
        check(Place::new(), &format!("{command} --database-url ''"), "`--database-url` is empty");
        check(Place::new().with("DATABASE_URL", "dbname=ann"), command, "");
        check(Place::new(), &format!("{command} --database-url pgsql:ann"), "");
    }
}

#[test]
fn an_error_of_a_url_says_that_it_is_from_the_variable() {
    let url = "postgresql:ann";
    let help = "help: write `postgresql://user:password@host:5432/database?sslmode=verify-full`, and `%40` for `@`, `%2F` for `/`, \
                `%3A` for `:`, `%25` for `%` within a part";
    let error = "error: malformed PostgreSQL URL: `//` is missing after the scheme";
    let from = "note: it is from the variable `DATABASE_URL`";
    Place::new()
        .with("DATABASE_URL", url)
        .run("database list")
        .refused(&format!("{error}\n  {from}\n  {help}"));
    Place::new().run(&format!("database list --database-url {url}")).refused(&format!("{error}\n  {help}"));
    let port = "is not a number from 1 to 65535, or one for each host with commas between them";
    let place = Place::new().with("DATABASE_URL", "postgresql://h:x/d").with("PGPORT", "5432");
    place.run("database list").refused(&format!("error: the value of `port` in the URL {port}\n  {from}"));
    // What is wrong with another variable is not the URL's fault.
    let place = Place::new().with("DATABASE_URL", "postgresql://h/d").with("PGPORT", "x");
    place
        .run("database list")
        .refused(&format!("error: the value of `port` in the variable `PGPORT` {port}"));
}

#[test]
fn a_variable_that_is_not_utf_8_is_not_passed_over() {
    use std::os::unix::ffi::OsStringExt;
    let user = || std::ffi::OsString::from_vec(b"J\xf6rg".to_vec());
    let place = Place::new().with("PGUSER", user()).with("PGHOST", "127.0.0.1").with("PGPORT", "1");
    for command in ["database list", "database list --database-url pgsql:demo"] {
        place.run(command).refused("error: the variable `PGUSER` is not UTF-8");
    }
}

#[tokio::test]
async fn a_service_leads_to_its_database() {
    let (server, place) = place().await;
    let url = server.url("postgres");
    let (socket, port) = url.split(['@', '/']).nth(3).unwrap().split_once(':').unwrap();
    let socket = socket.replace("%2F", "/");
    place.write(
        ".pg_service.conf",
        format!("[registry]\nhost={socket}\nport={port}\nuser=postgres\ndbname=postgres\n[typo]\nprot=1\n"),
    );
    let place = place.with("DATABASE_URL", "");
    assert!(place.run("status --database-url service=registry").ok().stdout.contains("pending"));
    let place = place.with("PGSERVICE", "registry");
    assert!(place.run("up").ok().stdout.starts_with("applied registry 1.0.0"));
    let own = place.path(".pg_service.conf");
    place.run("status --database-url service=typo").refused(&format!(
        "error: unknown parameter `prot` in line 7 of `{}`\n  help: did you mean `port`, `host`?",
        own.display()
    ));
}

#[tokio::test]
async fn drift_is_reported_with_the_sql_that_fixes_it_and_ends_with_3() {
    let (server, place) = place().await;
    place.write(
        "migrations/deploy.yaml",
        "table: study\nwith:\n- column: code\n  type: text\n- identity: [code]\n",
    );
    place.run("up").ok();
    assert_eq!(place.run("drift").ok().stdout, "no drift\n");
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("ALTER TABLE one ADD extra integer").await.unwrap();
    let ran = place.run("drift");
    assert_eq!((ran.code, ran.stderr.as_str()), (3, ""), "{ran:#?}");
    assert!(
        ran.stdout
            .starts_with("the catalog is not what the last run left: 1 difference\n  left by cargo migrate ")
    );
    assert!(
        ran.stdout.ends_with(
            "\n\ncolumn `public.one.extra` is new\nALTER TABLE \"public\".\"one\" DROP COLUMN \"extra\";\n"
        ),
        "{ran:#?}"
    );
    let ran = place.run("drift --format json");
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &value["since"]["by"]), (3, &serde_json::json!("postgres")));
    let difference = &value["catalog"][0];
    assert_eq!((&difference["change"], &difference["name"]), (&"added".into(), &"public.one.extra".into()));
    client.batch_execute(difference["fix"][0].as_str().unwrap()).await.unwrap();
    assert_eq!(place.run("drift").ok().stdout, "no drift\n");
}

#[tokio::test]
async fn drift_of_a_bundle_without_facts_is_what_its_patches_up_to_the_databases_head_do_not_make() {
    let (server, place) = place().await;
    place.run("up --to 1.0.0").ok();
    assert_eq!(place.run("drift").ok().stdout, "no drift\n");
    let client = server.instance().connect("postgres").await.unwrap();
    let by_hand = "CREATE ROLE clerk; ALTER TABLE one ADD extra integer; GRANT SELECT ON one TO clerk";
    client.batch_execute(by_hand).await.unwrap();
    let ran = place.run("drift");
    assert_eq!((ran.code, ran.stderr.as_str()), (3, ""), "{ran:#?}");
    assert_eq!(
        ran.stdout,
        "the catalog is not what the bundles make: 2 differences\n\n\
         column `public.one.extra` is new\n\
         ALTER TABLE \"public\".\"one\" DROP COLUMN \"extra\";\n\n\
         table `public.one`: privileges `clerk=r/postgres, postgres=arwdDxt/postgres`, was none\n\
         REVOKE ALL ON TABLE \"public\".\"one\" FROM \"clerk\" CASCADE;\n\
         REVOKE ALL ON TABLE \"public\".\"one\" FROM PUBLIC;\n\
         REVOKE ALL ON TABLE \"public\".\"one\" FROM \"postgres\";\n\
         GRANT INSERT, SELECT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON TABLE \"public\".\"one\" TO \"postgres\";\n"
    );
    let ran = place.run("drift --format json");
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&value["from_scratch"], &value["since"]), (&true.into(), &serde_json::Value::Null));
    for difference in value["catalog"].as_array().unwrap() {
        for statement in difference["fix"].as_array().unwrap() {
            client.batch_execute(statement.as_str().unwrap()).await.unwrap();
        }
    }
    assert_eq!(place.run("drift").ok().stdout, "no drift\n");
    place.run("up").ok();
    assert_eq!(place.run("drift").ok().stdout, "no drift\n");

    // Facts are deployed on the throwaway server too, if the database has them.
    place.write("migrations/deploy.yaml", "table: study\nwith: {column: code, type: text}\n");
    let pending = place.run("drift --from-scratch").stdout;
    assert!(pending.contains("the facts of `registry` are pending"), "{pending}");
    place.run("up").ok();
    assert_eq!(place.run("drift --from-scratch").ok().stdout, "no drift\n");
}

#[tokio::test]
async fn what_a_throwaway_server_cannot_make_is_no_drift() {
    let (server, place) = place().await;
    let asks = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM one) THEN RAISE EXCEPTION 'nothing to split'; END IF; END $$;\n";
    place.write("migrations/patch-1-2-0-std-three.sql", asks);
    place.run("up --to 1.1.0").ok();
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("INSERT INTO one VALUES (1)").await.unwrap();
    place.run("up").ok();
    let said = place.run("drift").ok().stdout;
    assert!(said.contains("nothing to split"), "{said}");
    assert!(said.contains("while making what the bundles make on a throwaway server"), "{said}");

    // A release that lacks what the database has can't tell either.
    std::fs::remove_file(place.path("migrations/patch-1-2-0-std-three.sql")).unwrap();
    let said = place.run("drift").ok().stdout;
    assert!(said.contains("the database has registry 1.2.0, which no bundle here has"), "{said}");
}

#[tokio::test]
async fn what_goes_wrong_in_the_database_is_placed_in_the_directorys_files() {
    let (_server, place) = place().await;
    place.write("migrations/deploy.yaml", "include: deploy/study.yaml\n");
    place.write(
        "migrations/deploy/study.yaml",
        "- table: study\n  with:\n  - {column: code, type: text}\n  - {column: n, type: integer}\n  - identity: [code]\n\
         - of: study\n  data:\n  - {code: a, n: many}\n",
    );
    let said = place.run("deploy").stderr;
    assert!(said.contains("  --> migrations/deploy/study.yaml:8:18\n"), "{said}");
    place.write("migrations/patch-1-2-0-std.sql", "SELECT 1;\nSELECT nothing;\n");
    let said = place.run("up").stderr;
    assert!(said.contains("  --> migrations/patch-1-2-0-std.sql:2:8\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_waits_for_its_server_as_long_as_it_was_told() {
    let (server, place) = place().await;
    let config = server.config();
    let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("it has a socket") };
    let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
    let port = support::port();
    let place = place.with("DATABASE_URL", format!("postgresql://postgres@127.0.0.1:{port}/postgres"));
    for command in ["up", "status", "verify", "deploy facts.yaml"] {
        place.write("facts.yaml", "[]");
        let words = |wait: &str| format!("{command} --wait {wait}");
        let ran = place.run(&words("0s"));
        assert_eq!((ran.code, ran.stderr.contains("waiting for the server")), (1, false), "{ran:#?}");
        let ran = place.run(&words("300ms"));
        assert_eq!((ran.code, ran.stderr.contains("waiting for the server")), (1, true), "{ran:#?}");
    }
    let mut waits = place.command(&["up", "--wait", "60s"]);
    let mut waits = waits.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(waits.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("waiting for the server (0 s): "));
    // Now the server is there.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = tokio::net::UnixStream::connect(&socket).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
        }
    });
    let ended = tokio::task::spawn_blocking(move || waits.wait().unwrap()).await.unwrap();
    assert!(ended.success(), "{lines:?}");
    place.run("status --exit-code").ok();
}

#[tokio::test]
async fn a_run_waits_for_standbys_where_it_was_told_to() {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "4");
    let server = Throwaway::start_with(&installation, profile).await.unwrap();
    let place = Place::new().with("DATABASE_URL", server.url("postgres"));
    place.write("Cargo.toml", "[package]\nname = \"registry\"\n");
    place.write("migrations/patch-1-0-0-std-one.sql", "CREATE TABLE one (id integer);\n");
    place.run("up --wait-for-standbys 60s").ok();
    // One that is away shows by its slot.
    let client = server.instance().connect("postgres").await.unwrap();
    client.query("SELECT pg_create_physical_replication_slot('away', true)", &[]).await.unwrap();
    place.write("migrations/patch-1-1-0-std-two.sql", "CREATE TABLE two (id integer);\n");
    let ran = place.run("up --wait-for-standbys 300ms");
    let said = "the standby of the slot `away` is not connected";
    assert_eq!((ran.code, ran.stderr.contains(said)), (1, true), "{ran:#?}");
    client.query("SELECT id FROM two", &[]).await.unwrap();
    place.run("up").ok();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn head_and_base_are_versions_wherever_one_is_taken() {
    let (_server, place) = place().await;
    let ran = place.run("up --to base").ok();
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("", "nothing to apply: `base` is before the first patch\n")
    );
    assert_eq!(place.run("status").ok().stdout, PENDING);
    let ran = place.run("up --to registry=base --format json").ok();
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["applied"], serde_json::json!([]));
    let ran = place.run("up --to head").ok();
    assert!(ran.stdout.contains("\nregistry is at 1.1.0\n2 applied in "), "{ran:#?}");
    assert!(place.run("up --to registry=head").ok().stdout.contains("\n0 applied in "));

    let ran = place.run("up --to heads");
    let said = "error: invalid value 'heads' for '--to <[BUNDLE=]VERSION>': `heads` is not a version\n  \
                  help: a version is written `major.minor.point`, such as `1.4.0`; each part at most 2147483647; the last one \
                is `head`, and `base` is before the first one\n\nFor more information, try '--help'.\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (2, said));
    let base = "error: `base` is before the first patch: no patch is there\n  \
                  help: name a patch; the last one, `head`, is `1.1.0`";
    place.run("repair base --done").refused(base);
    place.run("lock").ok();
    place.run("new correction --hotfix-of base").refused(base);
    place.run_words(&["lock", "--accept", "base", "--reason", "none"]).refused(base);
    let ran = place.run("new correction --hotfix-of head").ok();
    assert_eq!(ran.stdout, "migrations/patch-1-1-1-std-correction.sql\n");
    std::fs::remove_file(place.path("migrations/patch-1-1-1-std-correction.sql")).unwrap();
    place.run("lock").ok();
    place.write("migrations/patch-1-1-0-std-two.sql", "CREATE TABLE two (id integer, code text);\n");
    let ran = place.run_words(&["lock", "--accept", "head", "--reason", "it was never applied"]).ok();
    assert!(ran.stdout.contains("accepted 1.1.0 (it was never applied)\n"), "{ran:#?}");
}

const FACTS: &str = "
- table: study
  title: Studies
  with:
  - { column: code, type: text }
  - { column: kind, type: [open, closed], default: open }
  - { column: begun, type: date, required: false, default: today() }
  - identity: [code]
- table: individual
  with:
  - { link: study }
  - { column: number, type: integer }
  - { column: email, type: text, unique: true }
  - identity: [study, number]
  - { link: mother, to: individual, required: false }
- { check: number_is_positive, of: individual, that: number > 0 }
- { index: individual_begun, of: study, on: [begun] }
- data: |
    code,kind
    one,closed
  of: study
";

#[tokio::test]
async fn declared_tables_are_printed_without_a_database_as_a_deployment_makes_them() {
    let (server, place) = place().await;
    std::fs::remove_dir_all(place.path("migrations")).unwrap();
    place.write("migrations/deploy.yaml", FACTS);
    place.run("lock").ok();
    // No server is there.
    let far = |words: &[&str]| {
        place.run_words(&[&["--database-url", "postgresql://127.0.0.1:1/none"], words].concat())
    };
    let ran = far(&["ddl", "--declared", "study"]).ok();
    assert_eq!(
        ran.stdout,
        r#"CREATE TYPE "public"."study_kind_enum" AS ENUM ('open', 'closed');
CREATE TABLE "public"."study" (
    "id" bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "public"."study_seq"),
    "code" text NOT NULL,
    "kind" "public"."study_kind_enum" NOT NULL DEFAULT 'open'::"public"."study_kind_enum",
    "begun" date DEFAULT CURRENT_DATE,
    CONSTRAINT "study_pk" PRIMARY KEY ("code"),
    CONSTRAINT "study_uk" UNIQUE ("id")
);
COMMENT ON TABLE "public"."study" IS '---
title: Studies
';
CREATE INDEX "individual_begun" ON "public"."study" ("begun");
"#
    );
    assert_eq!(far(&["ddl", "--declared", "public.study"]).ok().stdout, ran.stdout);
    far(&["ddl", "--declared", "family"]).refused(
        "error: the facts declare no table `family`\n  help: they declare `public.individual`, `public.study`",
    );
    // All of it makes what a deployment finds complete.
    let all = far(&["ddl", "--declared"]).ok().stdout;
    let (client, connection) = server.config().connect(tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(&all).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    place.write("facts.yaml", FACTS.split("- data:").next().unwrap());
    assert_eq!(place.run("deploy --verify facts.yaml").ok().stdout, "facts.yaml holds\n");
    place.write("migrations/deploy.yaml", "[]");
    far(&["ddl", "--declared"]).refused("error: the facts declare no table");
}

const STUDY: &str = "table: study\nwith:\n- column: code\n  type: text\n- identity: [code]\n";

/// The progress, with the time left out.
fn lines(ran: &support::ProgramOutput) -> Vec<String> {
    let line =
        |line: &str| if line.starts_with("Total time: ") { "Total time".to_owned() } else { line.to_owned() };
    ran.stderr.lines().map(line).collect()
}

#[tokio::test]
async fn deploy_tells_the_same_of_bundles_and_of_directories() {
    let (server, place) = place().await;
    place.write("migrations/deploy.yaml", STUDY);
    place.write("clinic/deploy.yaml", STUDY.replace("study", "visit"));
    place.write("clinic/bundle.yaml", "name: clinic\n");
    place.write("facts.yaml", STUDY.replace("study", "site"));
    let tried = |name: &str| {
        [
            format!("Deploying {name}"),
            format!("Validating {name}"),
            "Rolling back changes (dry run)".to_owned(),
            "Total time".to_owned(),
        ]
    };
    place.run("up").ok();
    for (arguments, name) in [("clinic", "clinic"), ("facts.yaml", "facts.yaml")] {
        let ran = place.run(&format!("deploy {arguments} --dry-run")).ok();
        assert_eq!(lines(&ran), tried(name));
        let ran = place.run(&format!("deploy {arguments}")).ok();
        assert_eq!(
            lines(&ran),
            [format!("Deploying {name}"), format!("Validating {name}"), "Total time".to_owned()]
        );
        assert_eq!(ran.stdout, "1 change of the schema\n");
    }
    // The bundle's, whose table somebody dropped.
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("DROP TABLE study").await.unwrap();
    assert_eq!(lines(&place.run("deploy --dry-run").ok()), tried("registry"));
    let ran = place.run("deploy").ok();
    assert_eq!(lines(&ran), ["Deploying registry", "Validating registry", "Total time"]);
    assert!(ran.stdout.starts_with("facts 1 of registry: 1 change of the schema\n"), "{ran:?}");
    for (arguments, name) in [("", "registry"), (" clinic", "clinic"), (" facts.yaml", "facts.yaml")] {
        let ran = place.run(&format!("deploy{arguments}")).ok();
        assert_eq!(ran.stdout, "Nothing to deploy\n");
        assert_eq!(lines(&ran), [format!("Deploying {name}"), "Total time".to_owned()]);
        let ran = place.run(&format!("deploy{arguments} --verify")).ok();
        assert_eq!(
            (ran.stdout.as_str(), lines(&ran)),
            (format!("{name} holds\n").as_str(), vec![format!("Validating {name}"), "Total time".to_owned()])
        );
    }
    place.write("empty/README", "");
    let ran = place.run("deploy empty").ok();
    assert_eq!(
        (ran.stdout.as_str(), lines(&ran)),
        ("Nothing to deploy\n", vec!["`empty` has no deploy.yaml".to_owned(), "Total time".to_owned()])
    );
    place.run("deploy empty --verify").refused("error: `empty` has no deploy.yaml");
    // A bundle without facts.
    std::fs::remove_file(place.path("migrations/deploy.yaml")).unwrap();
    let ran = place.run("deploy").ok();
    assert_eq!((ran.stdout.as_str(), lines(&ran)), ("Nothing to deploy\n", vec!["Total time".to_owned()]));
}

const DEFAULTED: &str = "\
- table: site
  with:
  - column: code
    type: text
  - identity: [code]
  - data: |
      code
      main
- table: study
  with:
  - link: site
    default: main
  - column: code
    type: text
  - identity: [code]
  - alias: label
    expression: code
";

#[tokio::test]
async fn a_default_that_is_a_row_is_left_out_of_a_declared_table_and_reported() {
    let (_server, place) = place().await;
    std::fs::remove_dir_all(place.path("migrations")).unwrap();
    place.write("migrations/deploy.yaml", DEFAULTED);
    place.run("lock").ok();
    let ran = place.run("ddl --declared study").ok();
    assert_eq!(
        ran.stdout,
        r#"CREATE TABLE "public"."study" (
    "id" bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "public"."study_seq"),
    "site_id" bigint NOT NULL,
    "code" text NOT NULL,
    CONSTRAINT "study_pk" PRIMARY KEY ("code"),
    CONSTRAINT "study_site_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site" ("id") ON DELETE SET DEFAULT,
    CONSTRAINT "study_uk" UNIQUE ("id")
);
CREATE INDEX "study_site_fk" ON "public"."study" ("site_id");
COMMENT ON TABLE "public"."study" IS '---
aliases:
- label := code
';
-- The default of "public"."study"."site_id" is the id of a row: only a database tells it.
"#
    );
    assert!(!place.run("ddl --declared site").ok().stdout.contains("--"));
}

#[tokio::test]
async fn what_declared_facts_make_beside_tables_is_printed_or_reported() {
    let (_server, place) = place().await;
    std::fs::remove_dir_all(place.path("migrations")).unwrap();
    let facts = "- schema: app\n- {extension: citext}\n- sql: CREATE TYPE mood AS ENUM ('glad')\n  unless: SELECT 1\n\
                 - table: app.study\n  with:\n  - {column: code, type: text}\n  - identity: [code]\n\
                 - {view: glad, as: SELECT 1 AS n}\n- data: [{code: a}]\n  of: app.study\n";
    place.write("migrations/deploy.yaml", facts);
    place.run("lock").ok();
    let table = r#"CREATE TABLE "app"."study" (
    "id" bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "app"."study_seq"),
    "code" text NOT NULL,
    CONSTRAINT "study_pk" PRIMARY KEY ("code"),
    CONSTRAINT "study_uk" UNIQUE ("id")
);
"#;
    let types =
        "-- Left out: extension (migrations/deploy.yaml:2)\n-- Left out: sql (migrations/deploy.yaml:3)\n";
    assert_eq!(place.run("ddl --declared app.study").ok().stdout, format!("{table}{types}"));
    let all = "-- Left out: data (migrations/deploy.yaml:10)\n";
    let rest = "-- Left out: view (migrations/deploy.yaml:9)\n";
    assert_eq!(
        place.run("ddl --declared").ok().stdout,
        format!("CREATE SCHEMA \"app\";\n{table}{all}{types}{rest}")
    );
}

#[tokio::test]
async fn the_head_of_several_bundles_is_that_of_each() {
    let (_server, place) = place().await;
    place.write("other/bundle.yaml", "name: other\n");
    place.write("other/patch-1-0-0-std.sql", "CREATE TABLE three (id integer);\n");
    let both = "--dir migrations --dir other";
    let said = place.run(&format!("{both} up --to base")).ok().stderr;
    assert_eq!(said, "nothing to apply: `base` is before the first patch\n");
    let ran = place.run(&format!("{both} up --to head --to registry=1.0.0")).ok();
    assert!(ran.stdout.contains("\nregistry is at 1.0.0\nother is at 1.0.0\n"), "{ran:#?}");
    let ran = place.run(&format!("{both} up --to head")).ok();
    assert!(ran.stdout.contains("\nregistry is at 1.1.0\nother is at 1.0.0\n"), "{ran:#?}");
    place.run(&format!("{both} up --to 1.0.0")).refused(
        "error: `1.0.0` could be a version of several bundles\n  help: write `registry=1.0.0` or `other=1.0.0`",
    );
}

#[tokio::test]
async fn a_deployment_that_is_repeated_says_nothing_of_its_own_tables() {
    let (_server, place) = place().await;
    std::fs::remove_dir_all(place.path("migrations")).unwrap();
    place.write("migrations/deploy.yaml", "[]");
    place.write("migrations/bundle.yaml", "name: registry\n");
    for column in ["code", "title", "title"] {
        let facts = format!("- {{ table: study, with: [{{ column: {column}, type: text }}] }}\n");
        place.write("migrations/deploy.yaml", &facts);
        let ran = place.run("deploy").ok();
        assert!(!ran.stderr.contains("NOTICE"), "{}", ran.stderr);
    }
    assert_eq!(place.run("deploy --dry-run").ok().stdout, "Nothing to deploy\n");
}

#[tokio::test]
async fn what_is_not_there_is_reported_as_that() {
    let (_server, place) = place().await;
    for to in ["other=head", "other=base"] {
        place
            .run(&format!("up --to {to}"))
            .refused("error: there is no bundle `other`\n  help: the bundles are `registry`");
    }
    std::fs::remove_dir_all(place.path("migrations")).unwrap();
    std::fs::remove_file(place.path("Cargo.toml")).unwrap();
    for command in ["status", "up", "deploy", "verify", "ddl --declared study"] {
        place.run(command).refused(
            "error: there is no directory `migrations`\n  help: begin one with `cargo migrate new create-study`, or name \
             another with `--dir`",
        );
    }
}

#[tokio::test]
async fn a_restore_creates_its_database_though_a_synchronous_standby_is_away() {
    let (_server, place) = place().await;
    place.run("up --all").ok();
    place.run("dump registry.dump").ok();
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = Profile::throwaway()
        .setting("wal_level", "replica")
        .setting("max_wal_senders", "4")
        .setting("synchronous_commit", "on")
        .setting("synchronous_standby_names", "away");
    let server = Throwaway::start_with(&installation, profile).await.unwrap();
    let url = server.url("copy");
    let ran = place.run(&format!("restore registry.dump --create --database-url {url}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:#?}");
    // Both are there, and the error says what no standby has.
    assert!(ran.stderr.contains("\nerror: database `copy` was restored on this server"), "{ran:#?}");
    let status = place.run(&format!("status --database-url {url}")).ok();
    assert!(status.stdout.starts_with("registry 1.0.0 applied "), "{status:#?}");
}
