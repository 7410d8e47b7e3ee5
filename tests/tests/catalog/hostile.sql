-- Names that no SQL of ours may stumble over.
CREATE SCHEMA "a.b ""c""";
CREATE TABLE "a.b ""c"""."select" ("from" integer, "ß'\ 
new line" text DEFAULT E'\\''$$"', "$1" integer GENERATED ALWAYS AS IDENTITY, "{}" text[] DEFAULT '{"a,b",NULL,"\"}"}', "UPPER" "char",
    CONSTRAINT "primary key" PRIMARY KEY ("from"), CONSTRAINT "che""ck ; --" CHECK ("UPPER" <> ';'), UNIQUE ("ß'\ 
new line", "$1"));
CREATE TYPE "a.b ""c"""."ty pe" AS ENUM ('{', '}', '"', '\', ',', 'NULL', '', ' ');
CREATE TYPE "a.b ""c"""."compo.site" AS ("a,b" text, "{" text, "NULL" text);
CREATE DOMAIN "a.b ""c"""."do'main" AS "a.b ""c"""."ty pe" CONSTRAINT "{,}" CHECK (VALUE <> '\') CONSTRAINT "NULL" CHECK (VALUE <> ',');
COMMENT ON CONSTRAINT "{,}" ON DOMAIN "a.b ""c"""."do'main" IS E'\\ '' " \n';
CREATE TABLE "a.b ""c"""."child table" ("to" integer REFERENCES "a.b ""c"""."select", kind "a.b ""c"""."do'main" DEFAULT '{') WITH (fillfactor = 30);
CREATE INDEX "in.dex" ON "a.b ""c"""."child table" ("to");
CREATE INDEX "Ünï" ON "a.b ""c"""."child table" (("to" + 1), "kind");
CREATE FUNCTION "a.b ""c"""."fun(c)"("a,b" text DEFAULT ')', "x y" "a.b ""c"""."ty pe"[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS '
-- it''s $function$ and \ and "
BEGIN RETURN; END';
CREATE FUNCTION "a.b ""c"""."fun(c)"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER "tri g" AFTER INSERT ON "a.b ""c"""."select" EXECUTE FUNCTION "a.b ""c"""."fun(c)"('''', '\');
CREATE VIEW "a.b ""c"""."vi""ew" AS SELECT "from" AS "order", "ß'\ 
new line" AS "x;y" FROM "a.b ""c"""."select" WHERE "UPPER" = '''';
CREATE RULE "ru;le" AS ON UPDATE TO "a.b ""c"""."select" DO NOTHING;
CREATE POLICY "pol'icy" ON "a.b ""c"""."select" TO "catalog ""odd"" =/ röle" USING ("UPPER" = '\');
CREATE SEQUENCE "a.b ""c"""."se'q" OWNED BY "a.b ""c"""."select"."$1";
GRANT SELECT ("from"), INSERT ("ß'\ 
new line") ON "a.b ""c"""."select" TO "catalog ""odd"" =/ röle";
GRANT ALL ON "a.b ""c"""."select" TO "catalog ""odd"" =/ röle" WITH GRANT OPTION;
ALTER TABLE "a.b ""c"""."child table" OWNER TO "catalog ""odd"" =/ röle";
CREATE STATISTICS "a.b ""c"""."st at" ON "from", "$1" FROM "a.b ""c"""."select";
COMMENT ON TABLE "a.b ""c"""."select" IS E'\\ '' " \n; --';
COMMENT ON COLUMN "a.b ""c"""."select"."ß'\ 
new line" IS '';
COMMENT ON COLUMN "a.b ""c"""."select"."from" IS 'from';
