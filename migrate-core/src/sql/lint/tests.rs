use std::collections::BTreeMap;

use super::Lint;
use crate::patch::{Directives, Kind};
use crate::sql::Script;

/// The rules that a patch breaks, after others, as `rule@the word at which it is reported`.
fn found(kind: Kind, earlier: &[&str], text: &str) -> Vec<String> {
    let script = Script::parse(text);
    assert_eq!(script.errors, [], "{text}");
    let directives = Directives::parse("", text).unwrap();
    let earlier = || earlier.iter().map(|text| (*text).to_owned()).collect();
    let levels = BTreeMap::new();
    let lint =
        Lint { file: "p.sql", text, kind, directives: &directives, levels: &levels, earlier: &earlier };
    let found = lint.check(&script).hazards.into_iter().map(|(rule, _, error)| {
        let place = error.place().unwrap().clone();
        let rest: String = place.source.chars().skip(place.column as usize - 1).collect();
        format!("{rule}@{}", rest.split([' ', ';', '(', ')', ',']).next().unwrap())
    });
    found.collect()
}

fn std(text: &str, rules: &[&str]) {
    assert_eq!(found(Kind::Std, &[], text), rules, "{text}");
}

fn concurrent(text: &str, rules: &[&str]) {
    assert_eq!(found(Kind::Concurrent, &[], text), rules, "{text}");
}

fn after(earlier: &[&str], text: &str, rules: &[&str]) {
    assert_eq!(found(Kind::Std, earlier, text), rules, "{text}");
}

#[test]
fn indexes() {
    std("CREATE INDEX i ON t (a);", &["index-not-concurrent@CREATE"]);
    std("CREATE UNIQUE INDEX IF NOT EXISTS i ON s.t (a) WHERE a > 1", &["index-not-concurrent@CREATE"]);
    std("CREATE INDEX i ON ONLY t (a);", &[]);
    std("CREATE TABLE t (a int); CREATE INDEX i ON t (a); REINDEX INDEX i; DROP INDEX i;", &[]);
    std("CREATE TABLE public.t (a int); CREATE INDEX i ON t (a);", &[]);
    std("CREATE TABLE s.t (a int); CREATE INDEX i ON u.t (a);", &["index-not-concurrent@CREATE"]);
    std("CREATE TABLE \"T\" (a int); CREATE INDEX i ON T (a);", &["index-not-concurrent@CREATE"]);
    std("CREATE TABLE n (a int); ALTER TABLE n RENAME TO t; CREATE INDEX i ON t (a);", &[]);
    std("CREATE TABLE t AS SELECT 1 AS a; CREATE INDEX i ON t (a);", &[]);
    std("SELECT 1 AS a INTO t; CREATE INDEX i ON T (a);", &[]);
    std(
        "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; CREATE INDEX i ON v (a); REFRESH MATERIALIZED VIEW v;",
        &[],
    );
    concurrent("CREATE INDEX i ON t (a);", &["index-not-concurrent@CREATE"]);
    concurrent("CREATE INDEX CONCURRENTLY i ON t (a); DROP INDEX CONCURRENTLY IF EXISTS j;", &[]);
    std(
        "CREATE SCHEMA s CREATE TABLE t (a int); CREATE INDEX i ON s.t (a); CREATE INDEX j ON public.t (a);",
        &["index-not-concurrent@CREATE"],
    );
    std(
        "CREATE SCHEMA s CREATE TABLE x (id int); CREATE INDEX i ON big (id);",
        &["index-not-concurrent@CREATE"],
    );
    std("CREATE TABLE \"É\" (a int); CREATE INDEX i ON é (a);", &["index-not-concurrent@CREATE"]);
    std("DROP INDEX i, j;", &["drop-index-not-concurrent@DROP"]);
    std("REINDEX TABLE t;", &["reindex-not-concurrent@REINDEX"]);
    concurrent("REINDEX (VERBOSE) INDEX i;", &["reindex-not-concurrent@REINDEX"]);
    concurrent("REINDEX (CONCURRENTLY) INDEX i; REINDEX TABLE CONCURRENTLY t;", &[]);
}

