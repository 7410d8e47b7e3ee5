//! What a run reports: the place of a failure, the server's notices, and that a patch found no row to change.

use std::sync::{Arc, Mutex};

use embed_migrate::{Bundle, Error, Event, Migrator};
use embed_migrate_runtime::{Driver, Notice};
use tests::{connect, database, files, locked, settings};
use tokio_postgres::Config;

const ITEM: (&str, &str) = (
    "patch-1-0-0-std-item.sql",
    "CREATE TABLE item (id bigint PRIMARY KEY, code text NOT NULL, size integer CHECK (size > 0));\n",
);

/// What fails in a std patch behind [`ITEM`].
async fn failing(text: &str) -> Error {
    run(&database().await, &locked("app", &[ITEM, ("patch-1-1-0-std.sql", text)])).await
}

async fn run(config: &Config, bundle: &Bundle) -> Error {
    Migrator::new([bundle]).run(config).await.unwrap_err()
}

fn place(error: &Error) -> (&str, u32, u32) {
    let place = error.place().unwrap_or_else(|| panic!("{error}"));
    (place.path(), place.line(), place.column())
}

#[tokio::test]
async fn a_failure_without_a_position_names_the_statement() {
    let error = failing("-- größer\nINSERT INTO item VALUES (1, 'é;', 1);\n\nINSERT INTO item\n  VALUES (2, 'b', 1);\n/* again; */ INSERT INTO item VALUES (2, 'c', 1);\n").await;
    assert_eq!(
        error.to_string(),
        "patch `1.1.0` of `app` failed: duplicate key value violates unique constraint \"item_pkey\"\n  \
           --> patch-1-1-0-std.sql:6:14\n   |\n 6 | /* again; */ INSERT INTO item VALUES (2, 'c', 1);\n   |              ^\n  \
           note: the constraint `item_pkey` of the table `public.item`\n  \
           note: detail: Key (id)=(2) already exists.\n  \
           note: SQLSTATE 23505\n  \
           note: applied before it: app 1.0.0",
    );
    // Each without a position, in a statement that comes second.
    for (statement, code) in [
        ("INSERT INTO item VALUES (2, NULL, 1);", "23502"),
        ("INSERT INTO item VALUES (2, 'b', 0);", "23514"),
        ("CREATE TABLE item (id bigint);", "42P07"),
        ("SELECT id / 0 FROM item;", "22012"),
        ("ALTER ROLE nobody_of_that_name NOLOGIN;", "42704"),
        ("SELECT ('{\"a\": \"\\u0000\"}' || repeat(' ', id::int))::jsonb FROM item;", "22P05"),
        ("ALTER TABLE item ADD COLUMN code text;", "42701"),
        ("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22023'; END $$;", "22023"),
    ] {
        let error = failing(&format!("INSERT INTO item VALUES (1, 'a', 1);\n  {statement}\n")).await;
        assert!(error.notes().contains(&format!("SQLSTATE {code}")), "{error}");
        // A block has its line.
        let column = if code == "22023" { 9 } else { 3 };
        assert_eq!(place(&error), ("patch-1-1-0-std.sql", 2, column), "{error}");
    }
}

#[tokio::test]
async fn a_failure_in_a_block_names_its_line() {
    let error =
        failing("SELECT 1;\nDO $$\nBEGIN\n  PERFORM 1;\n  INSERT INTO item VALUES (1, NULL, 1);\nEND $$;\n")
            .await;
    assert_eq!(place(&error), ("patch-1-1-0-std.sql", 5, 3), "{error}");
    // A block in a block, and SQL that stands in it twice.
    let nested = "DO $a$\nBEGIN\n  PERFORM 1 / 1;\n  EXECUTE 'DO $b$ BEGIN RAISE EXCEPTION ''no''; END $b$';\nEND $a$;";
    assert_eq!(place(&failing(nested).await), ("patch-1-1-0-std.sql", 4, 3));
    let twice = "DO $$ BEGIN\nIF false THEN UPDATE item SET size = no; END IF;\n  UPDATE item SET size = no;\nEND $$;";
    assert_eq!(place(&failing(twice).await), ("patch-1-1-0-std.sql", 3, 26));
    // A function: the statement that calls it.
    let calls = "CREATE FUNCTION boom() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1 / 0;\nEND $$;\n\nSELECT 1;\nSELECT boom();\n";
    let error = failing(calls).await;
    assert_eq!(place(&error), ("patch-1-1-0-std.sql", 7, 1), "{error}");
}

