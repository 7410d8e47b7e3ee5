//! A cluster of three nodes that Slony replicates, with its real daemons.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate::{Bundle, ErrorKind, Event, Migrator, Topology};
use tests::{Slony, boot, files, locked, settings};
use tokio::io::AsyncBufReadExt;

const REPLICATED: (&str, &str) = ("bundle.yaml", "replicated: true\n");
const MILESTONE: (&str, &str) =
    ("patch-1-0-0-std.sql", "CREATE TABLE milestone (id serial PRIMARY KEY, name text);\n");
const INDEX: (&str, &str) =
    ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY person_name ON person (name);\n");
const EMAIL: (&str, &str) = ("patch-1-2-0-direct.sql", "ALTER TABLE note ADD email text;\n");

fn bundle(patches: &[(&str, &str)]) -> Bundle {
    let all: Vec<_> = [REPLICATED].into_iter().chain(patches.iter().copied()).collect();
    locked("app", &all)
}

/// What a question gives on each node.
async fn each(slony: &Slony, sql: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for number in 1..=3 {
        let rows = slony.client(number).await.query(sql, &[]).await.unwrap();
        let rows: Vec<String> =
            rows.iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default()).collect();
        answers.push(rows.join(" "));
    }
    answers
}

/// That the rows of `person` are the same on each node, with what the origin made up for them.
async fn people_are_alike(slony: &Slony) {
    let people = each(slony, "SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM person AS p").await;
    assert_eq!(people, [people[0].as_str(); 3]);
}

/// A migrator, and the nodes that it goes to and the versions that it applies there, in order.
fn events(bundle: &Bundle) -> (Migrator<'_>, Arc<Mutex<Vec<String>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = events.clone();
    let migrator = Migrator::new([bundle]).progress(move |event| match event {
        Event::Node { name } => heard.lock().unwrap().push(name.clone()),
        Event::Applied { patch, .. } => heard.lock().unwrap().push(patch.version.to_string()),
        _ => {}
    });
    (migrator, events)
}

const HISTORY: &str = "SELECT array_to_string(version, '.') FROM migrate.patch WHERE bundle = 'app' AND ended_at IS NOT NULL ORDER BY position";

