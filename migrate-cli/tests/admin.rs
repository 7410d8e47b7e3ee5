//! `instance`, `backup`, `dump` and `restore`, against real servers.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Home, Place, ProgramOutput, port};

fn refused(ran: &ProgramOutput, clause: &str) {
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(clause), "{ran:#?}");
}

#[test]
fn an_instance_runs_on_after_the_command_and_is_worked_on_by_others() {
    let home = Home::new();
    assert_eq!(home.run("instance list").ok().stdout, "");
    let port = port();
    let ran = home.run(&format!("instance create demo --volume 2 --port {port}")).ok();
    let line = format!("demo running (512MB, 2 GB, 1 % used, port {port})\n");
    assert_eq!(ran.stdout, line);
    assert_eq!(home.run("instance list").ok().stdout, line);
    let got = home.json("instance get demo");
    assert_eq!((&got["status"], &got["port"]), (&"running".into(), &port.into()));
    let url = got["url"].as_str().unwrap();
    home.run(&format!("ddl --database-url {url}")).ok();

    refused(&home.run("instance create demo"), "there is an instance `demo` already");
    refused(&home.run(&format!("instance create next --port {port}")), "is in use by instance `demo`");
    refused(&home.run("instance create next --volume 51"), "a volume can't have 51 GB");
    let zero = "error: a port is a number from 1 to 65535, and not 0\n  help: leave it out to take the first free port\n";
    for command in ["instance create next --port 0", "instance port demo 0"] {
        let ran = home.run(command);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, zero));
    }
    refused(&home.run("instance get dem"), "there is no instance `dem`");
    refused(&home.run("instance delete demo"), "nothing was done");
    let ran = home.run("instance create next --flavor 3GB");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("there is no flavor `3GB`"), "{ran:#?}");
    refused(&home.run("instance resize-volume demo 1"), "can't be reduced to 1 GB");
    let ran = home.run("instance resize-volume demo 60 --volume-limit 100").ok();
    assert!(ran.stdout.contains("60 GB"), "{ran:#?}");

    let ran = home.run("instance resize demo 1GB").ok();
    assert!(ran.stdout.starts_with("demo running (1GB, "), "{ran:#?}");
    assert!(home.run("instance stop demo").ok().stdout.starts_with("demo stopped "));
    assert!(home.run("instance stop demo").ok().stdout.starts_with("demo stopped "));
    refused(&home.run("dump x.dump --instance demo --database postgres"), "is not running");
    assert!(home.run("instance start demo").ok().stdout.starts_with("demo running "));
    assert!(home.run("instance restart demo").ok().stdout.starts_with("demo running "));
    assert_eq!(home.run("instance delete demo --yes").ok().stdout, "deleted demo\n");
    assert_eq!(home.json("instance list"), serde_json::json!({ "instances": [] }));
    let ran = home.run("instance get demo --format json");
    let error: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &error["errors"][0]["kind"]), (1, &"not-found".into()));
}

#[test]
fn a_backup_is_taken_rotated_restored_and_deleted() {
    let home = Home::new();
    home.run(&format!("instance create demo --volume 2 --port {}", port())).ok();
    let ran = home.run("backup create demo --name first --description why --wait").ok();
    assert!(ran.stdout.contains(" COMPLETED first (of demo, "), "{ran:#?}");
    refused(&home.run("backup create demo --name first"), "has a backup `first` already");
    refused(&home.run("backup wait second"), "there is no backup `second`");
    let begun = home.json("backup create demo --name second");
    assert!(["NEW", "RUNNING"].contains(&begun["status"].as_str().unwrap()), "{begun}");
    assert_eq!(home.json("backup wait second")["status"], "COMPLETED");
    for _ in 0..3 {
        // Without a name it is the time, to the second.
        while home.run("backup create demo --keep 2").code != 0 {}
    }
    let listed = home.json("backup list demo");
    let statuses: Vec<_> = listed["backups"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["COMPLETED"; 4]);

    home.run("instance delete demo --yes").ok();
    let got = home.run("backup get first").ok().stdout;
    assert!(got.contains("description: why\ninstance: demo (512MB, 2 GB)\n"), "{got}");
    let ran = home.run(&format!("backup restore first copy --flavor 2 --port {}", port())).ok();
    assert!(ran.stdout.starts_with("copy running (1GB, 2 GB, "), "{ran:#?}");
    let id = begun["id"].as_str().unwrap();
    refused(&home.run("backup delete second"), "nothing was done");
    assert_eq!(
        home.run(&format!("backup delete {id} --yes")).ok().stdout,
        format!("deleted second ({id})\n")
    );
    assert_eq!(home.run("backup list copy").ok().stdout, "");
}