#[test]
fn new_columns() {
    std("ALTER TABLE t ADD a int, ADD b text DEFAULT 'x' NOT NULL, ADD c timestamptz DEFAULT now();", &[]);
    std(
        "ALTER TABLE t ADD a text DEFAULT (lower('A') || current_user), ADD b date DEFAULT CURRENT_DATE;",
        &[],
    );
    std("ALTER TABLE t ADD a text[] DEFAULT ARRAY[]::text[], ADD b jsonb DEFAULT '{}'::jsonb;", &[]);
    std("ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid();", &["volatile-default@gen_random_uuid"]);
    std(
        "ALTER TABLE t ADD a int DEFAULT (1 + pg_catalog.Random()::int);",
        &["volatile-default@pg_catalog.Random"],
    );
    std("ALTER TABLE t ADD a int DEFAULT mine();", &["volatile-default@mine"]);
    std("ALTER TABLE t ADD a tstzrange NOT NULL DEFAULT tstzrange(now(), NULL, '[]');", &[]);
    std(
        "ALTER TABLE t ADD a int DEFAULT s.lower('a'), ADD b int DEFAULT Pg_Catalog.Lower('a');",
        &["volatile-default@s.lower"],
    );
    std("ALTER TABLE t ADD a bigserial PRIMARY KEY;", &["serial-column@ADD", "unique-at-once@PRIMARY"]);
    std("ALTER TABLE t ADD a bigint GENERATED ALWAYS AS IDENTITY;", &["serial-column@ADD"]);
    std("ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED;", &["stored-column@STORED"]);
    std("ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) VIRTUAL;", &[]);
    std("ALTER TABLE t ALTER a SET EXPRESSION AS (b + 1);", &["stored-column@SET"]);
    std("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int NOT NULL;", &["required-column@NOT"]);
    std("ALTER TABLE t ADD a int NOT NULL DEFAULT NULL;", &["required-column@NOT"]);
    std("ALTER TABLE t ADD a int CHECK (a > 1);", &["check-at-once@CHECK"]);
    std("ALTER TABLE t ADD a int REFERENCES u, ADD b int UNIQUE;", &["unique-at-once@UNIQUE"]);
    std("ALTER TABLE t ADD a int DEFAULT 1 REFERENCES u;", &["foreign-key-at-once@REFERENCES"]);
    std(
        "CREATE TABLE t (); ALTER TABLE t ADD a bigserial PRIMARY KEY, ADD b uuid DEFAULT gen_random_uuid();",
        &[],
    );
    concurrent("ALTER TABLE t ADD a bigserial;", &["serial-column@ADD"]);
}

#[test]
fn columns_that_change() {
    std("ALTER TABLE t ALTER a TYPE bigint;", &["retype@TYPE"]);
    std("ALTER TABLE t ALTER a SET DATA TYPE text USING a::text;", &["retype@SET"]);
    std("ALTER TABLE t ALTER a SET DEFAULT 1, ALTER b DROP NOT NULL, ALTER c SET STATISTICS 10;", &[]);
    std("ALTER TABLE t ALTER a ADD GENERATED BY DEFAULT AS IDENTITY;", &[]);
    std("ALTER TABLE t ADD a int, ALTER b SET NOT NULL;", &["set-not-null@SET"]);
    std("ALTER TABLE t ADD CONSTRAINT n NOT NULL a;", &["set-not-null@CONSTRAINT"]);
    std("ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID;", &[]);
}

