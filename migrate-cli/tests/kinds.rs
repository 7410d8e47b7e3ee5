//! `up` with patches of several kinds, on one node and on several; and `repair`.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

use embed_migrate_cluster::{Installation, Throwaway};

use crate::support::Place;

mod support;

const FILES: [(&str, &str); 5] = [
    ("patch-1-0-0-std-study.sql", "CREATE TABLE study (id bigint PRIMARY KEY, code text);\n"),
    ("patch-1-1-0-std.sql", "INSERT INTO study VALUES (1, 'a');\n"),
    ("patch-1-2-0-direct.sql", "ALTER TABLE study ADD score integer;\n"),
    ("patch-1-3-0-concurrent.sql", "CREATE INDEX CONCURRENTLY study_code ON study (code);\nVACUUM study;\n"),
    ("patch-1-4-0-std.sql", "ALTER TABLE study ADD late integer;\n"),
];

async fn server() -> Throwaway {
    Throwaway::start(&Installation::find(&|name| std::env::var(name).ok()).unwrap()).await.unwrap()
}

async fn url(server: &Throwaway) -> String {
    server.url(server.database().await.unwrap().get_dbname().unwrap())
}

async fn place(server: &Throwaway) -> Place {
    let place = Place::new().with("DATABASE_URL", url(server).await);
    place.write("Cargo.toml", "[package]\nname = \"registry\"\nversion = \"0.1.0\"\n");
    for (name, text) in FILES {
        place.write(&format!("migrations/{name}"), text);
    }
    place
}

