//! The objects of a database, printed as SQL, create an equal database.

use embed_migrate::Migrator;
use embed_migrate_core::catalog::{Catalog, compare};
use embed_migrate_runtime::{Scope, ddl, fingerprint};
use tests::catalog::{HOSTILE, RICH, catalog, database_of};
use tests::{connect, database};
use tokio_postgres::{Client, SimpleQueryMessage};

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

/// Makes a second database of what is printed of the first, and finds them equal.
async fn made_again(client: &Client) {
    let (first, text) = (catalog(client).await, ddl(client, &Scope::default(), None).await.unwrap());
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
    assert_eq!(ddl(&client, &scope, Some("study")).await.unwrap(), expected);
    assert_eq!(ddl(&client, &scope, Some("public.study")).await.unwrap(), expected);
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