#[test]
fn a_check_proves_not_null() {
    const ADD: &str = "ALTER TABLE s.t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;";
    const VALIDATE: &str = "ALTER TABLE t VALIDATE CONSTRAINT c;";
    const SET: &str = "ALTER TABLE t ALTER a SET NOT NULL;";
    after(&[ADD, VALIDATE], SET, &[]);
    after(&[ADD, VALIDATE], "ALTER TABLE t ALTER \"A\" SET NOT NULL;", &["set-not-null@SET"]);
    after(&[ADD, VALIDATE], "ALTER TABLE u ALTER a SET NOT NULL;", &["set-not-null@SET"]);
    after(&[ADD], SET, &["set-not-null@SET"]);
    after(&[VALIDATE, ADD], SET, &["set-not-null@SET"]);
    after(&[ADD, VALIDATE, "ALTER TABLE t DROP CONSTRAINT c;"], SET, &["set-not-null@SET"]);
    after(&["CREATE TABLE t (a int CHECK ((a > 0) AND (a IS NOT NULL)))"], SET, &[]);
    after(&["CREATE TABLE t (a int CHECK (a > 0 OR a IS NOT NULL))"], SET, &["set-not-null@SET"]);
    std(&format!("{ADD}{VALIDATE}{SET}"), &["validate-at-once@VALIDATE"]);
    concurrent(&format!("{ADD}{VALIDATE}{SET}"), &[]);
}

#[test]
fn constraints() {
    std("ALTER TABLE t ADD CHECK (a > 0);", &["check-at-once@CHECK"]);
    std("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;", &[]);
    std("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED;", &[]);
    std("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u;", &["foreign-key-at-once@FOREIGN"]);
    std("ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u NOT VALID;", &[]);
    std("CREATE TABLE t (a int); ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u;", &[]);
    std("ALTER TABLE t ADD CONSTRAINT c UNIQUE (a);", &["unique-at-once@CONSTRAINT"]);
    std("ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i;", &[]);
    std("ALTER TABLE t ADD PRIMARY KEY (a, b);", &["unique-at-once@PRIMARY"]);
    std("ALTER TABLE t ADD CONSTRAINT c EXCLUDE USING gist (a WITH &&);", &["exclude-at-once@CONSTRAINT"]);
    std("ALTER TABLE t VALIDATE CONSTRAINT c;", &[]);
    std("ALTER TABLE t ADD a int; ALTER TABLE t VALIDATE CONSTRAINT c;", &["validate-at-once@VALIDATE"]);
    std(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT c;",
        &["validate-at-once@VALIDATE"],
    );
    std("ALTER TABLE u ADD a int; ALTER TABLE t VALIDATE CONSTRAINT c;", &[]);
}

#[test]
fn what_is_stored_anew() {
    std("CLUSTER t USING i;", &["rewrite@CLUSTER"]);
    concurrent("CLUSTER;", &["rewrite@CLUSTER"]);
    concurrent("VACUUM FULL t;", &["rewrite@FULL"]);
    concurrent("VACUUM (FULL, ANALYZE) t;", &["rewrite@FULL"]);
    concurrent("VACUUM (FULL off) t; VACUUM t; VACUUM (ANALYZE);", &[]);
    std("ALTER TABLE t SET UNLOGGED;", &["rewrite@SET"]);
    std("ALTER TABLE t SET LOGGED, SET (fillfactor = 80);", &["rewrite@SET"]);
    std("ALTER TABLE t SET TABLESPACE x;", &["rewrite@SET"]);
    std("ALTER TABLE t SET ACCESS METHOD heap2;", &["rewrite@SET"]);
    std("ALTER TABLE ALL IN TABLESPACE x SET TABLESPACE y;", &["rewrite@ALL"]);
    std("ALTER INDEX i SET TABLESPACE x;", &["rewrite@SET"]);
    std("ALTER MATERIALIZED VIEW v SET TABLESPACE x;", &["rewrite@SET"]);
    std("ALTER INDEX i RENAME TO j; ALTER TABLE t SET (fillfactor = 80);", &[]);
    std("REFRESH MATERIALIZED VIEW v;", &["refresh-not-concurrent@REFRESH"]);
    std("REFRESH MATERIALIZED VIEW CONCURRENTLY v; REFRESH MATERIALIZED VIEW v WITH NO DATA;", &[]);
}

#[test]
fn partitions() {
    std("ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1);", &["attach-unchecked@ATTACH"]);
    std("CREATE TABLE p (LIKE t); ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1);", &[]);
    after(&["ALTER TABLE p ADD CHECK (a = 1);"], "ALTER TABLE t ATTACH PARTITION p DEFAULT;", &[]);
    std("ALTER TABLE t DETACH PARTITION p;", &["detach-not-concurrent@DETACH"]);
    concurrent(
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY; ALTER TABLE t DETACH PARTITION p FINALIZE;",
        &[],
    );
    std("CREATE TABLE p PARTITION OF t FOR VALUES IN (1);", &["partition-of@CREATE"]);
    std(
        "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF t FOR VALUES IN (1);",
        &[],
    );
}