/// The lines of a report, without the times.
fn lines(text: &str) -> Vec<String> {
    let words = |line: &str| {
        let words = line.split_whitespace();
        words.filter(|word| !word.chars().all(|c| c.is_ascii_digit())).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(words).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn up_applies_a_group_and_says_what_is_left() {
    let server = server().await;
    let place = place(&server).await;
    let ran = place.run("up");
    assert_eq!(ran.code, 0, "{ran:?}");
    let left = [
        "left: registry 1.2.0 (patch-1-2-0-direct.sql)",
        "left: registry 1.3.0 (patch-1-3-0-concurrent.sql)",
        "left: registry 1.4.0 (patch-1-4-0-std.sql)",
        "applied in ms; left for the next `up`, or `up --all`",
    ];
    assert_eq!(lines(&ran.stdout).get(3..).unwrap(), left);
    let ran = place.run("up --kind concurrent");
    assert!(
        lines(&ran.stdout).contains(&"applied in ms; left for the next `up`, or `up --all`".to_owned()),
        "{ran:?}"
    );
    assert!(!ran.stdout.contains("applied registry"), "{ran:?}");
    let ran = place.run("up --one");
    assert!(
        ran.stdout.contains("applied registry 1.2.0") && !ran.stdout.contains("applied registry 1.3.0"),
        "{ran:?}"
    );
    let ran = place.run("up --dry-run --all");
    let untried =
        "note: registry 1.3.0 (patch-1-3-0-concurrent.sql) can't run in a transaction, so it was not tried";
    assert!(ran.stdout.contains(untried), "{ran:?}");
    let ran = place.run("up --all --format json");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let array = |key: &str| report.get(key).unwrap().as_array().unwrap().len();
    assert_eq!((array("applied"), array("left")), (2, 0), "{ran:?}");
    assert_eq!(place.run("verify").code, 0);
    let ran = place.run("up --kind sideways");
    assert!(ran.code != 0 && ran.stderr.contains("`sideways` is not a kind of patch"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repair_settles_what_nobody_can_know() {
    let server = server().await;
    let place = place(&server).await;
    assert_eq!(place.run("up --all").code, 0);
    let ran = place.run("repair 1.3.0 --done");
    assert!(
        ran.code != 0 && ran.stderr.contains("patch `1.3.0` of `registry` is not interrupted"),
        "{ran:?}"
    );
    let ends = "CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$ BEGIN COMMIT; \
                PERFORM pg_terminate_backend(pg_backend_pid()); END $$;\nCALL ends();\nSELECT 1;\n";
    place.write("migrations/patch-1-5-0-concurrent.sql", ends);
    assert!(place.run("up").code != 0);
    let ran = place.run("up");
    let advice = "`cargo migrate repair registry=1.5.0 --done` continues with the next statement";
    assert!(ran.code != 0 && ran.stderr.contains(advice), "{ran:?}");
    assert!(place.run("status").stdout.contains("registry 1.5.0 interrupted"));
    assert!(place.run("repair 1.5.0").stderr.contains("<--done|--retry>"), "one of the two must be said");
    let ran = place.run("repair registry=1.5.0 --done");
    assert_eq!((ran.code, ran.stdout.trim()), (0, "done: CALL ends();"), "{ran:?}");
    let ran = place.run("up");
    assert!(ran.code == 0 && ran.stdout.contains("applied registry 1.5.0"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repair_settles_it_on_the_node_that_the_refusal_names() {
    let server = server().await;
    let place = place(&server).await;
    let b = url(&server).await;
    assert_eq!(place.run(&format!("up --all --node b={b}")).code, 0);
    // It breaks off on the node only.
    let ends = "CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$ BEGIN COMMIT; IF current_setting('ends.here', true) = 'yes' \
                THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$;\nCALL ends();\n";
    place.write("migrations/patch-1-5-0-concurrent.sql", ends);
    let here = format!("{b}?options=-c%20ends.here%3Dyes");
    let up = format!("up --node b={here}");
    assert!(place.run(&up).code != 0);
    let ran = place.run(&up);
    let advice = "check on node `b` whether it is done: if it is, `cargo migrate repair registry=1.5.0 --done --on b` continues";
    assert!(ran.code != 0 && ran.stderr.contains(advice), "{ran:?}");
    let ran = place.run("repair registry=1.5.0 --done --on b");
    assert!(ran.code != 0 && ran.stderr.contains("say where it is: `--node b=URL`"), "{ran:?}");
    let ran = place.run(&format!("repair registry=1.5.0 --done --node b={b}"));
    assert!(ran.code != 0 && ran.stderr.contains("is not interrupted"), "only the node has it: {ran:?}");
    let ran = place.run(&format!("repair registry=1.5.0 --done --on b --node b={here}"));
    assert_eq!((ran.code, ran.stdout.trim()), (0, "done: CALL ends();"), "{ran:?}");
    let ran = place.run(&up);
    assert!(ran.code == 0 && ran.stdout.contains("applied registry 1.5.0"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_named_beside_the_database() {
    let server = server().await;
    let place = place(&server).await;
    let (b, c) = (url(&server).await, url(&server).await);
    let ran = place.run(&format!("up --all --node b={b} --node c={c}"));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("note: 5 applied on node `b`"), "{ran:?}");
    let ran = place.run(&format!("verify --database-url {c}"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let late = url(&server).await;
    let ran = place.run(&format!("verify --node b={b} --node late={late}"));
    assert!(
        ran.code == 1 && ran.stderr.contains("on node `late`") && !ran.stderr.contains("on node `b`"),
        "{ran:?}"
    );
    assert_eq!(place.run(&format!("verify --topology single --node late={late}")).code, 0);
    let ran = place.run(&format!("verify --format json --node late={late}"));
    let messages: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let contexts = messages.pointer("/errors/0/contexts/0").and_then(|context| context.as_str());
    assert_eq!(contexts, Some("on node `late`"), "{ran:?}");
    let ran = place.run(&format!("status --exit-code --node late={late}"));
    assert!(
        ran.code == 3 && ran.stdout.contains("registry 1.4.0 applied (patch-1-4-0-std.sql)\n"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("registry 1.4.0 pending (patch-1-4-0-std.sql) on node `late`"), "{ran:?}");
    let ran = place.run(&format!("status --format json --node late={late}"));
    let status: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let nodes: Vec<_> =
        status.get("patches").unwrap().as_array().unwrap().iter().map(|it| it.get("node")).collect();
    assert_eq!((nodes.len(), nodes[0], nodes[9].unwrap().as_str()), (10, None, Some("late")), "{ran:?}");
    // Each node is held against what the last run left there.
    place.write(
        "migrations/deploy.yaml",
        "table: site\nwith:\n- column: code\n  type: text\n- identity: [code]\n",
    );
    assert_eq!(place.run(&format!("up --all --node b={b}")).code, 0);
    let drift = format!("drift --node b={b}");
    let ran = place.run(&drift);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "no drift\n\non node `b`:\nno drift\n"), "{ran:?}");
    let (client, connection) = tokio_postgres::connect(&b, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("ALTER TABLE site ADD extra integer").await.unwrap();
    let ran = place.run(&drift);
    assert!(
        ran.code == 3 && ran.stdout.starts_with("no drift\n\non node `b`:\nthe catalog is not"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("column `public.site.extra` is new"), "{ran:?}");
    let ran = place.run(&format!("{drift} --format json"));
    let messages: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let at = |path: &str| messages.pointer(path).and_then(|value| value.as_str());
    assert_eq!((at("/nodes/0/node"), at("/nodes/0/catalog/0/change")), (Some("b"), Some("added")), "{ran:?}");
    assert_eq!(messages.pointer("/catalog"), Some(&serde_json::json!([])), "{ran:?}");
    assert_eq!(place.run(&format!("{drift} --topology single")).code, 0);
    let ran = place.run("drift --node gone=postgresql://localhost:1/x");
    assert!(ran.code == 1 && ran.stderr.contains("on node `gone`"), "{ran:?}");
    let ran = place.run("up --node postgresql://b:secret@somewhere/x");
    assert!(
        ran.code != 0 && !ran.stderr.contains("secret") && ran.stderr.contains("--node NAME=URL"),
        "{ran:?}"
    );
    let ran = place.run("up --topology ring");
    assert!(ran.code != 0 && ran.stderr.contains("`ring` is not a topology"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn up_makes_a_fresh_database_by_the_create_tree_where_it_is_told_to() {
    let server = server().await;
    let place = place(&server).await;
    place.write("migrations/create/1-all/all.sql", "CREATE TABLE study (id bigint PRIMARY KEY, code text)\n");
    place.run("lock").ok();
    place.write("migrations/patch-1-5-0-std.sql", "CREATE TABLE visit (n integer);\n");
    let ran = place.run("up --create").ok();
    assert!(
        ran.stdout.contains("note: the create tree of `registry` replaced all patches up to `1.4.0`"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("registry is at 1.5.0"), "{ran:?}");
    assert!(place.run("up --create").ok().stdout.starts_with("registry is at 1.5.0\n0 applied"));
    assert_eq!(place.run("up --create --one").code, 2);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_go_to_stderr_and_into_the_json() {
    let server = server().await;
    let place = Place::new().with("DATABASE_URL", url(&server).await);
    place.write("Cargo.toml", "[package]\nname = \"registry\"\nversion = \"0.1.0\"\n");
    let says = "SELECT 1;\nDO $$ BEGIN\n  RAISE WARNING 'careful' USING HINT = 'look';\nEND $$;\n";
    place.write("migrations/patch-1-0-0-std.sql", says);
    let ran = place.run("up --dry-run").ok();
    assert!(ran.stderr.contains("patch-1-0-0-std.sql:3: WARNING: careful\n  hint: look\n"), "{ran:#?}");
    let ran = place.run("up --format json").ok();
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        report["notices"],
        serde_json::json!([{
            "bundle": "registry", "version": "1.0.0", "file": "patch-1-0-0-std.sql",
            "place": { "file": "migrations/patch-1-0-0-std.sql", "line": 3, "column": 3 },
            "severity": "WARNING", "code": "01000", "message": "careful", "detail": null, "hint": "look",
        }]),
        "{ran:#?}"
    );
    assert_eq!(report["notices_left_out"], 0);
    // What failed keeps them as well: of a run, and of a deployment.
    place.write(
        "migrations/patch-1-1-0-std.sql",
        "DO $$ BEGIN\n  RAISE NOTICE 'before';\n  PERFORM 1 / 0;\nEND $$;\n",
    );
    place.write("facts.yaml", "- sql: DO $$ BEGIN RAISE NOTICE 'before'; PERFORM 1 / 0; END $$\n");
    for command in ["up --format json", "deploy facts.yaml --format json"] {
        let ran = place.run(command);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.code, &report["notices"][0]["message"]), (1, &"before".into()), "{ran:#?}");
        assert_eq!((&report["notices_left_out"], report["errors"].as_array().unwrap().len()), (&0.into(), 1));
        assert!(
            ran.stderr.contains("NOTICE: before\n") && ran.stderr.contains("division by zero"),
            "{ran:#?}"
        );
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_batches_are_few_lines_and_many_patches_are_one() {
    let server = server().await;
    let place = Place::new().with("DATABASE_URL", url(&server).await);
    place.write("Cargo.toml", "[package]\nname = \"registry\"\nversion = \"0.1.0\"\n");
    place.write(
        "migrations/patch-1-0-0-std.sql",
        "CREATE TABLE study (id int PRIMARY KEY, n int);\nINSERT INTO study SELECT n, n FROM generate_series(1, 300) AS n;\n",
    );
    place.write(
        "migrations/patch-1-1-0-concurrent.sql",
        "-- migrate: batch 10 by id\nUPDATE study SET n = 0 WHERE n > 0;\n",
    );
    for patch in 2..40 {
        place.write(&format!("migrations/patch-1-{patch}-0-std.sql"), format!("SELECT {patch};\n"));
    }
    place.run("up --to 1.0.0").ok();
    let ran = place.run("up").ok();
    assert!(ran.stdout.contains("\nleft: registry 1.2.0 to 1.39.0 (38 patches)\n"), "{ran:#?}");
    let changed: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("rows changed")).collect();
    assert_eq!(changed.len(), 2, "the first and the last: {ran:#?}");
    assert!(changed[1].starts_with("patch-1-1-0-concurrent.sql: 300 rows changed"), "{changed:?}");
    let status = place.run("status").ok().stdout;
    assert_eq!(
        status,
        "registry 1.0.0 applied (patch-1-0-0-std.sql)\nregistry 1.1.0 applied (patch-1-1-0-concurrent.sql)\n\
         registry 1.2.0 to 1.39.0 pending (38 patches)\n",
    );
    server.stop().await.unwrap();
}
