//! The same facts hold in databases that rex.deploy created, unchanged.

use embed_migrate_core::facts::{DirectoryFiles, parse, read};
use embed_migrate_runtime::Driver;
use tests::{connect, database};
use tokio_postgres::{Client, Config};

async fn holds(config: &Config, facts: &[embed_migrate_core::facts::Fact]) {
    let mut driver = Driver::connect(config).await.unwrap();
    driver.verify(facts).await.unwrap();
    let deployed = driver.deploy(facts).await.unwrap();
    assert!(deployed.is_empty(), "{deployed:#?}");
    driver.rollback().await.unwrap();
}

const FACTS: &str = "
- table: family
  title: Family
  with:
  - {column: code, type: text}
  - {column: inc_a, type: integer, default: 5, required: false}
  - {column: seen, type: date, default: today()}
  - {column: at, type: datetime, default: now()}
  - {column: price, type: decimal, default: 1.5}
  - {column: note, type: json, default: {a: [1, 2]}}
  - identity: [code: random]
- table: individual
  with:
  - {link: family}
  - {column: code, type: text}
  - {column: sex, type: [not-known, male, female], default: not-known, title: 'Sex: as told'}
  - {column: email, type: text, unique: true, required: false}
  - {link: mother, to: individual, required: false}
  - {link: father, to: individual, required: false, unique: true}
  - identity: [family, code: offset]
- table: patient_id
  with:
  - {column: id, type: text}
- {alias: family.size, expression: count(individual)}
";

/// As rex.deploy says it, statement by statement.
const MADE: &str = r#"
CREATE TABLE "family" ("id" "int4" NOT NULL);
CREATE SEQUENCE "family_seq" OWNED BY "family"."id";
ALTER TABLE "family" ALTER COLUMN "id" SET DEFAULT nextval('family_seq'::regclass);
ALTER TABLE "family" ADD CONSTRAINT "family_uk" UNIQUE ("id");
COMMENT ON TABLE "family" IS E'---\ntitle: Family\naliases:\n- size := count(individual)\n';
ALTER TABLE "family" ADD COLUMN "code" "text" NOT NULL;
ALTER TABLE "family" ADD COLUMN "inc_a" "int8" DEFAULT 5;
COMMENT ON COLUMN "family"."inc_a" IS E'---\ndefault: 5\n';
ALTER TABLE "family" ADD COLUMN "seen" "date" NOT NULL DEFAULT 'now'::text::date;
COMMENT ON COLUMN "family"."seen" IS E'---\ndefault: today()\n';
ALTER TABLE "family" ADD COLUMN "at" "timestamp" NOT NULL DEFAULT 'now'::text::timestamp;
COMMENT ON COLUMN "family"."at" IS E'---\ndefault: now()\n';
ALTER TABLE "family" ADD COLUMN "price" "numeric" NOT NULL DEFAULT 1.5;
COMMENT ON COLUMN "family"."price" IS E'---\ndefault: 1.5\n';
ALTER TABLE "family" ADD COLUMN "note" "jsonb" NOT NULL DEFAULT '{"a":[1,2]}'::jsonb;
COMMENT ON COLUMN "family"."note" IS E'---\ndefault:\n  a: [1, 2]\n';
ALTER TABLE "family" ADD CONSTRAINT "family_pk" PRIMARY KEY ("code");
ALTER TABLE "family" CLUSTER ON "family_pk";
CREATE FUNCTION "family_pk"() RETURNS "trigger" LANGUAGE plpgsql AS '
DECLARE
  _letters text := ''ABCDEFGHJKLMNPQRTUVWXYZ'';
BEGIN
  IF NEW."code" IS NULL THEN NEW."code" := md5(random()::text); END IF;
  RETURN NEW;
END;
';
CREATE TRIGGER "family_pk" BEFORE INSERT ON "family" FOR EACH ROW EXECUTE PROCEDURE "family_pk"();
COMMENT ON CONSTRAINT "family_pk" ON "family" IS E'---\ngenerators: [random]\n';