#[test]
fn a_database_is_dumped_and_restored() {
    let home = Home::new();
    home.run(&format!("instance create demo --port {}", port())).ok();
    let url = home.json("instance get demo")["url"].as_str().unwrap().to_owned();
    home.place.write("Cargo.toml", "[package]\nname = \"registry\"\n");
    home.place.write("migrations/patch-1-0-0-std-one.sql", "CREATE TABLE one (id integer);\n");
    home.run(&format!("up --database-url {url}")).ok();

    let ran = home.run("dump one.dump --instance demo --database postgres").ok();
    assert!(ran.stdout.starts_with("dumped postgres into one.dump ("), "{ran:#?}");
    refused(
        &home.run(&format!("dump one.dump --database-url {url}")),
        "there is a file of that name already",
    );
    home.run(&format!("dump one.dump --database-url {url} --overwrite")).ok();
    let ran = home.run("restore one.dump --instance demo --database copy");
    refused(&ran, "database `copy` does not exist at ");
    // What is not restored leaves no database, whatever is the matter.
    let whole = std::fs::read(home.place.path("one.dump")).unwrap();
    for (name, part) in [("half", whole.len() / 2), ("head", 10), ("empty", 0), ("short", whole.len() - 1)] {
        home.place.write(name, whole.get(..part).unwrap());
    }
    // Without the connections, which may take a moment to end.
    let databases = || -> Vec<String> {
        let listed = home.json(&format!("database list --database-url {url}"));
        listed["databases"].as_array().unwrap().iter().map(|database| database["name"].to_string()).collect()
    };
    let before = databases();
    for file in ["half", "head", "empty", "short", "absent"] {
        let ran = home.run(&format!("restore {file} --instance demo --database copy --create"));
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:#?}");
        // Not even for a moment.
        assert!(ran.stderr.starts_with("error: "), "{ran:#?}");
        assert_eq!(databases(), before);
    }
    home.run("restore short --instance demo --database copy --create").refused(
        "error: the dump is cut off: nothing was restored\n  --> SHORT\n  note: it said\n        \
         pg_restore: error: could not read from input file: end of file\n  help: copy the file again, or dump again"
            .replace("SHORT", &home.place.path("short").canonicalize().unwrap().display().to_string())
            .as_str(),
    );
    assert_eq!(home.run("dump --instance demo --database postgres").code, 2);
    let ran = home.run(&format!("dump --plain --database-url {url}")).ok();
    assert!(ran.stdout.contains("\nCREATE TABLE public.one (\n") && ran.stderr.is_empty(), "{ran:#?}");
    let same = home.run("dump --plain --instance demo --database postgres").ok();
    assert!(same.stdout.contains("\nCREATE TABLE public.one (\n"), "{same:#?}");
    let ran = home.run("dump --plain --instance demo --database copy");
    refused(&ran, "`pg_dump` ended with exit status 1");
    // One that was there stays.
    home.run(&format!("database create copy --database-url {url}")).ok();
    let ran = home.run("restore half --instance demo --database copy --create");
    assert!(ran.stderr.starts_with("error: "), "{ran:#?}");
    assert!(databases().contains(&"\"copy\"".to_owned()), "{ran:#?}");
    home.run(&format!("database drop copy --yes --database-url {url}")).ok();
    let ran = home.run("restore one.dump --instance demo --database copy --create").ok();
    assert_eq!(ran.stdout, "restored copy from one.dump\n");
    let copy = format!("{}/copy", url.strip_suffix("/postgres").unwrap());
    let status = home.run(&format!("status --database-url {copy}"));
    assert!(status.ok().stdout.starts_with("registry 1.0.0 applied "));
    let again = home.run("restore one.dump --instance demo --database copy");
    assert!(again.stderr.contains("already exists"), "{again:#?}");
    home.run("restore one.dump --instance demo --database copy --clean --no-owner").ok();
}

