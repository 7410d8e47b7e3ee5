//! The objects of a database, printed as SQL, create an equal database.

use std::process::Command;

use embed_migrate::Migrator;
use embed_migrate_cluster::Installation;
use embed_migrate_core::catalog::{Catalog, compare};
use embed_migrate_runtime::{Scope, ddl, fingerprint};
use tests::catalog::{HOSTILE, RICH, catalog, database_of, fit, major};
use tests::{connect, database, url};
use tokio_postgres::{Client, Config, SimpleQueryMessage};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_every_kind_is_made_again() {
    let (_, client) = database_of(RICH).await;
    made_again(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_made_again() {
    let (_, client) = database_of(HOSTILE).await;
    made_again(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_as_rex_deploy_leaves_it_is_made_again() {
    let (_, client) = database_of(include_str!("catalog/rex.sql")).await;
    made_again(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_made_again() {
    let config = database().await;
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
    let bundle = embed_migrate::Bundle::read_with(directory.as_ref(), "migrations", "example", None).unwrap();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    made_again(&connect(&config).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_and_one_without_public_are_made_again() {
    made_again(&database_of("").await.1).await;
    made_again(&database_of("DROP SCHEMA public").await.1).await;
}

/// Each case: its name, and the SQL of a database.
fn cases(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("-- case ").skip(1).filter_map(|case| case.split_once('\n'))
}

const CASES: [&str; 5] = [
    include_str!("catalog/inheritance.sql"),
    include_str!("catalog/objects.sql"),
    include_str!("catalog/privileges.sql"),
    include_str!("catalog/shapes.sql"),
    include_str!("catalog/storage.sql"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_object_is_given_back_as_pg_dump_sees_it() {
    make_tablespace(&connect(&database().await).await).await;
    let mut failures = Vec::new();
    for (name, sql) in CASES.into_iter().flat_map(cases) {
        if let Err(failure) = given_back(sql).await {
            failures.push(format!("== {name}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A tablespace in the server's own directory, which PostgreSQL 15 and later can make.
async fn make_tablespace(client: &Client) {
    if major(client).await >= 15 {
        client.batch_execute("SET allow_in_place_tablespaces = on").await.unwrap();
        client.batch_execute("CREATE TABLESPACE fast_space LOCATION ''").await.unwrap();
    }
}

/// Whether a second database, made by what is printed of the first, is equal for us and for pg_dump.
async fn given_back(sql: &str) -> Result<(), String> {
    let (config, client) = database_of("").await;
    if fit(sql, major(&client).await).trim().is_empty() {
        return Ok(());
    }
    let failed = |error: tokio_postgres::Error| {
        error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)
    };
    client.batch_execute(&fit(sql, major(&client).await)).await.map_err(failed)?;
    client.batch_execute("RESET ALL").await.map_err(failed)?;
    let (first, printed) = (catalog(&client).await, ddl(&client, &Scope::default(), None).await.unwrap());
    if !printed.left_out.is_empty() {
        return Err(format!("left out: {:?}", printed.left_out));
    }
    let (again, second) = database_of("").await;
    let text = printed.sql;
    let loaded = second.batch_execute(&text).await;
    loaded.map_err(|error| format!("{}\n{text}", failed(error)))?;
    let other = catalog(&second).await;
    let differences: Vec<String> = compare(&first, &other).iter().map(ToString::to_string).collect();
    if !differences.is_empty() {
        return Err(format!("{differences:?}\n{text}"));
    }
    match (schema_dump(&config), schema_dump(&again)) {
        (before, after) if before == after => Ok(()),
        (before, after) => Err(format!("{text}\n-- dumps:\n{before}\n-- and\n{after}")),
    }
}

/// What pg_dump writes of a schema, without its comments and its key; nothing where the installation has only a server.
fn schema_dump(config: &Config) -> String {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let Ok(program) = installation.program("pg_dump") else { return String::new() };
    let output = Command::new(program).arg("-s").arg(url(config)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let kept = |line: &&str| !line.is_empty() && !line.starts_with("--") && !line.contains("restrict ");
    text.lines().filter(kept).collect::<Vec<_>>().join("\n")
}

/// Makes a second database of what is printed of the first, and finds them equal.
async fn made_again(client: &Client) {
    let (first, text) = (catalog(client).await, ddl(client, &Scope::default(), None).await.unwrap().sql);
    let (_, second_client) = database_of(&text).await;
    let second = catalog(&second_client).await;
    let differences: Vec<String> = compare(&first, &second).iter().map(ToString::to_string).collect();
    assert_eq!(differences, Vec::<String>::new(), "{text}");
    assert_eq!(second.ddl().to_string(), text);
    let scope = Scope::default();
    assert_eq!(
        fingerprint(client, &scope).await.unwrap(),
        fingerprint(&second_client, &scope).await.unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_those_that_the_server_prints() {
    for sql in [RICH, HOSTILE, include_str!("catalog/rex.sql")] {
        let (_, client) = database_of(sql).await;
        client.batch_execute("SET search_path = pg_catalog").await.unwrap();
        let (printed, by_server) = (printed(&catalog(&client).await), by_server(&client).await);
        assert_eq!(printed.len(), by_server.len());
        printed.iter().zip(&by_server).for_each(|(ours, theirs)| assert_eq!(ours, theirs));
    }
}

/// Constraints and indexes with their definitions.
fn printed(catalog: &Catalog) -> Vec<String> {
    let mut lines = Vec::new();
    for table in catalog.tables.values() {
        let constraints = table.constraints.iter().map(|(name, it)| (name, &it.definition));
        let indexes = table.indexes.iter().map(|(name, it)| (name, &it.definition));
        let all = constraints.chain(indexes);
        lines.extend(all.map(|(name, definition)| format!("{} {name} {definition}", table.name)));
    }
    lines.sort();
    lines
}

async fn by_server(client: &Client) -> Vec<String> {
    let sql = "SELECT format('%s.%s %s %s', n.nspname, c.relname, d.name, d.definition) FROM (
            SELECT conrelid, conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint AS k
             WHERE contype IN ('p', 'u', 'f', 'c', 'x')
               AND NOT EXISTS (SELECT FROM pg_constraint AS p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
            UNION ALL
            SELECT i.indrelid, x.relname, pg_get_indexdef(x.oid) FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid
        ) AS d JOIN pg_class AS c ON c.oid = d.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
    let messages = client.simple_query(sql).await.unwrap();
    let mut lines: Vec<String> = messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect();
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn one_table_is_printed_with_all_that_is_its_own() {
    let (_, client) = database_of(
        "CREATE TYPE color AS ENUM ('red'); CREATE TABLE family (id bigint PRIMARY KEY);
         CREATE TABLE study (id serial PRIMARY KEY, color color, family_id bigint REFERENCES family, code text CHECK (code <> ''));
         CREATE INDEX ON study (family_id); COMMENT ON TABLE study IS 'Studies';
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
         CREATE TRIGGER t BEFORE DELETE ON study EXECUTE FUNCTION f();
         CREATE SCHEMA other; CREATE TABLE other.family ()",
    )
    .await;
    let scope = Scope::default();
    let expected = r#"CREATE SEQUENCE "public"."study_id_seq" AS integer;

CREATE TABLE "public"."study" (
    "id" integer DEFAULT nextval('public.study_id_seq'::regclass) NOT NULL,
    "color" public.color,
    "family_id" bigint,
    "code" text,
    CONSTRAINT "study_code_check" CHECK ((code <> ''::text)),
    CONSTRAINT "study_pkey" PRIMARY KEY (id)
);

ALTER SEQUENCE "public"."study_id_seq" OWNED BY "public"."study"."id";

ALTER TABLE "public"."study" OWNER TO "postgres";

COMMENT ON TABLE "public"."study" IS 'Studies';

CREATE INDEX study_family_id_idx ON public.study USING btree (family_id);

ALTER TABLE "public"."study" ADD CONSTRAINT "study_family_id_fkey" FOREIGN KEY (family_id) REFERENCES public.family(id);

CREATE TRIGGER t BEFORE DELETE ON public.study FOR EACH STATEMENT EXECUTE FUNCTION public.f();
"#;
    assert_eq!(ddl(&client, &scope, Some("study")).await.unwrap().sql, expected);
    assert_eq!(ddl(&client, &scope, Some("public.study")).await.unwrap().sql, expected);
    let error = ddl(&client, &scope, Some("family")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`family` is in several schemas\n  help: say which: `public.family`, `other.family`"
    );
    let error = ddl(&client, &scope, Some("nothing")).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no table or view `nothing`");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_row_of_roles_owns_is_printed_without_them() {
    let (_, client) = database_of(RICH).await;
    let text = catalog(&client).await.ddl().without_access().to_string();
    assert!(!text.contains("OWNER TO") && !text.contains("GRANT"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_given_back_is_named() {
    let (_, client) = database_of(
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER sv FOREIGN DATA WRAPPER w;
         CREATE USER MAPPING FOR catalog_reader SERVER sv OPTIONS (user 'u', password 'sesame');
         CREATE SUBSCRIPTION sb CONNECTION 'host=nowhere password = ''open sesame'' dbname=d' PUBLICATION pb WITH (connect = false, slot_name = NONE);
         CREATE SUBSCRIPTION sc CONNECTION 'postgresql://u:sesame@nowhere/d?sslmode=disable' PUBLICATION pb WITH (connect = false, slot_name = NONE)",
    )
    .await;
    let printed = ddl(&client, &Scope::default(), None).await.unwrap();
    let named = [
        ("option password of user mapping", "FOR catalog_reader SERVER sv"),
        ("password of subscription", "sb"),
        ("password of subscription", "sc"),
    ];
    assert_eq!(printed.left_out, named.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
    assert!(!printed.sql.contains("sesame"), "{}", printed.sql);
    for line in [
        "CREATE USER MAPPING FOR catalog_reader SERVER sv OPTIONS (\"user\" 'u');",
        "CREATE SUBSCRIPTION sb CONNECTION 'host=nowhere  dbname=d' PUBLICATION pb WITH (connect = false, slot_name = NONE);",
        "CREATE SUBSCRIPTION sc CONNECTION 'postgresql://u@nowhere/d?sslmode=disable' PUBLICATION pb WITH (connect = false, slot_name = NONE);",
        "-- not written here: password of subscription sb",
    ] {
        assert!(printed.sql.lines().any(|printed| printed == line), "{line}\n{}", printed.sql);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dump_prints_in_other_words_is_no_difference() {
    let sql = "CREATE TABLE t (a varchar(9) CHECK (a IN ('x', 'y')), b varchar DEFAULT 'z', CHECK (b NOT IN ('p', 'q', 'r')));
         CREATE INDEX i ON t (a) WHERE b IN ('x', 'y');
         CREATE VIEW v AS SELECT * FROM t WHERE a IN ('x', 'y');
         CREATE DOMAIN d AS varchar(3) CHECK (VALUE IN ('a', 'b'));
         CREATE POLICY p ON t USING (a IN ('x', 'y'))";
    let (_, client) = database_of(sql).await;
    let (_, second) = database_of(&ddl(&client, &Scope::default(), None).await.unwrap().sql).await;
    let (first, second) = (catalog(&client).await, catalog(&second).await);
    assert_eq!(compare(&first, &second), []);
    let (_, other) = database_of(&sql.replace("'x', 'y'", "'x', 'z'")).await;
    assert_eq!(compare(&first, &catalog(&other).await).len(), 4);
}