#[test]
fn rows_and_locks() {
    std("UPDATE t SET a = 1;", &["update-without-where@UPDATE"]);
    concurrent("WITH x AS (SELECT 1 WHERE true) DELETE FROM t;", &["update-without-where@WITH"]);
    std("UPDATE t SET a = 1 WHERE a = 2; DELETE FROM t WHERE a = 1;", &[]);
    std("CREATE TABLE t (a int); UPDATE t SET a = 1; TRUNCATE t; LOCK t;", &[]);
    concurrent("-- migrate: batch 100 by id\nUPDATE t SET a = 1;", &[]);
    std("ALTER TABLE t ADD a int; UPDATE t SET a = 1 WHERE a IS NULL;", &["update-under-lock@UPDATE"]);
    std("CREATE TABLE u (a int REFERENCES t); DELETE FROM t WHERE a = 1;", &["update-under-lock@DELETE"]);
    std("ALTER TABLE t ALTER a SET STATISTICS 10; UPDATE t SET a = 1 WHERE b;", &[]);
    concurrent("ALTER TABLE t ADD a int; UPDATE t SET a = 1 WHERE a IS NULL;", &[]);
    std("LOCK TABLE t;", &["lock-table@LOCK"]);
    std("LOCK TABLE t IN SHARE MODE;", &["lock-table@LOCK"]);
    std("LOCK TABLE t IN ROW EXCLUSIVE MODE;", &[]);
    std("TRUNCATE t CASCADE;", &["truncate@TRUNCATE"]);
}

#[test]
fn labels_and_triggers() {
    const ADD: &str = "ALTER TYPE e ADD VALUE 'x';";
    std(&format!("{ADD} INSERT INTO t VALUES ('x');"), &["enum-value-used@'x'"]);
    std(&format!("{ADD} UPDATE t SET a = 'x' WHERE a = 'y';"), &["enum-value-used@'x'"]);
    std(&format!("{ADD} ALTER TABLE t ALTER a SET DEFAULT 'x';"), &["enum-value-used@'x'"]);
    std(&format!("{ADD} INSERT INTO t VALUES ('y'); COMMENT ON TYPE e IS 'x';"), &[]);
    std(&format!("INSERT INTO t VALUES ('x'); {ADD}"), &[]);
    std(&format!("CREATE TYPE e AS ENUM ('y'); {ADD} INSERT INTO t VALUES ('x');"), &[]);
    concurrent(&format!("{ADD} INSERT INTO t VALUES ('x');"), &[]);
    std("ALTER TABLE t DISABLE TRIGGER ALL;", &["disable-trigger@DISABLE"]);
    std("ALTER TABLE t DISABLE TRIGGER x; ALTER TABLE t ENABLE TRIGGER x;", &[]);
    concurrent(
        "ALTER TABLE t DISABLE TRIGGER x; ALTER TABLE t ENABLE TRIGGER x;",
        &["disable-trigger@DISABLE"],
    );
    std("CREATE TABLE t (); ALTER TABLE t DISABLE TRIGGER ALL;", &[]);
}

#[test]
fn expressions_may_be_deep_and_patches_long() {
    let earlier = format!("ALTER TABLE t ADD CHECK (a IS NOT NULL{});", " AND b IS NOT NULL".repeat(15_000));
    after(&[&earlier], "ALTER TABLE t ALTER b SET NOT NULL;", &[]);
    std(&format!("ALTER TABLE t ADD a int DEFAULT {}1{};", "(".repeat(400), ")".repeat(400)), &[]);
    std(&format!("ALTER TABLE t ADD a int DEFAULT 1{};", " + 1".repeat(30_000)), &[]);
    let many = (0..5_000).map(|n| format!("CREATE TABLE t{n} (a int); CREATE INDEX i{n} ON t{n} (a);\n"));
    std(&many.collect::<String>(), &[]);
}