#[test]
fn a_backup_is_taken_before_patches_and_the_history_has_its_name() {
    let home = Home::new();
    for name in ["demo", "other"] {
        home.run(&format!("instance create {name} --port {}", port())).ok();
    }
    let url = home.json("instance get demo")["url"].as_str().unwrap().to_owned();
    home.place.write("Cargo.toml", "[package]\nname = \"registry\"\n");
    home.place.write("migrations/patch-1-0-0-std-one.sql", "CREATE TABLE one (id integer);\n");
    refused(&home.run(&format!("up --backup demos --database-url {url}")), "there is no instance `demos`");
    refused(&home.run(&format!("up --backup other --database-url {url}")), "is not on the instance `other`");
    assert!(home.run(&format!("status --database-url {url}")).ok().stdout.contains(" pending "));
    let ran = home.run(&format!("up --backup demo --database-url {url}")).ok();
    assert!(ran.stdout.contains("note: backup `before up 2"), "{ran:#?}");
    // Nothing is pending: none is taken.
    home.run(&format!("up --backup demo --database-url {url}")).ok();
    home.place.write("migrations/patch-1-1-0-std-two.sql", "CREATE TABLE one (id integer);\n");
    assert_eq!(home.run(&format!("up --backup demo --database-url {url}")).code, 1);

    let listed = home.json("backup list");
    let backups = listed["backups"].as_array().unwrap();
    assert_eq!(backups.len(), 2, "{listed}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let noted: Vec<String> = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let query = "SELECT detail FROM migrate.event WHERE what = 'backup' ORDER BY happened_at";
        client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    });
    let names: Vec<&str> = backups.iter().map(|backup| backup["name"].as_str().unwrap()).collect();
    assert_eq!(noted, names);
}

/// Has a file take so many MB on the disk.
fn take(file: &Path, megabytes: u64) {
    let size = (megabytes << 20).to_string();
    assert!(Command::new("fallocate").args(["-l", &size]).arg(file).status().unwrap().success());
}

