//! A cluster of three nodes that Slony replicates, with its real daemons.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate::{Bundle, ErrorKind, Event, Migrator};
use tests::{Slony, locked};

const REPLICATED: (&str, &str) = ("bundle.yaml", "replicated: true\n");
const MILESTONE: (&str, &str) =
    ("patch-1-0-0-std.sql", "CREATE TABLE milestone (id serial PRIMARY KEY, name text);\n");
const INDEX: (&str, &str) =
    ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY person_name ON person (name);\n");
const EMAIL: (&str, &str) = ("patch-1-2-0-direct.sql", "ALTER TABLE person ADD email text;\n");

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

const HISTORY: &str = "SELECT array_to_string(version, '.') FROM migrate.patch WHERE bundle = 'app' AND ended_at IS NOT NULL ORDER BY position";

#[tokio::test(flavor = "multi_thread")]
async fn std_direct_and_concurrent_patches_reach_every_node() {
    let slony = Slony::start().await;
    let rows = (
        "patch-1-3-0-std.sql",
        r"ALTER TABLE person ADD token double precision;
UPDATE person SET token = random(), email = name || '@a\b';
ALTER TABLE person ALTER token SET NOT NULL;
INSERT INTO note VALUES (1, 'c:\temp');
INSERT INTO milestone (name) VALUES ('first');
",
    );
    let bundle = bundle(&[MILESTONE, INDEX, EMAIL, rows]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let migrator = Migrator::new([&bundle]).progress(move |event| {
        if let Event::Applied { version, .. } = event {
            heard.lock().unwrap().push(version.to_string());
        }
    });
    let report = migrator.run(slony.node(1)).await.unwrap();
    assert_eq!(report.applied.len(), 4, "{report}");
    let order = ["1.0.0", "1.1.0", "1.1.0", "1.1.0", "1.2.0", "1.2.0", "1.2.0", "1.3.0"];
    assert_eq!(*told.lock().unwrap(), order);
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0 1.2.0 1.3.0"; 3]);
    let people = each(&slony, "SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM person AS p").await;
    assert_eq!(people, [people[0].as_str(); 3], "what the origin made up is the same everywhere");
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
    slony.client(1).await.batch_execute("INSERT INTO person (name, token) VALUES ('Cy', 1)").await.unwrap();
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
    let migrator = Migrator::new([&bundle]).node_wait(Duration::from_secs(2));
    slony.stop_slon(3).await;
    let error = migrator.run(slony.node(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Node, "the daemon of node `3 (three)` does not run")
    );
    assert_eq!(each(&slony, "SELECT to_regclass('milestone')::text").await, [""; 3], "nothing was started");
    slony.start_slon(3);
    let migrator = migrator.node_wait(Duration::from_secs(60));
    migrator.run(slony.node(1)).await.unwrap();
    assert_eq!(each(&slony, HISTORY).await, ["1.0.0 1.1.0"; 3]);
    slony.stop().await;
}