CREATE TABLE "individual" ("id" "int4" NOT NULL);
CREATE SEQUENCE "individual_seq" OWNED BY "individual"."id";
ALTER TABLE "individual" ALTER COLUMN "id" SET DEFAULT nextval('individual_seq'::regclass);
ALTER TABLE "individual" ADD CONSTRAINT "individual_uk" UNIQUE ("id");
ALTER TABLE "individual" ADD COLUMN "family_id" "int4" NOT NULL;
ALTER TABLE "individual" ADD CONSTRAINT "individual_family_fk" FOREIGN KEY ("family_id") REFERENCES "family" ("id") ON DELETE CASCADE;
CREATE INDEX "individual_family_fk" ON "individual" ("family_id");
ALTER TABLE "individual" ADD COLUMN "code" "text" NOT NULL;
CREATE TYPE "individual_sex_enum" AS ENUM ('not-known', 'male', 'female');
ALTER TABLE "individual" ADD COLUMN "sex" "individual_sex_enum" NOT NULL DEFAULT 'not-known'::"individual_sex_enum";
COMMENT ON COLUMN "individual"."sex" IS E'---\ntitle: \'Sex: as told\'\ndefault: not-known\n';
ALTER TABLE "individual" ADD COLUMN "email" "text";
ALTER TABLE "individual" ADD CONSTRAINT "individual_email_uk" UNIQUE ("email");
ALTER TABLE "individual" ADD COLUMN "mother_id" "int4";
ALTER TABLE "individual" ADD CONSTRAINT "individual_mother_fk" FOREIGN KEY ("mother_id") REFERENCES "individual" ("id") ON DELETE SET DEFAULT;
CREATE INDEX "individual_mother_fk" ON "individual" ("mother_id");
ALTER TABLE "individual" ADD COLUMN "father_id" "int4";
ALTER TABLE "individual" ADD CONSTRAINT "individual_father_fk" FOREIGN KEY ("father_id") REFERENCES "individual" ("id") ON DELETE SET DEFAULT;
ALTER TABLE "individual" ADD CONSTRAINT "individual_father_uk" UNIQUE ("father_id");
ALTER TABLE "individual" ADD CONSTRAINT "individual_pk" PRIMARY KEY ("family_id", "code");
ALTER TABLE "individual" CLUSTER ON "individual_pk";
CREATE FUNCTION "individual_pk"() RETURNS "trigger" LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "individual_pk" BEFORE INSERT ON "individual" FOR EACH ROW EXECUTE PROCEDURE "individual_pk"();
COMMENT ON CONSTRAINT "individual_pk" ON "individual" IS E'---\ngenerators: [null, offset]\n';

CREATE TABLE "patient_id__9f065c" ("id" "int4" NOT NULL);
CREATE SEQUENCE "patient_id__seq" OWNED BY "patient_id__9f065c"."id";
ALTER TABLE "patient_id__9f065c" ALTER COLUMN "id" SET DEFAULT nextval('patient_id__seq'::regclass);
ALTER TABLE "patient_id__9f065c" ADD CONSTRAINT "patient_id__uk" UNIQUE ("id");
COMMENT ON TABLE "patient_id__9f065c" IS E'---\nlabel: patient_id\n';
ALTER TABLE "patient_id__9f065c" ADD COLUMN "id_b80bb7" "text" NOT NULL;
COMMENT ON COLUMN "patient_id__9f065c"."id_b80bb7" IS E'---\nlabel: id\n';
"#;

#[tokio::test]
async fn a_database_that_rex_deploy_made_holds_unchanged() {
    let config = database().await;
    connect(&config).await.batch_execute(MADE).await.unwrap();
    holds(&config, &parse("deploy.yaml", FACTS).unwrap()).await;
}

/// Gives a table that was made here the form that rex.deploy gives it.
const REMADE: &str = r#"
DO $$
DECLARE one record; made text;
BEGIN
    FOR one IN SELECT c.oid::regclass AS t, pg_get_serial_sequence(c.oid::regclass::text, 'id') AS s FROM pg_class AS c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'id' AND attidentity <> '')
    LOOP
        made := one.s;
        EXECUTE format('ALTER TABLE %s ALTER id DROP IDENTITY', one.t);
        EXECUTE format('CREATE SEQUENCE %s OWNED BY %s.id', made, one.t);
        EXECUTE format('ALTER TABLE %s ALTER id TYPE int4, ALTER id SET DEFAULT nextval(%L::regclass)', one.t, made);
    END LOOP;
    FOR one IN SELECT conrelid::regclass AS t, a.attname AS c FROM pg_constraint AS k
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum] WHERE contype = 'f'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I TYPE int4', one.t, one.c);
    END LOOP;
    FOR one IN SELECT conrelid::regclass AS t, conname AS k FROM pg_constraint
        WHERE contype = 'p' AND connamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s CLUSTER ON %I', one.t, one.k);
    END LOOP;
    FOR one IN SELECT t.tgrelid::regclass AS t, t.tgname AS n, t.tgfoid::regproc AS f,
        obj_description(k.oid, 'pg_constraint') AS said
        FROM pg_trigger AS t JOIN pg_constraint AS k ON k.conrelid = t.tgrelid AND k.conname = t.tgname AND k.contype = 'p'
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %L', one.f, 'BEGIN RETURN NEW; END');
        EXECUTE format('DROP TRIGGER %I ON %s', one.n, one.t);
        EXECUTE format('CREATE TRIGGER %I BEFORE INSERT ON %s FOR EACH ROW EXECUTE PROCEDURE %s()', one.n, one.t, one.f);
        EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', one.n, one.t, regexp_replace(one.said, 'made: [^\n]*\n', ''));
    END LOOP;
END $$;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn each_case_holds_in_the_form_that_rex_deploy_gives_it() {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases");
    for case in std::fs::read_dir(cases).unwrap() {
        let facts = read(&DirectoryFiles::new(case.unwrap().path(), ""), "deploy.yaml").unwrap();
        let config = database().await;
        let mut driver = Driver::connect(&config).await.unwrap();
        driver.deploy(facts.as_slice()).await.unwrap();
        driver.commit().await.unwrap();
        let client: Client = connect(&config).await;
        client.batch_execute(REMADE).await.unwrap();
        holds(&config, &facts).await;
    }
}