#[test]
fn what_is_meant_is_allowed_by_name() {
    std("-- migrate: allow truncate: it is a cache\nTRUNCATE t;", &[]);
    std("-- migrate: allow truncate: it is a cache\nTRUNCATE t; LOCK t;", &["lock-table@LOCK"]);
}

#[test]
fn a_domain_with_a_check_is_asked_of_each_row() {
    const DOMAIN: &str = "CREATE DOMAIN code AS text CHECK (length(VALUE) > 0);";
    const ADD: &str = "ALTER TABLE study ADD COLUMN short code;";
    after(&[DOMAIN], ADD, &["domain-column@ADD"]);
    std(&format!("{DOMAIN} {ADD}"), &["domain-column@ADD"]);
    after(&[DOMAIN], "ALTER TABLE study ADD short public.Code DEFAULT 'a';", &["domain-column@ADD"]);
    after(&[DOMAIN], "ALTER TABLE study ADD short code[], ADD b text;", &[]);
    after(&[DOMAIN], "CREATE TABLE study (); ALTER TABLE study ADD short code;", &[]);
    after(&["CREATE DOMAIN code AS text;"], ADD, &[]);
    after(&["CREATE DOMAIN code AS text NOT NULL;"], ADD, &["domain-column@ADD"]);
    after(
        &["CREATE DOMAIN code AS text;", "ALTER DOMAIN code ADD CHECK (VALUE <> '');"],
        ADD,
        &["domain-column@ADD"],
    );
    after(&["CREATE DOMAIN code AS text;", "ALTER DOMAIN code SET NOT NULL;"], ADD, &["domain-column@ADD"]);
    const NAMED: &str = "CREATE DOMAIN code AS text CONSTRAINT c CHECK (VALUE <> '');";
    after(&[NAMED, "ALTER DOMAIN code DROP CONSTRAINT c;"], ADD, &[]);
    after(&[DOMAIN, "DROP DOMAIN code;", "CREATE TYPE code AS ENUM ('a');"], ADD, &[]);
    after(
        &[DOMAIN, "CREATE DOMAIN short_code AS code;"],
        "ALTER TABLE t ADD a short_code;",
        &["domain-column@ADD"],
    );
}

#[test]
fn domains_that_seem_to_be_made_of_each_other_end() {
    const CHECKED: &[&str] = &["domain-column@ADD"];
    // Made of the extension's type of that name, of itself in another schema, and of each other in the words alone.
    after(&["CREATE DOMAIN app.citext AS citext;"], "ALTER TABLE t ADD a app.citext;", &[]);
    after(
        &["CREATE DOMAIN app.citext AS citext CHECK (VALUE <> '');"],
        "ALTER TABLE t ADD a app.citext;",
        CHECKED,
    );
    after(
        &["CREATE DOMAIN a.code AS text NOT NULL; CREATE DOMAIN b.code AS a.code;"],
        "ALTER TABLE t ADD a b.code;",
        CHECKED,
    );
    after(&["CREATE DOMAIN a.code AS text; CREATE DOMAIN b.code AS code;"], "ALTER TABLE t ADD a code;", &[]);
    after(
        &["CREATE DOMAIN a.x AS y; CREATE DOMAIN b.y AS x; CREATE DOMAIN a.x AS y; CREATE DOMAIN b.y AS x;"],
        "ALTER TABLE t ADD a y;",
        &[],
    );
    let names = (0..2_000).map(|n| format!("CREATE DOMAIN d{n} AS d{};", n + 1));
    after(&[&names.collect::<String>()], "ALTER TABLE t ADD a d0, ADD b d1999;", &[]);
    after(
        &["CREATE DOMAIN a AS b; CREATE DOMAIN b AS text;", "ALTER DOMAIN b RENAME TO a;"],
        "ALTER TABLE t ADD x a;",
        &[],
    );
}