#[tokio::test]
async fn a_deferred_constraint_names_itself_and_its_table() {
    let text = "CREATE TABLE part (id bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO part VALUES (1), (1);\n";
    assert_eq!(
        failing(text).await.to_string(),
        "patch `1.1.0` of `app` failed: duplicate key value violates unique constraint \"part_pkey\"\n  \
           --> patch-1-1-0-std.sql\n  \
           note: the constraint `part_pkey` of the table `public.part`\n  \
           note: detail: Key (id)=(1) already exists.\n  \
           note: SQLSTATE 23505\n  \
           note: all of its statements ran; a deferred constraint or a deferred trigger failed at the end of the \
                 transaction\n  \
           note: applied before it: app 1.0.0",
    );
}

#[tokio::test]
async fn a_character_that_the_database_lacks_is_found() {
    let name = "told_latin";
    let sql =
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    let config = database().await;
    connect(&config).await.batch_execute(&sql).await.unwrap();
    let mut latin = config;
    latin.dbname(name);
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "SELECT 'é';\nSELECT 'costs 5 €';\n")]);
    let error = run(&latin, &bundle).await;
    assert_eq!(place(&error), ("patch-1-0-0-std.sql", 2, 17), "{error}");
    // Without an encoding, the server counts bytes: these lead behind the statement if they are taken for characters.
    let sql =
        "CREATE DATABASE told_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'";
    connect(&latin).await.batch_execute(sql).await.unwrap();
    latin.dbname("told_ascii");
    let bundle = locked(
        "app",
        &[("patch-1-0-0-std.sql", "SELECT 'éééééééééééééééééééé';\nSELECT 1, nothing;\nSELECT 2")],
    );
    let error = run(&latin, &bundle).await;
    assert_eq!(place(&error), ("patch-1-0-0-std.sql", 2, 11), "{error}");
}

#[tokio::test]
async fn a_concurrent_patch_and_its_batches_name_the_statement() {
    let config = database().await;
    let rows =
        ("patch-1-0-1-std.sql", "INSERT INTO item SELECT n, 'a' || n, n FROM generate_series(1, 10) AS n;");
    let concurrent = "VACUUM item;\nDO $$\nBEGIN\n  PERFORM 1 / 0;\nEND $$;\n";
    let bundle = locked("app", &[ITEM, rows, ("patch-1-0-2-concurrent.sql", concurrent)]);
    let error = run(&config, &bundle).await;
    assert_eq!(place(&error), ("patch-1-0-2-concurrent.sql", 4, 3), "{error}");
    let config = database().await;
    let batch = "-- migrate: batch 3 by id\n\nUPDATE item SET code = code\n  WHERE size > 0\n  AND 1 / (size - 8) < 2;\n";
    let bundle = locked("app", &[ITEM, rows, ("patch-1-0-2-concurrent.sql", batch)]);
    assert_eq!(
        run(&config, &bundle).await.to_string(),
        "patch `1.0.2` of `app` failed: division by zero\n  \
           --> patch-1-0-2-concurrent.sql:3:1\n   |\n 3 | UPDATE item SET code = code\n   | ^\n  \
           note: SQLSTATE 22012\n  \
           note: in the batch above `6` up to `9` of the key `id`\n  \
           note: applied before it: app 1.0.0, app 1.0.1",
    );
    let config = database().await;
    let batch = "-- migrate: batch 3 by id\nUPDATE item SET size = 1\n  WHERE size > 0\n  AND nothing;\n";
    let bundle = locked("app", &[ITEM, rows, ("patch-1-0-2-concurrent.sql", batch)]);
    assert_eq!(place(&run(&config, &bundle).await), ("patch-1-0-2-concurrent.sql", 4, 7));
}

#[tokio::test]
async fn what_a_statement_or_a_batch_leaves_to_its_commit_names_the_statement() {
    let table = "CREATE TABLE part (id bigint PRIMARY KEY, size bigint UNIQUE DEFERRABLE INITIALLY DEFERRED);\n\
                 INSERT INTO part SELECT i, i FROM generate_series(1, 9) AS i;\n";
    let left =
        "the statement ran; a deferred constraint or a deferred trigger failed at the end of the transaction";
    for text in [
        "SELECT 1;\n\nINSERT INTO part VALUES (10, 9);\nSELECT 2;\n",
        "-- migrate: batch 6 by id\n\nUPDATE part SET size = 7 WHERE id > 5;\n",
    ] {
        let bundle = locked("app", &[("patch-1-0-0-std.sql", table), ("patch-1-1-0-concurrent.sql", text)]);
        let error = run(&database().await, &bundle).await;
        assert_eq!(place(&error), ("patch-1-1-0-concurrent.sql", 3, 1), "{error}");
        assert_eq!(error.notes()[0], "the constraint `part_size_key` of the table `public.part`");
        assert!(error.notes().iter().any(|note| note == left), "{error}");
    }
}