#[test]
fn patches_that_rewrite_tables_need_disk_space() {
    let home = Home::new();
    home.run(&format!("instance create demo --volume 1 --port {}", port())).ok();
    let demo = home.json("instance get demo");
    let (url, data) = (demo["url"].as_str().unwrap(), home.place.path("state/instances/demo/data"));
    home.place.write("Cargo.toml", "[package]\nname = \"registry\"\n");
    let patch =
        |version: &str, sql: &str| home.place.write(&format!("migrations/patch-{version}-std.sql"), sql);
    patch(
        "1-0-0",
        "CREATE TABLE study AS SELECT n, repeat('x', 1900) AS t FROM generate_series(1, 10000) AS n;\n",
    );
    patch(
        "1-1-0",
        "-- migrate: min-app any\nCREATE TABLE visit (id bigint);\nALTER TABLE visit ALTER id TYPE text;\n",
    );
    let up = |options: &str| home.run(&format!("up --all --database-url {url}{options}"));
    up("").ok();
    // What somebody else took of the volume.
    let filler = data.join("filler");
    take(&filler, 940);
    patch(
        "1-2-0",
        "-- migrate: allow retype: few rows\n-- migrate: min-app any\nALTER TABLE public.study ALTER n TYPE bigint;\n",
    );
    patch("1-3-0", "CREATE TABLE site (id bigint);\n");
    let ran = up("");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:#?}");
    assert!(ran.stderr.contains("error: rewriting needs "), "{ran:#?}");
    for said in [
        "public.study: ",
        " of write-ahead log",
        "patch `1.2.0` of `registry`",
        "resize-volume",
        "--ignore-disk-space",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {ran:#?}");
    }
    assert!(ran.stderr.contains("warning: instance demo: the volume is 9"), "{ran:#?}");
    let pending = home.run(&format!("status --database-url {url}")).ok().stdout;
    assert_eq!(pending.matches(" pending ").count(), 2, "{pending}");
    // A larger volume has the space, and so has one that was emptied.
    home.run("instance resize-volume demo 2").ok();
    up("").ok();
    patch(
        "1-4-0",
        "-- migrate: allow retype: few rows\n-- migrate: min-app any\nALTER TABLE study ALTER n TYPE integer;\n",
    );
    take(&filler, 1960);
    let again = up("");
    assert!(again.code == 1 && again.stderr.contains("error: rewriting needs "), "{again:#?}");
    up(" --ignore-disk-space").ok();
}

#[test]
fn facts_dry_runs_and_nodes_need_disk_space_too_and_types_stored_alike_need_none() {
    let home = Home::new();
    for name in ["demo", "wide"] {
        home.run(&format!("instance create {name} --volume 1 --port {}", port())).ok();
    }
    let url = |name: &str| home.json(&format!("instance get {name}"))["url"].as_str().unwrap().to_owned();
    let (demo, wide) = (url("demo"), url("wide"));
    home.place.write("Cargo.toml", "[package]\nname = \"registry\"\n");
    let patch = |version: &str, sql: &str| {
        let text = format!("-- migrate: min-app any\n{sql}");
        home.place.write(&format!("migrations/patch-{version}-std.sql"), &text);
    };
    patch(
        "1-0-0",
        "CREATE TABLE study AS SELECT n, repeat('x', 1900) AS t FROM generate_series(1, 10000) AS n;\n",
    );
    let both = format!("--database-url {wide} --node b={demo}");
    home.run(&format!("up --all {both}")).ok();
    take(&home.place.path("state/instances/demo/data/filler"), 940);

    let refusal = "error: rewriting needs ";
    home.place.write("facts.yaml", "- {column: study.n, type: text, required: false}\n");
    for options in ["", " --dry-run"] {
        let ran = home.run(&format!("deploy facts.yaml --database-url {demo}{options}"));
        assert!(ran.code == 1 && ran.stderr.contains(refusal), "{ran:#?}");
        for said in ["\"public\".\"study\": ", "facts.yaml:1", "--ignore-disk-space"] {
            assert!(ran.stderr.contains(said), "{said}: {ran:#?}");
        }
    }
    home.run(&format!("deploy facts.yaml --database-url {wide} --dry-run")).ok();
    home.run(&format!("deploy facts.yaml --database-url {demo} --ignore-disk-space")).ok();
    home.run(&format!("deploy facts.yaml --database-url {wide}")).ok();

    // Both types are stored in the same form: no space is needed.
    patch("1-1-0", "-- migrate: allow retype: stored alike\nALTER TABLE study ALTER n TYPE varchar;\n");
    home.run(&format!("up --all {both}")).ok();
    patch(
        "1-2-0",
        "-- migrate: allow retype: a test\nALTER TABLE study ALTER n TYPE integer USING n::integer;\n",
    );
    // A node is asked by its own connection, and before anything is applied anywhere.
    for what in [format!("up --all {both}"), format!("up --dry-run --database-url {demo}")] {
        let ran = home.run(&what);
        assert!(ran.code == 1 && ran.stderr.contains(refusal), "{ran:#?}");
        assert_eq!(ran.stderr.contains("on node `b`"), what.contains("--node"), "{ran:#?}");
    }
    let status = home.run(&format!("status {both}")).ok().stdout;
    assert_eq!(status.matches(" pending ").count(), 2, "{status}");
    home.run(&format!("up --all --ignore-disk-space {both}")).ok();

    home.place.write("migrations/deploy.yaml", "- {column: study.n, type: text, required: false}\n");
    home.run("lock").ok();
    for command in ["deploy", "up"] {
        let ran = home.run(&format!("{command} {both}"));
        assert!(ran.code == 1 && ran.stderr.contains(refusal), "{command}: {ran:#?}");
        assert!(ran.stderr.contains("on node `b`"), "{command}: {ran:#?}");
    }
    home.run(&format!("deploy --ignore-disk-space {both}")).ok();
}

#[test]
fn without_postgresql_it_says_what_to_install() {
    let home = Home::new();
    let place =
        Place::new().with("MIGRATE_STATE_DIR", home.place.path("state")).with("MIGRATE_PG_BIN", "/none");
    for command in [
        "instance list",
        "instance create demo",
        "backup list",
        "dump x.dump --database-url postgresql://h/d",
    ] {
        let ran = place.run(command);
        refused(&ran, "no `postgres` and `initdb` where `MIGRATE_PG_BIN` says");
        for what in ["apt-get install", "dnf install", "brew install"] {
            assert!(ran.stderr.contains(what), "{ran:#?}");
        }
    }
    place.run("instance flavors").ok();
}