#[test]
fn what_is_renamed_or_moved_is_known_by_its_new_name() {
    const DOMAIN: &str = "CREATE DOMAIN a.code AS text CHECK (VALUE <> '');";
    const ADD: &str = "ALTER TABLE t ADD x b.short;";
    const CHECKED: &[&str] = &["domain-column@ADD"];
    after(&[DOMAIN], ADD, &[]);
    after(
        &[DOMAIN, "ALTER DOMAIN a.code RENAME TO short;", "ALTER DOMAIN a.short SET SCHEMA b;"],
        ADD,
        CHECKED,
    );
    after(&[DOMAIN, "ALTER TYPE a.code RENAME TO short;", "ALTER TYPE a.short SET SCHEMA b;"], ADD, CHECKED);
    after(&[DOMAIN, "ALTER DOMAIN a.code RENAME TO short; ALTER SCHEMA a RENAME TO b;"], ADD, CHECKED);
    std(&format!("{DOMAIN} ALTER DOMAIN a.code RENAME TO short; ALTER SCHEMA a RENAME TO b; {ADD}"), CHECKED);
    after(&[DOMAIN, "ALTER DOMAIN a.code RENAME TO short;"], "ALTER TABLE t ADD x a.code;", &[]);
    after(&[DOMAIN, "DROP SCHEMA a CASCADE;"], "ALTER TABLE t ADD x a.code;", &[]);
    after(&[DOMAIN, "DROP TYPE a.code;"], "ALTER TABLE t ADD x a.code;", &[]);
    after(
        &[DOMAIN, "CREATE DOMAIN b.short AS a.code;", "ALTER DOMAIN a.code RENAME TO \"Old One\";"],
        ADD,
        CHECKED,
    );
    const NAMED: &str = "CREATE DOMAIN b.short AS text CONSTRAINT c CHECK (VALUE <> '');";
    after(
        &[NAMED, "ALTER DOMAIN b.short RENAME CONSTRAINT c TO d; ALTER DOMAIN b.short DROP CONSTRAINT d;"],
        ADD,
        &[],
    );

    // Of columns.
    const TABLE: &str = "CREATE TYPE a.mood AS ENUM ('ok'); CREATE TABLE a.t (m a.mood, v varchar(3));";
    const SAME: &str = "ALTER TABLE a.t ALTER m TYPE a.feeling;";
    after(&[TABLE], SAME, &["retype@TYPE"]);
    after(&[TABLE, "ALTER TYPE a.mood RENAME TO feeling;"], SAME, &[]);
    after(
        &[TABLE, "ALTER SCHEMA a RENAME TO b;"],
        "ALTER TABLE b.t ALTER m TYPE b.mood, ALTER v TYPE text;",
        &[],
    );
    after(&[TABLE, "ALTER TABLE a.t SET SCHEMA b;"], "ALTER TABLE b.t ALTER v TYPE text;", &[]);

    // Of what this patch made, nobody else uses.
    std("CREATE TABLE a.n (x int); ALTER TABLE a.n SET SCHEMA b; CREATE INDEX ON b.n (x);", &[]);
    std("CREATE TABLE a.n (x int); ALTER SCHEMA a RENAME TO b; CREATE INDEX ON b.n (x);", &[]);
    std(
        "CREATE TABLE n (x int); ALTER TABLE n RENAME TO t; CREATE INDEX ON n (x);",
        &["index-not-concurrent@CREATE"],
    );
    std("CREATE TABLE n (x int); CREATE INDEX i ON n (x); ALTER INDEX i RENAME TO j; DROP INDEX j;", &[]);
    std(
        "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; ALTER MATERIALIZED VIEW v RENAME TO w; REFRESH MATERIALIZED VIEW w;",
        &[],
    );
    std(
        "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e RENAME TO f; ALTER TYPE f ADD VALUE 'b'; SELECT 'b'::f;",
        &[],
    );

    // Of checks that prove something.
    const CHECK: &str = "ALTER TABLE a.t ADD CONSTRAINT c CHECK (m IS NOT NULL) NOT VALID;";
    const VALID: &str = "ALTER TABLE a.t VALIDATE CONSTRAINT c;";
    after(
        &[TABLE, CHECK, VALID, "ALTER TABLE a.t RENAME TO n;"],
        "ALTER TABLE a.n ALTER m SET NOT NULL;",
        &[],
    );
    after(
        &[TABLE, CHECK, VALID, "ALTER TABLE a.t RENAME m TO o;"],
        "ALTER TABLE a.t ALTER o SET NOT NULL;",
        &[],
    );
    after(
        &[TABLE, CHECK, VALID, "ALTER SCHEMA a RENAME TO b;"],
        "ALTER TABLE b.t ALTER m SET NOT NULL;",
        &[],
    );
    const RENAMED: &str = "ALTER TABLE a.t RENAME CONSTRAINT c TO d;";
    after(
        &[TABLE, CHECK, RENAMED, "ALTER TABLE a.t VALIDATE CONSTRAINT d;"],
        "ALTER TABLE a.t ALTER m SET NOT NULL;",
        &[],
    );
}