#[tokio::test]
async fn a_create_tree_names_file_and_line() {
    let app = files(
        "app",
        &[
            ITEM,
            ("create/1-tables/a.sql", ITEM.1),
            ("create/1-tables/b.sql", "DO $$ BEGIN RAISE NOTICE 'é'; END $$;\nSELECT 1 / 0;\n"),
            ("create/1-tables/order.json", "{\"1\": \"a.sql\", \"2\": \"b.sql\"}"),
        ],
    );
    let bundle = app.lock();
    let (config, heard) = (database().await, EventLog::default());
    let migrator =
        Migrator::new([&bundle]).with(|options| options.create_tree = true).progress(heard.listener());
    let error = migrator.run(&config).await.unwrap_err();
    let (file, line, column) = place(&error);
    assert!(file.ends_with("create/1-tables/b.sql") && (line, column) == (2, 1), "{error}");
    assert_eq!(heard.lines(), [format!("{file}:1: NOTICE: é")]);
}

#[tokio::test]
async fn facts_name_the_line_of_their_sql() {
    const TABLE: &str = "- table: item\n  with:\n  - column: code\n    type: text\n  - column: size\n    type: integer\n  - identity: [code]\n  - check: small\n    that: size < 10\n";
    let deploy = |more: &str| {
        let text = format!("{TABLE}{more}");
        async move {
            let bundle = files("app", &[("deploy.yaml", &text)]).lock();
            run(&database().await, &bundle).await
        }
    };
    let error =
        deploy("- sql: |\n\n    SELECT 1;\n      DO $$ BEGIN\n        PERFORM 1 / 0;\n      END $$;\n").await;
    let (file, line, column) = place(&error);
    assert!(file.ends_with("deploy.yaml") && (line, column) == (14, 9), "{error}");
    let error = deploy("- sql: SELECT 1; SELECT 1 / 0;\n  unless: SELECT false\n").await;
    assert_eq!(place(&error).1, 10, "{error}");
    let error = deploy("- sql: SELECT 1;\n  unless: |\n    SELECT 1 = 1 / 0\n").await;
    assert_eq!(place(&error).1, 12, "{error}");
    // Rows, of few and of many.
    let rows = "- of: item\n  data:\n  - { code: a, size: 1 }\n  - { code: b, size: 2 }\n  - { code: c, size: 12 }\n";
    let error = deploy(rows).await;
    assert_eq!(place(&error).1, 14, "{error}");
    let error = deploy("- table: item\n  with:\n  - column: code\n    type: text\n  - check: short\n    that: length(code) / 0 > 1\n- of: item\n  data: [{ code: a, size: 1 }]\n").await;
    assert!(place(&error).1 > 0, "{error}");
}

#[tokio::test]
async fn a_view_that_the_server_refuses_has_its_line() {
    let text = "- table: item\n  with:\n  - {column: code, type: text}\n\n- view: v\n  as: |\n    SELECT code, 'é',\n      nope FROM item\n";
    let error = run(&database().await, &files("app", &[("deploy.yaml", text)]).lock()).await;
    assert!(error.place().is_some_and(|place| (place.line(), place.column()) == (8, 7)), "{error}");
    // All of a message is read before any of it is made.
    let text = "- table: item\n  with:\n  - {column: code, type: text}\n- view: v\n  as: |\n    SELECT code\n      FROM FROM item\n";
    let error = run(&database().await, &files("app", &[("deploy.yaml", text)]).lock()).await;
    assert!(error.place().is_some_and(|place| (place.line(), place.column()) == (7, 12)), "{error}");
    assert!(error.contexts().iter().any(|context| context.contains("the view fact `v`")), "{error}");
    // Nothing is there whose type could change.
    let text = "- function: f()\n  as: RETURNS int LANGUAGE sql AS 'SELECT nope'\n";
    let error = run(&database().await, &files("app", &[("deploy.yaml", text)]).lock()).await;
    assert_eq!(
        (error.message(), error.advice()),
        ("the function is refused by the server: column \"nope\" does not exist", None)
    );
}

#[tokio::test]
async fn a_file_that_a_driver_runs_has_lines() {
    let mut driver = Driver::connect(&database().await).await.unwrap();
    let error = driver.submit_file("seed.sql", "SELECT 1;\nSELECT 2;\n  SELECT 1 / 0;\n").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "division by zero\n  --> seed.sql:3:3\n   |\n 3 |   SELECT 1 / 0;\n   |   ^\n  note: SQLSTATE 22012\n  \
           while executing: SELECT 1;\n        SELECT 2;\n          SELECT 1 / 0;",
    );
}