#[tokio::test(flavor = "multi_thread")]
async fn std_direct_and_concurrent_patches_reach_every_node() {
    let slony = Slony::start().await;
    let rows = (
        "patch-1-3-0-std.sql",
        r"-- migrate: allow update-under-lock: a handful of rows
-- migrate: allow set-not-null: a handful of rows
ALTER TABLE person ADD token double precision, ADD email text;
UPDATE person SET token = random(), email = name || '@a\b' RETURNING id;
ALTER TABLE person ALTER token SET NOT NULL;
INSERT INTO note VALUES (1, 'c:\temp', NULL) RETURNING id;
SELECT count(*) FROM person;
INSERT INTO milestone (name) VALUES ('first');
",
    );
    let bundle = bundle(&[MILESTONE, INDEX, EMAIL, rows]);
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = events.clone();
    let migrator = Migrator::new([&bundle]).progress(move |event| {
        if let Event::Applied { patch, .. } = event {
            heard.lock().unwrap().push(patch.version.to_string());
        }
    });
    let report = migrator.run(slony.node(1)).await.unwrap();
    assert_eq!(report.applied.len(), 4, "{report}");
    let order = ["1.0.0", "1.1.0", "1.1.0", "1.1.0", "1.2.0", "1.2.0", "1.2.0", "1.3.0"];
    assert_eq!(*events.lock().unwrap(), order);
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0 1.2.0 1.3.0"; 3]);
    people_are_alike(&slony).await;
    assert_eq!(each(&slony, "SELECT email FROM person ORDER BY id").await, [r"Ann@a\b Bo@a\b"; 3]);
    assert_eq!(
        each(&slony, "SELECT body FROM note").await,
        [r"c:\temp"; 3],
        "strings mean the same everywhere"
    );
    assert_eq!(each(&slony, "SELECT name FROM milestone").await, ["first"; 3]);
    let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'person_name'::regclass";
    assert_eq!(each(&slony, valid).await, ["true"; 3]);
    // Rows go on travelling.
    slony.run(1, "INSERT INTO person (name, token) VALUES ('Cy', 1)").await;
    for number in [2, 3] {
        slony.until(number, "SELECT EXISTS (SELECT FROM person WHERE name = 'Cy')").await;
    }
    for number in 1..=3 {
        assert!(migrator.run(slony.node(number)).await.unwrap().applied.is_empty(), "{number} is up to date");
    }
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_daemon_is_named_and_a_run_resumes_after_it_starts() {
    let mut slony = Slony::start().await;
    let bundle = bundle(&[MILESTONE, INDEX]);
    let migrator = Migrator::new([&bundle]).with(|options| options.node_wait = Duration::from_secs(2));
    slony.stop_slon(3).await;
    let error = migrator.run(slony.node(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Node, "the daemon of node `3 (three)` does not run")
    );
    assert_eq!(each(&slony, "SELECT to_regclass('milestone')::text").await, [""; 3], "nothing was started");
    slony.start_slon(3);
    let migrator = migrator.with(|options| options.node_wait = Duration::from_secs(60));
    migrator.run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0"; 3]);
    slony.stop().await;
}

/// The bundle's history on a node, without the wait for what travels there.
async fn versions(slony: &Slony, number: usize) -> String {
    let sql = "SELECT string_agg(array_to_string(version, '.'), ' ' ORDER BY position) FROM migrate.patch WHERE bundle = 'app'";
    slony
        .client(number)
        .await
        .query_one(sql, &[])
        .await
        .unwrap()
        .get::<_, Option<String>>(0)
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lags_is_named_and_another_run_only_waits() {
    let mut slony = Slony::start().await;
    let bundle = bundle(&[("patch-1-0-0-std.sql", "ALTER TABLE person ADD email text;\n")]);
    let mut reader = slony.client(3).await;
    let reading = reader.transaction().await.unwrap();
    reading.batch_execute("LOCK TABLE person IN ACCESS SHARE MODE").await.unwrap();
    let migrator = Migrator::new([&bundle]).with(|options| options.node_wait = Duration::from_secs(4));
    let error = migrator.run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Node);
    assert!(error.message().contains("not confirmed within 4 s"), "{error}");
    assert!(error.message().contains("node `3 (three)` ("), "{error}");
    assert!(error.notes()[0].contains("another run only waits"), "{error}");
    assert_eq!(error.already_applied(), ["app 1.0.0"]);
    assert_eq!(versions(&slony, 1).await, "1.0.0", "it is committed on the origin");
    // Now its daemon stops as well.
    slony.stop_slon(3).await;
    reading.rollback().await.unwrap();
    let error = migrator.run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.message(), "the daemon of node `3 (three)` does not run");
    slony.start_slon(3);
    let migrator = Migrator::new([&bundle]);
    assert!(migrator.run(slony.node(1)).await.unwrap().applied.is_empty(), "it was applied before");
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3]);
    let whole = "SELECT (NOT bool_or(patches LIKE 'interrupted %'))::text FROM migrate.bundle";
    assert_eq!(each(&slony, whole).await, ["true"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_has_confirmed_is_not_named_among_those_that_lag() {
    let slony = Slony::start().await;
    let bundle = bundle(&[("patch-1-0-0-std.sql", "ALTER TABLE person ADD email text;\n")]);
    let mut reader = slony.client(3).await;
    let reading = reader.transaction().await.unwrap();
    reading.batch_execute("LOCK TABLE person IN ACCESS SHARE MODE").await.unwrap();
    let (send, mut waits) = tokio::sync::mpsc::unbounded_channel();
    let migrator = Migrator::new([&bundle]).progress(move |event| {
        if let Event::Nodes { waits_for, .. } = event {
            send.send(waits_for.join(", ")).unwrap();
        }
    });
    let run = async { migrator.run(slony.node(1)).await.unwrap() };
    let released = async {
        loop {
            let named = waits.recv().await.unwrap();
            if named.starts_with("node `3 (three)` (") && !named.contains(", node ") {
                break;
            }
        }
        reading.rollback().await.unwrap();
    };
    tokio::join!(run, released);
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_on_a_subscriber_names_the_origin() {
    let slony = Slony::start().await;
    let bundle = bundle(&[MILESTONE]);
    let error = Migrator::new([&bundle]).run(slony.node(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Node);
    assert_eq!(
        error.message(),
        "this server is node `2 (two)` of the Slony cluster `lp`, a subscriber, and 1 patch is pending"
    );
    let name = slony.node(1).get_dbname().unwrap();
    let help = error.advice().unwrap();
    assert!(help.contains("which is node `1 (one)` at postgres@") && help.contains(name), "{help}");
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_while_a_node_is_down() {
    let mut slony = Slony::apart().await;
    let bundle = bundle(&[MILESTONE, INDEX, EMAIL]);
    slony.server(3).crash().await.unwrap();
    let migrator = Migrator::new([&bundle]).with(|options| options.connect_wait = Some(Duration::ZERO));
    let error = migrator.run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.contexts(), ["on node `3 (three)`"]);
    for number in [1, 2] {
        let created =
            slony.client(number).await.query_one("SELECT to_regclass('milestone')::text", &[]).await.unwrap();
        assert_eq!(created.get::<_, Option<String>>(0), None);
    }
    slony.server(3).restart().await.unwrap();
    Migrator::new([&bundle]).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0 1.2.0"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_captured_is_refused_before_anything_starts() {
    let slony = Slony::start().await;
    let check = async |patches: &[(&str, &str)], expected: &str| {
        let bundle = locked("app", patches);
        let error = Migrator::new([&bundle]).run(slony.node(1)).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Unsupported, expected));
        assert!(error.advice().is_some(), "{error}");
    };
    check(&[MILESTONE], "patch `1.0.0` of `app` can't be captured: its statements are not known").await;
    let daemon = "a statement of patch `1.0.0` of `app` can't be captured: ";
    let role = "the daemons run captured statements as their own role, and a change of role stops them";
    let role = format!("{daemon}{role}");
    check(&[REPLICATED, ("patch-1-0-0-std.sql", "SET LOCAL ROLE postgres;\n")], &role).await;
    let stays = "it would stay in the daemons' sessions: `SET LOCAL` ends with the patch";
    let stays = format!("{daemon}{stays}");
    check(&[REPLICATED, ("patch-1-0-0-std.sql", "SET work_mem = '1MB';\n")], &stays).await;
    let temporary = format!("{daemon}temporary objects would stay in the daemons' sessions");
    check(&[REPLICATED, ("patch-1-0-0-std.sql", "CREATE TEMP TABLE t (a int);\n")], &temporary).await;
    for text in [
        "CREATE /* x */ TEMP TABLE t (a int);\n",
        "CREATE TEMP TABLE t AS SELECT 1;\n",
        "CREATE TABLE pg_temp/**/.t (a int);\n",
    ] {
        check(&[REPLICATED, ("patch-1-0-0-std.sql", text)], &temporary).await;
    }
    check(&[REPLICATED, ("patch-1-0-0-std.sql", "SET/**/LOCAL/**/ROLE postgres;\n")], &role).await;
    check(&[REPLICATED, ("patch-1-0-0-std.sql", "SELECT set_config('work_mem', '1MB', true);\n")], &stays)
        .await;
    let facts = "the facts of `app` can't be deployed on a Slony cluster";
    check(&[REPLICATED, ("deploy.yaml", "table: visit\n")], facts).await;
    let facts = "the facts of `patch-1-0-0-std.yaml` can't be deployed on a Slony cluster";
    check(&[REPLICATED, ("patch-1-0-0-std.yaml", "table: visit\n")], facts).await;
    let rows = "patch `1.0.0` of `app` changes rows of `person`, which is replicated";
    check(&[REPLICATED, ("patch-1-0-0-direct.sql", "UPDATE person SET name = 'x' WHERE id = 1;\n")], rows)
        .await;
    let columns = |kind| {
        format!("patch `1.0.0` of `app` is {kind}, and changes the columns of `person`, which is replicated")
    };
    for change in ["ADD email text", "DROP name", "RENAME name TO called", "ALTER name TYPE varchar"] {
        let change = format!(
            "-- migrate: min-app any\n-- migrate: allow retype: two rows\nALTER TABLE person {change};\n"
        );
        check(&[REPLICATED, ("patch-1-0-0-direct.sql", &change)], &columns("direct")).await;
        check(&[REPLICATED, ("patch-1-0-0-concurrent.sql", &change)], &columns("concurrent")).await;
    }
    let renames = "patch `1.0.0` of `app` is direct, and drops, renames or retypes";
    let rename = "-- migrate: min-app any\nALTER TABLE person RENAME TO people;\n";
    check(&[REPLICATED, ("patch-1-0-0-direct.sql", rename)], renames).await;
    let drops = "patch `1.0.0` of `app` is concurrent, and drops, renames or retypes";
    let drop = "-- migrate: min-app any\nDROP VIEW people;\n";
    check(&[REPLICATED, ("patch-1-0-0-concurrent.sql", drop)], drops).await;
    assert_eq!(each(&slony, "SELECT to_regclass('migrate.patch')::text").await, [""; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replicated_is_not_dropped() {
    let slony = Slony::start().await;
    let gone = bundle(&[("patch-1-0-0-std.sql", "-- migrate: min-app any\nDROP TABLE study;\n")]);
    let error = Migrator::new([&gone]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.message(), "patch `1.0.0` of `app` drops replicated objects: public.study");
    let call = "SELECT _lp.setdroptable(2)";
    assert!(error.advice().unwrap().ends_with(call), "{error}");
    let direct = bundle(&[("patch-1-0-0-direct.sql", "-- migrate: min-app any\nDROP TABLE study;\n")]);
    let error = Migrator::new([&direct]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.message(), "patch `1.0.0` of `app` drops replicated objects: public.study");
    assert_eq!(each(&slony, "SELECT title FROM study").await, ["one"; 3]);
    slony.run(1, call).await;
    Migrator::new([&gone]).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, "SELECT to_regclass('study')::text").await, [""; 3]);
    assert_eq!(each(&slony, "SELECT count(*)::text FROM _lp.sl_table").await, ["1"; 3]);
    slony.stop().await;
}

/// Writes rows of `person` on the origin until it is told to stop; how many it has inserted.
struct Writer {
    stop: tokio::sync::oneshot::Sender<()>,
    writes: tokio::task::JoinHandle<i64>,
}

impl Writer {
    async fn start(slony: &Slony) -> Writer {
        let client = slony.client(1).await;
        let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
        let writes = tokio::spawn(async move {
            let mut written = 0;
            while stopped.try_recv().is_err() {
                let rows = "INSERT INTO person (name) VALUES ('w'); UPDATE person SET name = name || '.' WHERE id = 1";
                client.batch_execute(rows).await.unwrap();
                written += 1;
            }
            written
        });
        Writer { stop, writes }
    }

    /// Ends it, and waits until all of it has arrived and is the same on each node.
    async fn finish(self, slony: &Slony) {
        self.stop.send(()).unwrap();
        let written: i64 = self.writes.await.unwrap();
        assert!(written > 0);
        for number in 1..=3 {
            slony.until(number, &format!("SELECT count(*) = {} FROM person", written + 2)).await;
        }
        people_are_alike(slony).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_goes_on_the_origin_first() {
    let slony = Slony::start().await;
    let drops = ("patch-1-1-0-direct.sql", "-- migrate: min-app any\nDROP TABLE site;\n");
    let bundle = bundle(&[("patch-1-0-0-direct.sql", "CREATE TABLE site (id int PRIMARY KEY);\n"), drops]);
    let (migrator, events) = events(&bundle);
    let writer = Writer::start(&slony).await;
    migrator.run(slony.node(1)).await.unwrap();
    writer.finish(&slony).await;
    let events = events.lock().unwrap().join(" ");
    let expected =
        "1 (one) 2 (two) 1.0.0 3 (three) 1.0.0 1 (one) 1.0.0 1 (one) 1.1.0 2 (two) 1.1.0 3 (three) 1.1.0";
    assert_eq!(events, expected, "the history's own tables come first of all");
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_restricts_rows_goes_on_the_origin_first_and_what_no_longer_does_on_the_subscribers() {
    let slony = Slony::start().await;
    let kinds = ["direct", "concurrent"];
    let added = [
        "ALTER TABLE person ADD CONSTRAINT named CHECK (name <> '') NOT VALID;\n",
        "CREATE UNIQUE INDEX CONCURRENTLY once ON person (id, name);\n",
    ];
    let dropped = ["ALTER TABLE person DROP CONSTRAINT named;\n", "DROP INDEX CONCURRENTLY once;\n"];
    for (kind, (add, drop)) in kinds.into_iter().zip(added.into_iter().zip(dropped)) {
        let (first, second) = (format!("patch-1-0-0-{kind}.sql"), format!("patch-1-1-0-{kind}.sql"));
        let torn = locked(kind, &[REPLICATED, (&first, &format!("{add}{drop}"))]);
        let error = Migrator::new([&torn]).run(slony.node(1)).await.unwrap_err();
        let expected =
            format!("patch `1.0.0` of `{kind}` is {kind}, and no order of the nodes is right for all of it");
        assert_eq!((error.kind(), error.message()), (ErrorKind::Unsupported, expected.as_str()));
        let bundle = locked(kind, &[REPLICATED, (&first, add), (&second, drop)]);
        let (migrator, events) = events(&bundle);
        let writer = Writer::start(&slony).await;
        migrator.run(slony.node(1)).await.unwrap();
        writer.finish(&slony).await;
        let events = events.lock().unwrap().join(" ");
        let expected =
            "1 (one) 1.0.0 2 (two) 1.0.0 3 (three) 1.0.0 2 (two) 1.1.0 3 (three) 1.1.0 1 (one) 1.1.0";
        assert!(events.ends_with(expected), "{events}");
        slony.run(1, "DELETE FROM person WHERE id > 2").await;
    }
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn std_patches_change_columns_while_rows_are_written() {
    let slony = Slony::start().await;
    let bundle = bundle(&[
        ("patch-1-0-0-std.sql", "ALTER TABLE person ADD email text, ADD born text DEFAULT 'long ago';\n"),
        ("patch-1-1-0-std.sql", "-- migrate: min-app any\nALTER TABLE person RENAME born TO since;\n"),
        (
            "patch-1-2-0-std.sql",
            "-- migrate: min-app any\n-- migrate: allow retype: a few rows\nALTER TABLE person ALTER since TYPE varchar(40);\n",
        ),
        // As many columns as before, and other ones.
        (
            "patch-1-3-0-std.sql",
            "-- migrate: min-app any\nALTER TABLE person DROP email, ADD phone text DEFAULT '112';\n",
        ),
        ("patch-1-4-0-std.sql", "-- migrate: min-app any\nALTER TABLE person DROP since, DROP phone;\n"),
    ]);
    let writer = Writer::start(&slony).await;
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"] {
        let migrator = Migrator::new([&bundle]).with(|options| {
            options.targets.insert("app".into(), version.parse().unwrap());
        });
        migrator.run(slony.node(1)).await.unwrap();
    }
    writer.finish(&slony).await;
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0 1.2.0 1.3.0 1.4.0"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_captured_comes_after_the_rows_that_it_waited_for() {
    let slony = Slony::start().await;
    slony.run(1, "INSERT INTO person (name) VALUES ('Cy')").await;
    let drop = (
        "patch-1-0-0-std.sql",
        "-- migrate: min-app any\n-- migrate: lock-timeout 60s\nALTER TABLE study DROP title;\n",
    );
    let bundle = bundle(&[drop]);
    let mut writer = slony.client(1).await;
    let writing = writer.transaction().await.unwrap();
    writing.batch_execute("INSERT INTO study VALUES (2, 'two')").await.unwrap();
    let migrator = Migrator::new([&bundle]).with(|options| options.node_wait = Duration::from_secs(60));
    let run = async { migrator.run(slony.node(1)).await.unwrap() };
    let wrote = async {
        // The patch has its place in the log, and waits for the lock.
        let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'study'::regclass \
                     AND mode = 'AccessExclusiveLock')";
        slony.until(1, waits).await;
        writing.batch_execute("INSERT INTO study VALUES (3, 'three')").await.unwrap();
        writing.commit().await.unwrap();
    };
    tokio::join!(run, wrote);
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3]);
    let studies = "SELECT string_agg(s::text, ' ' ORDER BY id) FROM study AS s";
    assert_eq!(each(&slony, studies).await, ["(1) (2) (3)"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_patch_that_turns_out_to_change_replicated_columns_is_rolled_back() {
    let slony = Slony::start().await;
    let hidden = "DO $$ BEGIN ALTER TABLE person ADD email text; END $$;\n";
    let bundle = bundle(&[("patch-1-0-0-direct.sql", hidden)]);
    let error = Migrator::new([&bundle]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.message(),
        "patch `1.0.0` of `app` is direct, and changes the columns of `public.person`, which is replicated"
    );
    assert!(error.advice().unwrap().contains("std patch"), "{error}");
    assert_eq!(each(&slony, HISTORY).await, [""; 3]);
    let columns = "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute \
         WHERE attrelid = 'person'::regclass AND attnum > 0";
    assert_eq!(each(&slony, columns).await, ["id name"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_patch_that_fails_on_one_node_goes_on_there() {
    let slony = Slony::start().await;
    let bundle = bundle(&[("patch-1-0-0-direct.sql", "ALTER TABLE note ADD email text;\n")]);
    slony.run(3, "ALTER TABLE note ADD email integer").await;
    let migrator = Migrator::new([&bundle]);
    let error = migrator.run(slony.node(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.contexts()), (ErrorKind::Sql, &["on node `3 (three)`".to_owned()][..]));
    assert_eq!(each(&slony, HISTORY).await, ["", "1.0.0", ""]);
    slony.run(3, "ALTER TABLE note DROP email").await;
    migrator.run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_std_patch_that_fails_leaves_no_node_with_a_part_of_it() {
    let slony = Slony::start().await;
    let wrong = "CREATE TABLE milestone (id integer PRIMARY KEY);\nINSERT INTO person (name) VALUES ('x');\nUPDATE note SET nothing = 1 WHERE id = 1;\n";
    let broken = bundle(&[("patch-1-0-0-std.sql", wrong)]);
    let error = Migrator::new([&broken]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(
        error.message(),
        "patch `1.0.0` of `app` failed: column \"nothing\" of relation \"note\" does not exist"
    );
    let place = error.place().unwrap().to_string();
    assert!(place.contains("patch-1-0-0-std.sql:3:"), "{place}");
    let fixed = bundle(&[("patch-1-0-0-std.sql", "CREATE TABLE milestone (id integer PRIMARY KEY);\n")]);
    Migrator::new([&fixed]).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3]);
    assert_eq!(each(&slony, "SELECT count(*)::text FROM person").await, ["2"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_added_is_there_before_the_next_patch_uses_it() {
    let slony = Slony::start().await;
    let bundle = bundle(&[
        (
            "patch-1-0-0-std.sql",
            "CREATE TYPE status AS ENUM ('new');\nCREATE TABLE bug (id int PRIMARY KEY, status status);\n",
        ),
        ("patch-1-1-0-std.sql", "ALTER /* x */ TYPE status ADD -- y\n VALUE 'done';\n"),
        ("patch-1-2-0-std.sql", "INSERT INTO bug VALUES (1, 'done');\n"),
        (
            "patch-1-3-0-std.sql",
            "SET LOCAL search_path = pg_catalog;\nALTER TABLE public.bug ADD note text;\n",
        ),
        ("patch-1-4-0-std.sql", "ALTER TABLE bug ADD more text;\n"),
    ]);
    Migrator::new([&bundle]).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, "SELECT status::text FROM bug").await, ["done"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_tables_are_reported_and_added_to_the_set_on_request() {
    let slony = Slony::start().await;
    let tables = (
        "patch-1-0-0-std.sql",
        "CREATE TABLE milestone (id serial PRIMARY KEY, name text);\nCREATE TABLE \"Odd one\" (a int);\nINSERT INTO milestone (name) VALUES ('first');\n",
    );
    let bundle = bundle(&[tables, ("patch-1-1-0-direct.sql", "CREATE TABLE site (id int PRIMARY KEY);\n")]);
    let report = Migrator::new([&bundle]).run(slony.node(1)).await.unwrap();
    let said = "is in no set: its rows are not replicated until it is added to one (`--add-to-set`)";
    let expected = [
        "1 applied on node `2 (two)`".to_owned(),
        "1 applied on node `3 (three)`".to_owned(),
        format!("table public.\"Odd one\" {said}"),
        format!("table public.milestone {said}"),
        format!("table public.site {said}"),
    ];
    assert_eq!(report.notes, expected);
    let migrator = Migrator::new([&bundle]).with(|options| options.add_to_set = true);
    let report = migrator.run(slony.node(1)).await.unwrap();
    let expected = [
        "table public.\"Odd one\" has no primary key, and can't be replicated: it was not added",
        "table public.milestone was added to set 1",
        "table public.site was added to set 1",
    ];
    assert_eq!(report.notes, expected);
    let sets = "SELECT string_agg(tab_relname, ' ' ORDER BY tab_relname) FROM _lp.sl_table WHERE tab_set = 1";
    assert_eq!(each(&slony, sets).await, ["milestone person site study"; 3]);
    assert_eq!(
        each(&slony, "SELECT string_agg(seq_relname, ' ' ORDER BY seq_relname) FROM _lp.sl_sequence").await,
        ["milestone_id_seq person_id_seq"; 3]
    );
    assert_eq!(each(&slony, "SELECT count(*)::text FROM _lp.sl_set").await, ["1"; 3]);
    slony.run(1, "INSERT INTO milestone (name) VALUES ('second')").await;
    for number in [2, 3] {
        slony.until(number, "SELECT count(*) = 2 FROM milestone").await;
    }
    assert_eq!(migrator.run(slony.node(1)).await.unwrap().notes, expected[..1]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_with_new_tables_is_gone_on_with() {
    let slony = Slony::start().await;
    let bundle = bundle(&[MILESTONE, ("patch-1-1-0-std.sql", "CREATE TABLE site (id int PRIMARY KEY);\n")]);
    Migrator::new([&bundle]).run(slony.node(1)).await.unwrap();
    let begun = "SELECT _lp.storeSet(7, 'migrate: on their way into another set');\n\
         SELECT _lp.setAddTable(7, 70, 'public.milestone', 'milestone_pkey', '');\n\
         SELECT _lp.subscribeSet(7, 1, 2, true, false);";
    for sql in begun.lines() {
        slony.run(1, sql).await;
    }
    let report =
        Migrator::new([&bundle]).with(|options| options.add_to_set = true).run(slony.node(1)).await.unwrap();
    assert_eq!(report.notes, ["table public.site was added to set 1"]);
    let sets = "SELECT string_agg(tab_relname, ' ' ORDER BY tab_relname) FROM _lp.sl_table WHERE tab_set = 1";
    assert_eq!(each(&slony, sets).await, ["milestone person site study"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_is_asked_for_owns_what_is_made_on_every_node() {
    let slony = Slony::start().await;
    // The nodes are databases of one server, so that the role is there.
    slony.run(1, "CREATE ROLE slony_owner").await;
    for number in 1..=3 {
        slony.run(number, "GRANT CREATE ON SCHEMA public TO slony_owner").await;
    }
    let created = "CREATE TABLE milestone (id serial PRIMARY KEY);\nCREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';\n\
         CREATE TYPE mood AS ENUM ('good');\nCREATE SCHEMA office;\nCREATE VIEW office.v AS SELECT 1 AS a;\n";
    let bundle = bundle(&[
        ("patch-1-0-0-std.sql", created),
        ("patch-1-1-0-direct.sql", "CREATE TABLE site (id int PRIMARY KEY);\n"),
    ]);
    let migrator = Migrator::new([&bundle]).with(|options| options.role = Some("slony_owner".into()));
    migrator.run(slony.node(1)).await.unwrap();
    let owners = "SELECT string_agg(DISTINCT r.rolname::text, ' ') FROM pg_roles AS r JOIN (SELECT relowner FROM pg_class \
         WHERE oid IN ('milestone'::regclass, 'milestone_id_seq'::regclass, 'office.v'::regclass, 'site'::regclass, 'migrate.patch'::regclass) \
         UNION ALL SELECT proowner FROM pg_proc WHERE proname = 'f' AND pronamespace = 'public'::regnamespace \
         UNION ALL SELECT typowner FROM pg_type WHERE typname = 'mood' \
         UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname IN ('office', 'migrate')) AS o (owner) ON r.oid = o.owner";
    assert_eq!(each(&slony, owners).await, ["slony_owner"; 3]);
    assert!(migrator.run(slony.node(1)).await.unwrap().applied.is_empty());
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_reached_as_one_says_and_is_the_one_that_was_meant() {
    let slony = Slony::start().await;
    let bundle = bundle(&[MILESTONE]);
    let migrator = |name: &str, number| Migrator::new([&bundle]).node(name, settings(slony.node(number)));
    let error = migrator("two", 3).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.message(), "the connection leads to 3 (three) of `lp`, and was to lead to 2");
    assert_eq!((error.kind(), error.contexts()), (ErrorKind::Node, &["on node `2 (two)`".to_owned()][..]));
    let error = migrator("four", 3).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.message(), "`four` is not an active node of the Slony cluster `lp`");
    assert_eq!(each(&slony, "SELECT to_regclass('milestone')::text").await, [""; 3]);
    // A path that serves nobody here.
    slony.run(1, "UPDATE _lp.sl_path SET pa_conninfo = 'host=/nowhere dbname=x' WHERE pa_server = 2").await;
    let error = Migrator::new([&bundle]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.contexts().last().unwrap(), "on node `2 (two)`");
    migrator("2", 2).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_that_differ_are_refused() {
    let slony = Slony::start().await;
    let one = bundle(&[MILESTONE]);
    Migrator::new([&one]).run(slony.node(1)).await.unwrap();
    let two = bundle(&[MILESTONE, ("patch-1-1-0-std.sql", "CREATE TABLE other (a int);\n")]);
    let row = "DELETE FROM migrate.patch WHERE bundle = 'app'";
    slony.run(2, row).await;
    let error = Migrator::new([&two])
        .with(|options| options.node_wait = Duration::from_secs(30))
        .run(slony.node(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Node);
    assert_eq!(error.message(), "node `2 (two)` has confirmed everything, and its history lacks `app 1.0.0`");
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0", "", "1.0.0"], "nothing was captured");
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_with_several_origins_are_refused() {
    let slony = Slony::start().await;
    let bundle = bundle(&[MILESTONE]);
    slony.slonik("CREATE SET (ID = 2, ORIGIN = 2, COMMENT = 'other');\nWAIT FOR EVENT (ORIGIN = 2, CONFIRMED = ALL, WAIT ON = 2);\n").await;
    let error = Migrator::new([&bundle]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.message(),
        "the sets of the Slony cluster `lp` have several origins: `1 (one)`, `2 (two)`"
    );
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_looks_like_slonys_is_not_believed() {
    let config = tests::database().await;
    let client = tests::connect(&config).await;
    client
        .batch_execute(
            "CREATE ROLE slony_other; CREATE SCHEMA _evil AUTHORIZATION slony_other; \
             CREATE SEQUENCE _evil.sl_local_node_id; ALTER SEQUENCE _evil.sl_local_node_id OWNER TO slony_other",
        )
        .await
        .unwrap();
    let bundle = bundle(&[MILESTONE]);
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert!(error.message().contains("`_evil`") && error.message().contains("`slony_other`"), "{error}");
    Migrator::new([&bundle]).topology(Topology::Single).run(&config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_of_replicated_rows_runs_on_the_origin_and_travels() {
    let slony = Slony::start().await;
    let fill = "INSERT INTO person (name) SELECT 'p' || n FROM generate_series(1, 50) AS n";
    slony.run(1, fill).await;
    let backfill = "-- migrate: batch 20 by id\nUPDATE person SET token = random() WHERE token IS NULL;\n";
    let index = "CREATE INDEX CONCURRENTLY person_token ON person (token);\n";
    let mixed = "UPDATE person SET name = 'y' WHERE id = 1;\nUPDATE note SET body = 'x' WHERE id = 1;\n";
    let first = ("patch-1-0-0-std.sql", "ALTER TABLE person ADD token double precision;\n");
    let second = ("patch-1-1-0-concurrent.sql", backfill);
    let third = ("patch-1-2-0-concurrent.sql", index);
    let bad = bundle(&[first, second, third, ("patch-1-3-0-concurrent.sql", mixed)]);
    let error = Migrator::new([&bad]).run(slony.node(1)).await.unwrap_err();
    assert_eq!(error.message(), "patch `1.3.0` of `app` changes rows of replicated tables and of others");
    let good = bundle(&[first, second, third]);
    Migrator::new([&good]).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0 1.2.0"; 3]);
    people_are_alike(&slony).await;
    assert_eq!(each(&slony, "SELECT count(*)::text FROM person WHERE token IS NULL").await, ["0"; 3]);
    slony.stop().await;
}

/// What docs/operations.md says of a role that is no superuser, and what it alters.
const GRANTS: &str = "GRANT SET ON PARAMETER session_replication_role TO slony_app;\n\
     GRANT USAGE ON SCHEMA _lp TO slony_app;\n\
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA _lp TO slony_app;\n\
     GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA _lp TO slony_app;\n\
     GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA _lp TO slony_app;\n\
     GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO slony_app;\n\
     GRANT CREATE ON SCHEMA public TO slony_app; ALTER TABLE person OWNER TO slony_app;\n\
     DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO slony_app', current_database()); END $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_superuser_does_it_with_these_grants() {
    let slony = Slony::start().await;
    slony.run(1, "CREATE ROLE slony_app LOGIN").await;
    for number in 1..=3 {
        slony.run(number, GRANTS).await;
    }
    let rows = "-- migrate: allow update-under-lock: two rows\nALTER TABLE person ADD email text;\nUPDATE person SET email = name WHERE id > 0;\n";
    let drop =
        ("patch-1-3-0-direct.sql", "-- migrate: min-app any\nALTER TABLE milestone DROP COLUMN name;\n");
    let bundle = bundle(&[MILESTONE, INDEX, ("patch-1-2-0-std.sql", rows), drop]);
    let as_app = |number: usize| {
        let mut config = slony.node(number).clone();
        config.user("slony_app");
        settings(&config)
    };
    let migrator = Migrator::new([&bundle])
        .with(|options| options.role = Some("slony_app".into()))
        .node("2", as_app(2))
        .node("three", as_app(3));
    migrator.run(&as_app(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0 1.2.0 1.3.0"; 3]);
    assert!(migrator.run(&as_app(1)).await.unwrap().applied.is_empty());
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_untrusted_role_owns_on_any_node_is_not_used() {
    let slony = Slony::start().await;
    slony.run(1, "CREATE ROLE slony_eve").await;
    for number in 1..=3 {
        slony.run(number, "CREATE TABLE theirs (id int PRIMARY KEY)").await;
    }
    Migrator::new([&bundle(&[MILESTONE])]).run(slony.node(1)).await.unwrap();
    let bundle = bundle(&[MILESTONE, ("patch-1-1-0-std.sql", "INSERT INTO theirs VALUES (1);\n")]);
    let migrator = Migrator::new([&bundle]);
    for number in [1, 2, 3] {
        slony.run(number, "ALTER TABLE theirs OWNER TO slony_eve").await;
        let error = migrator.run(slony.node(1)).await.unwrap_err();
        let message = "the table `public.theirs` belongs to `slony_eve`, which is not a trusted role";
        assert_eq!((error.kind(), error.message()), (ErrorKind::Permission, message), "{error}");
        assert!(error.contexts().iter().any(|context| context.starts_with("on node `")), "{error}");
        assert_eq!(each(&slony, HISTORY).await, ["1.0.0"; 3], "{error}");
        slony.run(number, "ALTER TABLE theirs OWNER TO CURRENT_USER").await;
    }
    slony.run(2, "ALTER TABLE theirs OWNER TO slony_eve").await;
    migrator.with(|options| options.trust.push("slony_eve".into())).run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, "SELECT id::text FROM theirs").await, ["1"; 3]);
    slony.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_that_is_killed_at_any_moment_is_gone_on_with() {
    let slony = Slony::start().await;
    let directory = files("app", &[REPLICATED]);
    for (round, moment) in [50, 250, 600, 1_000, 1_500, 2_200].into_iter().enumerate() {
        let major = round + 1;
        let std = format!(
            "CREATE TABLE t{round} (id serial PRIMARY KEY, a float8);\nALTER TABLE person ADD c{round} float8;\n\
             UPDATE person SET c{round} = random() WHERE id > 0;\nINSERT INTO t{round} (a) VALUES (1);\n"
        );
        let std = format!("-- migrate: allow update-under-lock: two rows\n{std}");
        directory.write(&format!("patch-{major}-0-0-std.sql"), &std);
        let index = format!("CREATE INDEX CONCURRENTLY i{round} ON person (c{round});\n");
        directory.write(&format!("patch-{major}-1-0-concurrent.sql"), &index);
        let direct = format!("ALTER TABLE note ADD c{round} text;\n");
        directory.write(&format!("patch-{major}-2-0-direct.sql"), &direct);
        directory.lock();
        let mut process = boot(env!("CARGO_BIN_EXE_boot"), slony.node(1), &[directory.path().to_owned()]);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        process.kill().await.unwrap();
        let bundle = directory.read();
        Migrator::new([&bundle]).run(slony.node(1)).await.unwrap();
        let versions = each(&slony, HISTORY).await;
        assert_eq!(versions, [versions[0].as_str(); 3]);
        assert_eq!(versions[0].split(' ').count(), 3 * major);
    }
    people_are_alike(&slony).await;
    assert_eq!(each(&slony, "SELECT count(*)::text FROM pg_index WHERE NOT indisvalid").await, ["0"; 3]);
    slony.stop().await;
}

/// Says to a process of this program that it starts a cluster and waits to be killed.
const HOLDS: &str = "TESTS_HOLDS_SLONY";

#[tokio::test(flavor = "multi_thread")]
async fn daemons_end_with_the_process_that_started_them() {
    if std::env::var_os(HOLDS).is_some() {
        let slony = Slony::start().await;
        let names = [1, 2, 3].map(|number| slony.node(number).get_dbname().unwrap().to_owned());
        println!("\nholds {}", names.join(" "));
        return std::future::pending().await;
    }
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "daemons_end_with_the_process_that_started_them"]).env(HOLDS, "");
    command.stdout(std::process::Stdio::piped()).kill_on_drop(true);
    let mut holder = command.spawn().unwrap();
    let mut lines = tokio::io::BufReader::new(holder.stdout.take().unwrap()).lines();
    let names = loop {
        let line = lines.next_line().await.unwrap().expect("the holder has ended");
        if let Some(names) = line.strip_prefix("holds ") {
            break names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        }
    };
    assert!(daemons(&names) >= 3, "each node has a daemon");
    holder.kill().await.unwrap();
    let killed = std::time::Instant::now();
    while daemons(&names) > 0 {
        assert!(killed.elapsed() < Duration::from_secs(60), "{} processes are left", daemons(&names));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many processes run for these databases: daemons, their children and guards.
fn daemons(databases: &[String]) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).into_owned());
    lines.filter(|line| line.contains("slon\0") && databases.iter().any(|name| line.contains(name))).count()
}