#[test]
fn a_table_that_is_there_is_not_made() {
    const TABLE: &str = "CREATE TABLE study (code text PRIMARY KEY, title text);";
    const AGAIN: &str = "CREATE TABLE IF NOT EXISTS study (code text PRIMARY KEY, title text);
                         CREATE INDEX study_title ON study (title);";
    after(&[TABLE], AGAIN, &["index-not-concurrent@CREATE"]);
    after(&[], AGAIN, &[]);
    after(&["CREATE TABLE site ();"], AGAIN, &[]);
    after(&[TABLE, "DROP TABLE study;"], AGAIN, &[]);
    after(&[TABLE, "ALTER TABLE study RENAME TO old;"], AGAIN, &[]);
    after(
        &["CREATE TABLE old ();", "ALTER TABLE old RENAME TO study;"],
        AGAIN,
        &["index-not-concurrent@CREATE"],
    );
    after(&["CREATE TABLE study AS SELECT 1 AS title;"], AGAIN, &["index-not-concurrent@CREATE"]);
    after(&["CREATE SCHEMA s CREATE TABLE study ();"], AGAIN, &["index-not-concurrent@CREATE"]);
    after(&[TABLE], &format!("DROP TABLE study; {AGAIN}"), &[]);
    after(
        &["CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;"],
        "CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1 AS a; REFRESH MATERIALIZED VIEW v;",
        &["refresh-not-concurrent@REFRESH"],
    );
    after(
        &["CREATE TABLE t (a int); CREATE INDEX i ON t (a);"],
        "CREATE INDEX IF NOT EXISTS i ON t (a); DROP INDEX i;",
        &["index-not-concurrent@CREATE", "drop-index-not-concurrent@DROP"],
    );
}

#[test]
fn a_type_that_is_stored_alike_is_known_from_the_patches_before() {
    const TABLE: &str = "CREATE TABLE study (id bigint PRIMARY KEY, title varchar(20), amount numeric(5,2));";
    const TEXT: &str = "ALTER TABLE study ALTER COLUMN title TYPE text;";
    after(&[TABLE], TEXT, &[]);
    after(&[TABLE], "ALTER TABLE study ALTER title SET DATA TYPE text USING title::text;", &[]);
    after(&[TABLE], "ALTER TABLE study ALTER title TYPE text USING lower(title);", &["retype@TYPE"]);
    after(&[TABLE], "ALTER TABLE study ALTER title TYPE text COLLATE \"C\";", &["retype@TYPE"]);
    after(&[TABLE], "ALTER TABLE study ALTER amount TYPE numeric(9,2);", &[]);
    after(&[TABLE], "ALTER TABLE study ALTER amount TYPE numeric(9,3);", &["retype@TYPE"]);
    after(&[TABLE], "ALTER TABLE study ALTER id TYPE int;", &["retype@TYPE"]);
    after(&["CREATE TABLE study (title int);", "ALTER TABLE study ALTER title TYPE varchar;"], TEXT, &[]);
    after(&["CREATE TABLE study ();", "ALTER TABLE study ADD title varchar(3);"], TEXT, &[]);
    after(&["CREATE TABLE study (name varchar);", "ALTER TABLE study RENAME name TO title;"], TEXT, &[]);
    after(&["CREATE TABLE old (title varchar);", "ALTER TABLE old RENAME TO study;"], TEXT, &[]);
    after(&["CREATE TABLE study (title varchar);", "ALTER TABLE study DROP title;"], TEXT, &["retype@TYPE"]);
    // Its check is looked at again.
    after(&["CREATE TABLE study (title varchar CHECK (title <> ''));"], TEXT, &["retype@TYPE"]);
    after(
        &["CREATE TABLE a.study (title varchar);", "CREATE TABLE b.study (title int);"],
        TEXT,
        &["retype@TYPE"],
    );
    after(&[], TEXT, &["retype@TYPE"]);
}