/// What events say that concern notices, and patches that were applied.
#[derive(Default, Clone)]
struct EventLog(Arc<Mutex<Vec<Event>>>);

impl EventLog {
    fn listener(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let heard = self.clone();
        move |event| heard.0.lock().unwrap().push(event.clone())
    }

    fn lines(&self) -> Vec<String> {
        let messages = |event: &Event| match event {
            Event::Applied { patch, .. } => Some(format!("applied {}", patch.file)),
            Event::NoRows { .. }
            | Event::Notice(_)
            | Event::NoticesLeftOut { .. }
            | Event::NoticesUnavailable => Some(event.to_string()),
            _ => None,
        };
        self.0.lock().unwrap().iter().filter_map(messages).collect()
    }

    fn notices(&self) -> Vec<Notice> {
        let notice = |event: &Event| match event {
            Event::Notice(notice) => Some(notice.clone()),
            _ => None,
        };
        self.0.lock().unwrap().iter().filter_map(notice).collect()
    }
}

#[tokio::test]
async fn what_the_server_says_is_reported_with_its_patch() {
    let patches = [
        ITEM,
        (
            "patch-1-1-0-std.sql",
            "SELECT 1;\nDO $$ BEGIN\n  RAISE NOTICE 'one\u{1b}[31m';\n  RAISE WARNING 'two' USING DETAIL = 'more', HINT = 'so';\nEND $$;\n",
        ),
        ("patch-1-2-0-std.sql", "SELECT 2;\n\nCREATE TABLE IF NOT EXISTS item (id bigint);\n"),
        ("patch-1-3-0-std.sql", "DO $$ BEGIN RAISE INFO 'three'; RAISE DEBUG 'four'; END $$;\n"),
        (
            "patch-1-3-1-concurrent.sql",
            "SELECT 1;\n\nCREATE INDEX CONCURRENTLY item_code ON item (code);\n\nDO $$ BEGIN RAISE NOTICE 'five'; END $$;\n",
        ),
    ];
    let (config, heard) = (database().await, EventLog::default());
    let bundle = locked("app", &patches);
    Migrator::new([&bundle]).progress(heard.listener()).run(&config).await.unwrap();
    assert_eq!(
        heard.lines(),
        [
            "applied patch-1-0-0-std-item.sql",
            "patch-1-1-0-std.sql:3: NOTICE: one␛[31m",
            "patch-1-1-0-std.sql:4: WARNING: two\n  detail: more\n  hint: so",
            "applied patch-1-1-0-std.sql",
            "patch-1-2-0-std.sql:3: NOTICE: relation \"item\" already exists, skipping",
            "applied patch-1-2-0-std.sql",
            "patch-1-3-0-std.sql:1: INFO: three",
            "applied patch-1-3-0-std.sql",
            "patch-1-3-1-concurrent.sql:5: NOTICE: five",
            "applied patch-1-3-1-concurrent.sql",
        ],
    );
    let notices = heard.notices();
    assert_eq!((notices[1].bundle.as_str(), notices[1].code.as_str()), ("app", "01000"));
    assert_eq!(notices[1].version.unwrap().to_string(), "1.1.0");
    // Patches whose files say the most, one after another in one pipeline: each notice is its own patch's.
    let texts: Vec<(String, String)> = (1..60)
        .map(|n| {
            (
                format!("patch-1-0-{n}-std.sql"),
                format!("DO $$ BEGIN RAISE NOTICE 'of {n}'; END $$; SELECT 1;"),
            )
        })
        .collect();
    let mut patches = vec![ITEM];
    patches.extend(texts.iter().map(|(file, text)| (file.as_str(), text.as_str())));
    let (bundle, heard) = (locked("app", &patches), EventLog::default());
    Migrator::new([&bundle]).progress(heard.listener()).run(&database().await).await.unwrap();
    let expected = (1..60).flat_map(|n| {
        let file = format!("patch-1-0-{n}-std.sql");
        [format!("{file}:1: NOTICE: of {n}"), format!("applied {file}")]
    });
    let expected: Vec<String> = std::iter::once(format!("applied {}", ITEM.0)).chain(expected).collect();
    assert_eq!(heard.lines(), expected);
}

