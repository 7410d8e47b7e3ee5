-- Tables as rex.deploy makes them: identities with generators, enums, links, serial ids, comments with titles.
CREATE TABLE study (id serial4 NOT NULL, code text NOT NULL, title text);
ALTER TABLE study ADD CONSTRAINT study_uk UNIQUE (id);
ALTER TABLE study ADD CONSTRAINT study_pk PRIMARY KEY (code), CLUSTER ON study_pk;
COMMENT ON TABLE study IS E'---\ntitle: Study';
CREATE TYPE individual_sex_enum AS ENUM ('not-known', 'male', 'female', 'not-applicable');
CREATE TABLE individual (id serial4 NOT NULL, study_id int4 NOT NULL, code text NOT NULL, sex individual_sex_enum DEFAULT 'not-known' NOT NULL,
    mother_id int4, born date DEFAULT 'now'::text::date, number int4);
ALTER TABLE individual ADD CONSTRAINT individual_uk UNIQUE (id);
ALTER TABLE individual ADD CONSTRAINT individual_study_fk FOREIGN KEY (study_id) REFERENCES study (id) ON DELETE CASCADE;
ALTER TABLE individual ADD CONSTRAINT individual_mother_fk FOREIGN KEY (mother_id) REFERENCES individual (id) ON DELETE SET DEFAULT;
CREATE INDEX individual_study_fk ON individual (study_id);
CREATE INDEX individual_mother_fk ON individual (mother_id);
ALTER TABLE individual ADD CONSTRAINT individual_pk PRIMARY KEY (study_id, code), CLUSTER ON individual_pk;
CREATE FUNCTION individual_pk() RETURNS trigger LANGUAGE plpgsql AS '
DECLARE
    _code text;
BEGIN
    IF NEW."code" IS NULL THEN
        SELECT COALESCE(MAX("code"::int), 0) + 1 INTO _code FROM "individual" WHERE "study_id" = NEW."study_id";
        NEW."code" := lpad(_code, 2, ''0'');
    END IF;
    RETURN NEW;
END;
';
CREATE TRIGGER individual_pk BEFORE INSERT ON individual FOR EACH ROW EXECUTE PROCEDURE individual_pk();
CREATE UNLOGGED TABLE "order" (id serial4 NOT NULL UNIQUE, "user" text COLLATE "C", at timestamp DEFAULT now(), total numeric DEFAULT 1.50, done bool DEFAULT true, data jsonb DEFAULT '{}');
