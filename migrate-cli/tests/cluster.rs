//! `database` and `user`, against a real server.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::io::Write;
use std::process::Stdio;

use embed_migrate_cluster::{Installation, Profile, Throwaway};
use support::{Place, ProgramOutput};

/// A server that listens on TCP too, and a place whose URL names a database that is not there.
async fn place() -> (Throwaway, Place) {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let server = Throwaway::start_with(&installation, Profile::throwaway().port(0)).await.unwrap();
    let place = Place::new().with("DATABASE_URL", server.url("demo"));
    (server, place)
}

fn said(ran: ProgramOutput, line: &str) {
    let ran = ran.ok();
    assert_eq!((ran.stdout.trim_end(), ran.stderr.as_str()), (line, ""));
}

/// Runs it with a text on stdin.
fn run_with_input(place: &Place, arguments: &[&str], stdin: &str) -> ProgramOutput {
    let mut command = place.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    ProgramOutput {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn databases_are_administered_from_the_command_line() {
    let (server, place) = place().await;
    let ran = place.run("database exists");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (3, "demo does not exist\n", ""));
    said(place.run("database create"), "created database demo");
    said(place.run("database exists"), "demo exists");
    place.run("database create").refused("error: database `demo` exists already");
    said(place.run("database clone demo copy"), "created database copy, a copy of demo");
    said(place.run("database rename copy other"), "renamed database copy to other");
    place.run("database rename copy other").refused("error: database `copy` does not exist");
    said(
        place.run("database create latin --encoding LATIN1 --locale C --owner postgres --restricted"),
        "created database latin",
    );
    let ran = place.run("database list").ok();
    let names: Vec<_> = ran.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["demo", "latin", "other", "postgres"]);
    assert!(ran.stdout.contains("latin (postgres, LATIN1, C, "), "{}", ran.stdout);
    assert!(place.run("database list --all").ok().stdout.contains("template0 (postgres, UTF8, C, "));
    let ran = place.run("database list --format json").ok();
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let latin = &value["databases"][1];
    assert_eq!((&latin["name"], &latin["encoding"]), (&"latin".into(), &"LATIN1".into()));
    assert_eq!((&latin["sessions"], &latin["is_template"]), (&0.into(), &false.into()));

    let ran = place.run("database drop other");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error: database `other` (7."), "{}", ran.stderr);
    assert!(ran.stderr.ends_with(" MB) would be dropped\n  note: nothing was done\n  help: add `--yes`\n"));
    let ran = place.run("database overwrite other --with demo");
    assert!(ran.stderr.starts_with("error: the contents of database `other` (7."), "{}", ran.stderr);
    let client = server.instance().connect("demo").await.unwrap();
    client.batch_execute("CREATE TABLE study ()").await.unwrap();
    said(
        place.run("database overwrite other --with demo --yes --end-sessions"),
        "overwrote database other with a copy of demo",
    );
    let client = server.instance().connect("other").await.unwrap();
    client.batch_execute("DROP TABLE study").await.unwrap();
    said(place.run("database drop other --yes --end-sessions"), "dropped database other");
    place.run("database drop other --yes").refused("error: database `other` does not exist");
    said(place.run("database restrict"), "restricted database demo to those who were granted access");
}

#[tokio::test]
async fn whoever_is_in_the_way_is_named() {
    let (server, place) = place().await;
    place.run("database create").ok();
    let client = server.instance().connect("demo").await.unwrap();
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let ran = place.run("database drop --yes");
    assert_eq!(ran.code, 1);
    let start = "error: can't drop database `demo`: others are connected to `demo`\n";
    let who = format!("  note: process {pid} (``, role `postgres`), idle since ");
    assert!(ran.stderr.starts_with(start) && ran.stderr.contains(&who), "{}", ran.stderr);
    assert!(ran.stderr.contains("  help: wait for them, or end them: "), "{}", ran.stderr);
    place.run("database drop --yes --end-sessions").ok();
}

#[tokio::test]
async fn hostile_names_are_arguments_like_others() {
    let (_server, place) = place().await;
    for name in ["it's \"a\" größe.db", "a b;--", "x/y?z#"] {
        place.run_words(&["database", "create", name]).ok();
        said(place.run_words(&["database", "exists", name]), &format!("{name} exists"));
        place.run_words(&["user", "create", name, "--database", name]).ok();
        assert!(place.run_words(&["user", "show", name]).ok().stdout.starts_with(&format!("{name} (from ")));
        place.run_words(&["user", "drop", name, "--yes"]).ok();
        place.run_words(&["database", "drop", name, "--yes"]).ok();
    }
    let long = "x".repeat(64);
    place.run_words(&["database", "create", &long]).refused(&format!(
        "error: database name `{long}` is 64 bytes long, and PostgreSQL cuts off after 63\n  \
           help: take a shorter name; letters beyond ASCII take 2 to 4 bytes each"
    ));
}

#[tokio::test]
async fn users_are_administered_from_the_command_line() {
    let (server, place) = place().await;
    let place = place.with("SECRET", "top secret").with("PGPASSWORD", "another");
    place.run("database create --restricted").ok();
    let ran = place
        .run("user create groucho --password-env SECRET --database demo --host 127.0.0.1 --host ::1")
        .ok();
    let warning = "warning: the server listens on 127.0.0.1 only: nobody can connect from";
    assert_eq!((ran.stdout.as_str(), ran.stderr), ("created user groucho\n", format!("{warning} `::1`\n")));
    let tcp = |user: &str, password: &str| {
        let port = server.instance().port().unwrap();
        Place::new()
            .with("PGPASSWORD", password)
            .with("DATABASE_URL", format!("postgresql://{user}@127.0.0.1:{port}/demo"))
    };
    tcp("groucho", "top secret").run("database list").ok();
    let ran = tcp("groucho", "not it").run("database list");
    let start = "error: password authentication failed for user `groucho` at `127.0.0.1:";
    assert!(ran.code == 1 && ran.stderr.starts_with(start), "{ran:#?}");
    assert!(!ran.stderr.contains("not it"));

    said(
        run_with_input(
            &place,
            &["user", "password", "groucho", "--password-stdin"],
            "it's new\r\nnot this\n",
        ),
        "changed the password of user groucho",
    );
    tcp("groucho", "it's new").run("database list").ok();
    place.run("user password groucho").refused(
        "error: no password was given\n  \
           help: give it on stdin (`--password-stdin`) or in a variable (`--password-env VARIABLE`)",
    );
    place
        .run("user password groucho --password-env ABSENT")
        .refused("error: the variable `ABSENT` is not set");
    let ran = run_with_input(&place, &["user", "password", "groucho", "--password-stdin"], "");
    assert_eq!(ran.stderr, "error: there is no password on stdin\n");
    assert_eq!(place.run("user password groucho --password top").code, 2);

    assert_eq!(place.run("user show groucho").ok().stdout, "groucho (from 127.0.0.1, ::1: demo, postgres)\n");
    let ran = place.run("user list --format json").ok();
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["users"][0]["name"], "groucho");
    assert_eq!(value["users"][0]["hosts"], serde_json::json!(["127.0.0.1", "::1"]));
    assert_eq!(value["users"][0]["databases"], serde_json::json!(["demo", "postgres"]));
    assert_eq!(value["users"][1]["superuser"], true);

    for (hosts, says, unreached) in [
        (
            "10.0.0.0/8 db.example",
            "10.0.0.0/8, db.example once the server listens there",
            "`10.0.0.0/8`, `db.example`",
        ),
        ("::1", "::1 once the server listens there", "`::1`"),
        (
            "127.0.0.2 10.0.0.0/8",
            "127.0.0.2, and from 10.0.0.0/8 once the server listens there",
            "`10.0.0.0/8`",
        ),
    ] {
        let ran = place.run(&format!("user hosts groucho {hosts}")).ok();
        assert_eq!(ran.stdout, format!("user groucho may connect from {says}\n"));
        assert_eq!(ran.stderr, format!("{warning} {unreached}\n"));
    }
    assert!(tcp("groucho", "it's new").run("database list").stderr.contains("refused the connection"));
    said(place.run("user hosts groucho any"), "user groucho may connect from any");
    tcp("groucho", "it's new").run("database list").ok();
    said(place.run("user hosts groucho"), "user groucho may connect from wherever pg_hba.conf says");
    let ran = place.run("user hosts groucho 10.0.0.300");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`10.0.0.300` is not a host that a user can connect from"), "{}", ran.stderr);

    said(place.run("user revoke groucho demo"), "revoked user groucho's access to demo");
    assert_eq!(place.run("user show groucho").ok().stdout.matches("demo").count(), 0);
    said(place.run("user grant groucho demo"), "granted user groucho access to demo");
    assert!(
        place
            .run("user revoke groucho postgres")
            .stderr
            .contains("could still connect to `postgres`: everybody can")
    );
    said(place.run("user superuser groucho"), "user groucho is a superuser");
    assert!(place.run("user list").ok().stdout.contains("groucho (superuser, from "));
    said(place.run("user superuser groucho --off"), "user groucho is no superuser any more");
    said(place.run("user rename groucho harpo"), "renamed user groucho to harpo");
    place.run("user show groucho").refused("error: user `groucho` does not exist");

    place.run("database create theirs --owner harpo").ok();
    place
        .run("user drop harpo")
        .refused("error: user `harpo` would be dropped\n  note: nothing was done\n  help: add `--yes`");
    place.run("user drop harpo --yes").refused(
        "error: can't drop user `harpo`, who owns something\n  \
           note: database theirs\n  \
           help: drop the objects first, or give them to another role: `drop_reassigning(\"…\")` (`--reassign-to`)",
    );
    said(place.run("user drop harpo --yes --reassign-to postgres"), "dropped user harpo");
    place.run("user drop harpo --yes").refused("error: user `harpo` does not exist");
    assert!(place.run("database list").ok().stdout.contains("theirs (postgres, "));
}

#[tokio::test]
async fn one_database_is_shown_with_its_owner_encoding_and_size() {
    let (_server, place) = place().await;
    place.run("database create latin --encoding LATIN1 --locale C").ok();
    let ran = place.run("database get latin").ok();
    let (before, after) = ran.stdout.split_once("size: ").unwrap();
    assert_eq!(before, "latin\nowner: postgres\nencoding: LATIN1\ncollation: C\ncharacter type: C\n");
    assert!(after.ends_with(" MB\nconnected: 0\n"), "{after}");
    let ran = place.run("database get latin --format json").ok();
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&value["name"], &value["owner"], &value["encoding"]),
        (&"latin".into(), &"postgres".into(), &"LATIN1".into())
    );
    assert!(value["size"].as_u64().unwrap() > 1_000_000, "{value}");
    // The URL's, which is not there.
    place.run("database get").refused("error: database `demo` does not exist");
    let ran = place.run("database get template0").ok();
    assert!(
        ran.stdout.ends_with(
            "\ntemplate: every role that may create databases may clone it\nclosed: allows no connections\ncomment: unmodifiable empty database\n"
        ),
        "{}",
        ran.stdout
    );
}