#[tokio::test]
async fn what_is_said_has_no_password_and_of_a_flood_the_first_is_reported() {
    let flood =
        "DO $$ BEGIN FOR n IN 1..100000 LOOP RAISE NOTICE '% of password=hunter2', n; END LOOP; END $$;";
    let secret = "CREATE ROLE nobody_of_told PASSWORD 'hunter3';\nDO $$ BEGIN RAISE NOTICE 'hunter3'; END $$;\nDROP ROLE nobody_of_told;";
    let secret = format!("-- migrate: min-app any\n{secret}");
    let bundle = locked("app", &[ITEM, ("patch-1-0-1-std.sql", flood), ("patch-1-0-2-std.sql", &secret)]);
    let heard = EventLog::default();
    Migrator::new([&bundle]).progress(heard.listener()).run(&database().await).await.unwrap();
    let lines = heard.lines();
    assert_eq!(lines.len(), 1 + 100 + 1 + 1 + 1 + 1, "{lines:?}");
    assert_eq!(lines[1], "patch-1-0-1-std.sql:1: NOTICE: 1 of password=***");
    assert_eq!(lines[101], "patch-1-0-1-std.sql: 99900 more notices are not shown");
    assert_eq!(lines[103], "patch-1-0-2-std.sql:3: NOTICE: ***");
}

#[tokio::test]
async fn facts_are_heard_too() {
    let deploy = "- table: item\n  with:\n  - column: code\n    type: text\n  - identity: [code]\n- sql: DO $$ BEGIN RAISE NOTICE 'from facts'; END $$\n";
    let (bundle, heard) = (files("app", &[("deploy.yaml", deploy)]).lock(), EventLog::default());
    Migrator::new([&bundle]).progress(heard.listener()).run(&database().await).await.unwrap();
    assert_eq!(heard.lines(), ["deploy.yaml:6: NOTICE: from facts"]);
    let heard = EventLog::default();
    let mut driver = Driver::connect(&database().await).await.unwrap().progress(heard.listener());
    driver.deploy(deploy).await.unwrap();
    assert_eq!(heard.lines(), ["<yaml>:6: NOTICE: from facts"]);
    // The line in a long text, the condition of a fact, what a trigger says of rows, and a file of SQL.
    let deploy = "- table: item\n  with:\n  - {column: code, type: text}\n  - identity: [code]\n\
                  - sql: |\n    CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS\n    \
                    'BEGIN RAISE NOTICE ''of %'', NEW.code; RETURN NEW; END';\n    \
                    CREATE TRIGGER told BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION told();\n\n    \
                    DO $$ BEGIN\n      RAISE NOTICE 'late';\n    END $$;\n\
                  - sql: SELECT 1\n  unless: |\n    SELECT told_so()\n\
                  - data: [{code: a}]\n  of: item\n";
    let told_so = "CREATE FUNCTION told_so() RETURNS bool LANGUAGE plpgsql AS \
                   'BEGIN RAISE NOTICE ''so''; RETURN true; END';\n";
    let config = database().await;
    connect(&config).await.batch_execute(told_so).await.unwrap();
    let heard = EventLog::default();
    let mut driver = Driver::connect(&config).await.unwrap().progress(heard.listener());
    driver.deploy(deploy).await.unwrap();
    driver.submit_file("seed.sql", "SELECT 1;\nSELECT told_so();\n").await.unwrap();
    driver.close().await;
    let lines = ["<yaml>:11: NOTICE: late", "<yaml>:15: NOTICE: so", "<yaml>:16: NOTICE: of a"];
    assert_eq!(heard.lines()[..3], lines);
    assert_eq!(heard.lines().last().unwrap(), "seed.sql:2: NOTICE: so");
    // Those of a patch.
    let patch = "- sql: |\n    SELECT 1;\n    DO $$ BEGIN RAISE NOTICE 'from a patch'; END $$\n";
    let (bundle, heard) = (locked("app", &[("patch-1-0-0-std.yaml", patch)]), EventLog::default());
    Migrator::new([&bundle]).progress(heard.listener()).run(&database().await).await.unwrap();
    assert_eq!(heard.lines()[0], "patch-1-0-0-std.yaml:3: NOTICE: from a patch");
}

#[tokio::test]
async fn what_facts_leave_to_their_commit_names_the_file() {
    let deferred = "- sql: |\n    CREATE TABLE part (id bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);\n    \
                      INSERT INTO part VALUES (1), (1);\n  unless: SELECT to_regclass('part') IS NOT NULL\n";
    let said = "duplicate key value violates unique constraint \"part_pkey\"";
    let constraint = "the constraint `part_pkey` of the table `public.part`";
    for (file, text) in [("deploy.yaml", deferred.to_owned()), ("patch-1-0-0-std.yaml", deferred.to_owned())]
    {
        let error = run(&database().await, &files("app", &[(file, &text)]).lock()).await;
        assert_eq!(place(&error).0, file, "{error}");
        assert!(error.message().ends_with(said) && error.notes().contains(&constraint.to_owned()), "{error}");
    }
}