#[test]
fn postgresql_19_has_ways_of_its_own() {
    std("REPACK big;", &["rewrite@REPACK"]);
    std("REPACK (VERBOSE) big USING INDEX i;", &["rewrite@REPACK"]);
    concurrent("REPACK (CONCURRENTLY) big;", &[]);
    concurrent("REPACK (CONCURRENTLY off) big; REPACK;", &["rewrite@REPACK", "rewrite@REPACK"]);
    std("CREATE TABLE big (); REPACK big;", &[]);
    std("ALTER TABLE t MERGE PARTITIONS (a, b) INTO c;", &["rewrite@MERGE"]);
    std(
        "ALTER TABLE t SPLIT PARTITION a INTO (PARTITION b DEFAULT, PARTITION c FOR VALUES IN (1));",
        &["rewrite@SPLIT"],
    );
}

/// What is advised for the first hazard of a patch.
fn advice(kind: Kind, earlier: &[&str], text: &str) -> String {
    let (script, directives) = (Script::parse(text), Directives::parse("", text).unwrap());
    let earlier = || earlier.iter().map(|text| (*text).to_owned()).collect();
    let levels = BTreeMap::new();
    let lint =
        Lint { file: "p.sql", text, kind, directives: &directives, levels: &levels, earlier: &earlier };
    let (_, _, error) = lint.check(&script).hazards.into_iter().next().unwrap();
    error.advice().unwrap().to_owned()
}

#[test]
fn batches_go_by_the_key_that_the_bundle_shows() {
    let check = |table: &str, key: &str| {
        for patch in [
            "UPDATE approved SET code = 'a';",
            "TRUNCATE approved;",
            "ALTER TABLE approved ADD a uuid DEFAULT gen_random_uuid();",
        ] {
            let messages = advice(Kind::Std, &[table], patch);
            assert!(
                messages.contains(&format!("-- migrate: batch 5000 by {key}\n")),
                "{table} {patch} {messages}"
            );
        }
    };
    check("CREATE TABLE approved (premises_id bigint PRIMARY KEY, code text);", "premises_id");
    check("CREATE TABLE approved (a int, \"B c\" int, CONSTRAINT p PRIMARY KEY (\"B c\", a));", "\"B c\"");
    check("CREATE TABLE approved (a int, b int NOT NULL UNIQUE);", "b");
    check("CREATE TABLE approved (a int); ALTER TABLE approved ADD PRIMARY KEY (a);", "a");
    check("CREATE TABLE approved (a int PRIMARY KEY); ALTER TABLE approved RENAME a TO b;", "b");
    check("CREATE TABLE approved (a int, code text);", "…");
    check("CREATE TABLE other (a int PRIMARY KEY);", "id");
}

#[test]
fn what_stays_in_the_session_is_named() {
    std("LOAD 'auto_explain';", &["stays-in-session@LOAD"]);
    concurrent("LOAD 'auto_explain';", &["stays-in-session@LOAD"]);
    std("SELECT dblink_connect('a', 'dbname=b'); SELECT 1;", &["stays-in-session@dblink_connect"]);
    std(
        "DO $$ BEGIN PERFORM public.dblink_connect_u('a', ''); END $$;",
        &["stays-in-session@dblink_connect_u"],
    );
    std("SELECT dblink_connect('a', 'dbname=b'); SELECT dblink_disconnect('a');", &[]);
    std("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT dblink_connect('a', '') $$;", &[]);
    std("-- migrate: allow stays-in-session: all patches use it\nLOAD 'age';", &[]);
}