#[tokio::test]
async fn a_full_disk_names_the_statement() {
    // What the server says of a limit for temporary files and of a full disk is the same but for its code.
    let limited = "SET LOCAL temp_file_limit = 0;\nSET LOCAL work_mem = '64kB';\n\n\
                   SELECT count(*) FROM (SELECT n FROM generate_series(1, 100000) AS n ORDER BY n DESC) AS s;\n";
    let error = failing(limited).await;
    assert!(error.notes().contains(&"SQLSTATE 53400".to_owned()), "{error}");
    assert_eq!(place(&error), ("patch-1-1-0-std.sql", 4, 1));
    let full = "CREATE FUNCTION grow() RETURNS trigger LANGUAGE plpgsql AS\n\
                'BEGIN IF NEW.id > 4 THEN RAISE ''no space'' USING ERRCODE = ''53100''; END IF; RETURN NEW; END';\n\
                CREATE TRIGGER grow BEFORE INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION grow();\n";
    let error = failing(&format!("{full}\nINSERT INTO item VALUES (5, 'e', 1);\n")).await;
    assert!(error.notes().contains(&"SQLSTATE 53100".to_owned()), "{error}");
    assert_eq!(place(&error), ("patch-1-1-0-std.sql", 5, 1));
    let rows = "INSERT INTO item SELECT n, 'a', 1 FROM generate_series(1, 9) AS n;\n";
    let batch = "-- migrate: batch 3 by id\nUPDATE item SET size = 2 WHERE size < 2;\n";
    let bundle = locked(
        "app",
        &[ITEM, ("patch-1-1-0-std.sql", &format!("{rows}{full}")), ("patch-1-2-0-concurrent.sql", batch)],
    );
    let error = run(&database().await, &bundle).await;
    assert_eq!(place(&error), ("patch-1-2-0-concurrent.sql", 2, 1));
    let key = "in the batch above `3` up to `6` of the key `id`";
    assert!(error.notes().contains(&key.to_owned()), "{error}");
    let facts = "- table: item\n  with:\n  - {column: code, type: text}\n  - identity: [code]\n\
                 - sql: |\n    CREATE FUNCTION grow() RETURNS trigger LANGUAGE plpgsql AS\n    \
                   'BEGIN RAISE ''no space'' USING ERRCODE = ''53100''; END';\n    \
                   CREATE TRIGGER grow BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION grow();\n  \
                   unless: SELECT to_regproc('grow') IS NOT NULL\n\
                 - data: |\n    code\n    a\n    b\n  of: item\n";
    let error = run(&database().await, &files("app", &[("deploy.yaml", facts)]).lock()).await;
    assert_eq!(place(&error), ("app/deploy.yaml", 10, 3), "{error}");
    assert!(error.notes().contains(&"SQLSTATE 53100".to_owned()), "{error}");
}

#[tokio::test]
async fn a_right_that_a_patch_lacks_is_reported_with_role_and_owner() {
    let config = database().await;
    let admin = connect(&config).await;
    let name = config.get_dbname().unwrap();
    let (owner, role) = (format!("{name}_owner"), format!("{name}_runs"));
    let make = format!(
        "CREATE ROLE {owner}; CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {name} TO {role};\n\
         CREATE TABLE theirs (id bigint PRIMARY KEY, n int); ALTER TABLE theirs OWNER TO {owner};"
    );
    admin.batch_execute(&make).await.unwrap();
    let mut runs = config.clone();
    runs.user(&role);
    let refused = |said: &str, help: &str| {
        format!("{said}\n  note: SQLSTATE 42501\n  note: the patch began as the role `{role}`\n  {help}")
    };
    let owned = |what: &str| {
        format!(
            "note: the {what} belongs to `{owner}`\n  help: give `{role}` that right (`GRANT … TO …`), or run patches as the \
             owner: `--role {owner}`, or `RunOptions::role`"
        )
    };
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "SELECT pg_read_file('/etc/passwd');\n")]);
    let error = run(&runs, &bundle).await;
    let help = format!(
        "give `{role}` that right (`GRANT … TO …`), or run patches as a role that has it: `--role NAME`, or `RunOptions::role`"
    );
    assert_eq!(error.advice(), Some(help.as_str()), "{error}");
    for (file, text, said) in [
        (
            "patch-1-0-0-std.sql",
            "SELECT 1;\nINSERT INTO theirs VALUES (1);\n",
            "permission denied for table theirs\n  --> patch-1-0-0-std.sql:2:1\n   |\n 2 | INSERT INTO theirs VALUES (1);\n   | ^",
        ),
        (
            "patch-1-0-0-concurrent.sql",
            "ALTER TABLE theirs ADD COLUMN m int;\n",
            "must be owner of table theirs\n  --> patch-1-0-0-concurrent.sql:1:1\n   |\n 1 | ALTER TABLE theirs ADD COLUMN m int;\n   | ^",
        ),
    ] {
        let bundle = locked("app", &[(file, text)]);
        let error = Migrator::new([&bundle])
            .with(|options| options.trust.push(owner.clone()))
            .run(&runs)
            .await
            .unwrap_err();
        let said = format!("patch `1.0.0` of `app` failed: {said}");
        assert_eq!(error.to_string(), refused(&said, &owned("table `theirs`")));
    }
    drop(admin);
}

#[tokio::test]
async fn a_pool_of_ours_is_heard_and_of_another_it_is_said_once() {
    let says = ("patch-1-0-1-std.sql", "DO $$ BEGIN RAISE NOTICE 'one'; END $$;");
    let bundle = locked("app", &[ITEM, says, ("patch-1-0-2-concurrent.sql", "SELECT 1;")]);
    let (config, heard) = (database().await, EventLog::default());
    let pool = settings(&config).pool(2).unwrap();
    Migrator::new([&bundle]).progress(heard.listener()).run(&pool).await.unwrap();
    assert!(heard.lines().contains(&"patch-1-0-1-std.sql:1: NOTICE: one".to_owned()), "{:?}", heard.lines());
    let (config, heard) = (database().await, EventLog::default());
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).build().unwrap();
    let migrator = Migrator::new([&bundle]).progress(heard.listener());
    migrator.run(&pool).await.unwrap();
    assert_eq!(
        heard.lines(),
        [
            "messages of `RAISE NOTICE` are not reported: the pool's own task reads the connection, and logs them (crate \
             `log`, level `info`); use `Settings`, or a pool of `Settings::pool`",
            "applied patch-1-0-0-std-item.sql",
            "applied patch-1-0-1-std.sql",
            "applied patch-1-0-2-concurrent.sql",
        ],
    );
    migrator.run(&pool).await.unwrap();
    assert_eq!(heard.lines().len(), 4, "an up-to-date boot has nothing to hear");
}

#[tokio::test]
async fn what_was_applied_before_a_failure_is_a_range() {
    let texts: Vec<(String, &str)> = (0..300)
        .map(|n| (format!("patch-1-{n}-0-std.sql"), if n == 299 { "SELECT 1 / 0;" } else { "SELECT 1;" }))
        .collect();
    let patches: Vec<(&str, &str)> = texts.iter().map(|(file, text)| (file.as_str(), *text)).collect();
    let config = database().await;
    let error = run(&config, &locked("app", &patches)).await;
    assert_eq!(
        error.to_string(),
        "patch `1.299.0` of `app` failed: division by zero\n  \
           --> patch-1-299-0-std.sql:1:1\n   |\n 1 | SELECT 1 / 0;\n   | ^\n  \
           note: SQLSTATE 22012\n  \
           note: applied before it: app 1.0.0 to 1.298.0 (299 patches)",
    );
    assert_eq!(error.already_applied().len(), 299);
    let pending =
        Migrator::new([&locked("app", &patches)]).verify(&database().await).await.unwrap_err().to_string();
    assert!(
        pending.starts_with("300 patches are not applied\n  note: app 1.0.0 (patch-1-0-0-std.sql)\n"),
        "{pending}"
    );
    let end = "note: and 271 more like these\n  help: apply them: `Migrator::run`, or `cargo migrate up`";
    assert!(pending.ends_with(end), "{pending}");
}

#[tokio::test]
async fn a_view_that_differs_shows_the_lines_that_do() {
    let config = database().await;
    let deploy = "- table: item\n  with:\n  - column: code\n    type: text\n  - column: size\n    type: integer\n  - identity: [code]\n";
    let view = "CREATE VIEW big AS SELECT code, size FROM item WHERE size > 100;";
    let bundle = files("app", &[("patch-1-0-0-std.sql", "SELECT 1;"), ("deploy.yaml", deploy)]).lock();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let client = connect(&config).await;
    client.batch_execute(view).await.unwrap();
    Migrator::new([&bundle]).with(|options| options.facts_again = true).run(&config).await.unwrap();
    client
        .batch_execute("CREATE OR REPLACE VIEW big AS SELECT code, size FROM item WHERE size > 10")
        .await
        .unwrap();
    let drift = Migrator::new([&bundle]).drift(&config).await.unwrap().to_string();
    assert!(
        drift.contains(
            "view `public.big`: other query\n  -   WHERE (item.size > 100);\n  +   WHERE (item.size > 10);\n"
        ),
        "{drift}"
    );
}

#[tokio::test]
async fn a_patch_that_finds_no_row_to_change_is_reported() {
    let fill = ("patch-1-1-0-std.sql", "INSERT INTO item VALUES (1, 'a', 1);\n");
    let none = (
        "patch-1-2-0-std.sql",
        "-- none\nUPDATE item SET size = 2 WHERE code = 'b';\nDELETE FROM item WHERE id = 2;\n",
    );
    let one = (
        "patch-1-3-0-std.sql",
        "DELETE FROM item WHERE id = 2;\nUPDATE item SET size = 2 WHERE code = 'a';\n",
    );
    let more = ("patch-1-4-0-std.sql", "DELETE FROM item WHERE id = 2;\nSELECT 1;\n");
    let batch = (
        "patch-1-5-0-concurrent.sql",
        "-- migrate: batch 10 by id\nUPDATE item SET size = 2 WHERE code = 'b';\n",
    );
    let bundle = locked("app", &[ITEM, fill, none, one, more, batch]);
    let heard = EventLog::default();
    Migrator::new([&bundle]).progress(heard.listener()).run(&database().await).await.unwrap();
    assert_eq!(
        heard.lines(),
        [
            "applied patch-1-0-0-std-item.sql",
            "applied patch-1-1-0-std.sql",
            "patch-1-2-0-std.sql: no row was changed: no row matches the conditions of its statements",
            "applied patch-1-2-0-std.sql",
            "applied patch-1-3-0-std.sql",
            "applied patch-1-4-0-std.sql",
            "patch-1-5-0-concurrent.sql: no row was changed: no row matches the conditions of its statements",
            "applied patch-1-5-0-concurrent.sql",
        ],
    );
}

#[tokio::test]
async fn a_database_with_the_schema_and_no_history_is_reported_as_that() {
    let config = database().await;
    connect(&config).await.batch_execute("CREATE TABLE item (n int); CREATE SEQUENCE part").await.unwrap();
    let more = ("patch-1-1-0-std.sql", "CREATE TABLE other (n int);\nCREATE SEQUENCE IF NOT EXISTS part;\n");
    let bundle = locked("app", &[ITEM, more]);
    assert_eq!(
        run(&config, &bundle).await.to_string(),
        "patch `1.0.0` of `app` failed: relation \"item\" already exists\n  \
           --> patch-1-0-0-std-item.sql:1:1\n   |\n 1 | CREATE TABLE item (id bigint PRIMARY KEY, code text NOT NULL, size integer CHECK (size > 0));\n   | ^\n  \
           note: SQLSTATE 42P07\n  \
           note: the history in the schema `migrate` has nothing of this bundle, but the database has objects that its patches create\n  \
           note: there already: item, part (2 of 3 tables, types, functions and the like that its pending patches create)\n  \
           help: if its history is in another schema: `--history-schema NAME`, or `RunOptions::history_schema`\n        \
                 if that schema was dropped, or left out of a dump: restore it from the same time as the rest\n        \
                 if the database was made without this tool: make a baseline with `pg_dump`, and move the rows into a new database; \
                 drop objects that were created for a trial and have no rows, and run again",
    );
}

#[tokio::test]
async fn types_functions_and_schemas_without_a_history_are_told_too() {
    let text = "CREATE SCHEMA app;\nCREATE TYPE app.mood AS ENUM ('sad');\nCREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';\n";
    let bundle = locked("app", &[("patch-1-0-0-std.sql", text)]);
    let config = database().await;
    connect(&config).await.batch_execute(text).await.unwrap();
    let refused = run(&config, &bundle).await;
    let expected = "there already: app, app.mood, one (3 of 3 tables, types, functions and the like that its pending patches create)";
    assert!(refused.notes().iter().any(|note| note == expected), "{refused}");
}

#[tokio::test]
async fn a_first_patch_that_meets_what_it_made_itself_is_not_told_of_another_history() {
    let twice = "CREATE TABLE item (n int);\nCREATE TABLE item (n int);\n";
    let config = database().await;
    assert_eq!(
        run(&config, &locked("app", &[("patch-1-0-0-std.sql", twice)])).await.to_string(),
        "patch `1.0.0` of `app` failed: relation \"item\" already exists\n  \
           --> patch-1-0-0-std.sql:2:1\n   |\n 2 | CREATE TABLE item (n int);\n   | ^\n  \
           note: SQLSTATE 42P07",
    );
    // All databases of a server have the same roles.
    let role = "CREATE ROLE told_twice;\nCREATE ROLE told_twice;\n";
    let refused = run(&config, &locked("app", &[("patch-1-0-0-std.sql", role)])).await;
    assert_eq!(refused.notes(), ["SQLSTATE 42710"], "{refused}");
}
