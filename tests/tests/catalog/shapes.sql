-- case ts options odd
CREATE TEXT SEARCH DICTIONARY public."Di" (TEMPLATE = synonym, SYNONYMS = 'synonym_sample');
CREATE TEXT SEARCH DICTIONARY public.d2 (TEMPLATE = simple, stopwords = english, "accept" = 'false');
-- case opclass storage and order by
CREATE OPERATOR CLASS public.g FOR TYPE point USING gist AS OPERATOR 15 pg_catalog.<->(point, point) FOR ORDER BY pg_catalog.float_ops, FUNCTION 1 pg_catalog.gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 pg_catalog.gist_box_union(internal, internal), FUNCTION 3 pg_catalog.gist_point_compress(internal), FUNCTION 5 pg_catalog.gist_box_penalty(internal,internal,internal), FUNCTION 6 pg_catalog.gist_box_picksplit(internal, internal), FUNCTION 7 pg_catalog.gist_box_same(box, box, internal), FUNCTION 8 (point,point) pg_catalog.gist_point_distance(internal, point, smallint, oid, internal), STORAGE box;
CREATE TABLE public.t (p point); CREATE INDEX i ON public.t USING gist (p public.g);
-- case cast functions with many args
CREATE TYPE public.a AS (x int);
CREATE FUNCTION public.c(public.a, int, bool) RETURNS public.a LANGUAGE sql AS 'select $1';
CREATE CAST (public.a AS public.a) WITH FUNCTION public.c(public.a, int, bool) AS IMPLICIT;
CREATE CAST (public.a AS text) WITH INOUT;
CREATE FUNCTION public.t2j(text) RETURNS json LANGUAGE sql AS 'select null::json';
CREATE CAST (text AS json) WITH FUNCTION public.t2j(text) AS ASSIGNMENT;
-- case function settings, support, transforms, variadic, defaults
CREATE FUNCTION public.f(VARIADIC a int[] DEFAULT '{}') RETURNS int LANGUAGE sql SET search_path = public, pg_temp SET work_mem = '4MB' SECURITY DEFINER COST 7 LEAKPROOF PARALLEL SAFE AS 'select 1';
CREATE FUNCTION public.g(OUT a int, OUT b text) RETURNS SETOF record ROWS 5 LANGUAGE sql AS 'select 1, null::text';
CREATE FUNCTION public.h() RETURNS TABLE (x int, "Y" text) LANGUAGE sql AS $$ select 1, 'a' $$;
CREATE PROCEDURE public.p(INOUT a int) LANGUAGE sql AS 'select 1';
CREATE AGGREGATE public.ag(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE);
CREATE AGGREGATE public.osa(float8 ORDER BY int) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA); 
-- case table oddities
CREATE TYPE public.ty AS (a int, b text);
CREATE TABLE public.t1 OF public.ty (PRIMARY KEY (a), b WITH OPTIONS DEFAULT 'x' NOT NULL);
CREATE TABLE public.t2 (LIKE public.t1 INCLUDING ALL);
CREATE TABLE public.empty ();
CREATE TABLE public.sys (a int, CONSTRAINT "Odd name" UNIQUE (a) DEFERRABLE INITIALLY DEFERRED) WITH (autovacuum_enabled = false, toast_tuple_target = 4096);
ALTER TABLE public.sys CLUSTER ON "Odd name"; ALTER TABLE public.sys REPLICA IDENTITY FULL;
CREATE TABLE public.nn (a int NOT NULL); CREATE UNIQUE INDEX nni ON public.nn (a) INCLUDE (a) ; ALTER TABLE public.nn REPLICA IDENTITY USING INDEX nni;
CREATE TABLE public.nd (a int, UNIQUE NULLS NOT DISTINCT (a)); -- from 15
CREATE TABLE public.ex (a int4range, b int, EXCLUDE USING gist (a WITH &&) WHERE (b > 3) DEFERRABLE);
CREATE TABLE public.fk (a int REFERENCES public.t1 (a) MATCH FULL ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE);
CREATE TABLE public.fk2 (a int, b int, FOREIGN KEY (a) REFERENCES public.t1 (a) ON DELETE SET DEFAULT (a)); -- from 15
ALTER TABLE public.fk2 ADD CONSTRAINT nv CHECK (b > 0) NOT VALID; -- from 15
ALTER TABLE public.t1 ENABLE ROW LEVEL SECURITY; ALTER TABLE public.t1 FORCE ROW LEVEL SECURITY;
ALTER TABLE public.t1 ALTER b SET (n_distinct = 5, n_distinct_inherited = -0.5);
-- case partitions of many kinds
CREATE TABLE public.h (a int, b text) PARTITION BY HASH (a);
CREATE TABLE public.h0 PARTITION OF public.h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.r (a int, b text, c date) PARTITION BY RANGE (lower(b), (a + 1) );
CREATE TABLE public.r1 PARTITION OF public.r FOR VALUES FROM (MINVALUE, MINVALUE) TO ('m', 5);
CREATE TABLE public.rd PARTITION OF public.r DEFAULT;
CREATE TABLE public.l (a int PRIMARY KEY, b text) PARTITION BY LIST (a);
CREATE TABLE public.l1 PARTITION OF public.l FOR VALUES IN (1, NULL) PARTITION BY LIST (a);
CREATE TABLE public.l11 PARTITION OF public.l1 FOR VALUES IN (1);
CREATE INDEX li ON public.l (b); CREATE INDEX lo ON ONLY public.l (b DESC);
CREATE TABLE public.x (b text, a int NOT NULL);
CREATE INDEX xi ON public.x (b);
ALTER TABLE public.l ATTACH PARTITION public.x FOR VALUES IN (7);
CREATE FUNCTION public.tg() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER tr AFTER INSERT ON public.l FOR EACH ROW EXECUTE FUNCTION public.tg();
ALTER TABLE public.l11 DISABLE TRIGGER tr; ALTER TABLE public.l11 ENABLE ALWAYS TRIGGER tr;
CREATE TABLE public.ref (a int REFERENCES public.l);
-- case identity and sequences
CREATE SEQUENCE public.s1 AS smallint INCREMENT -2 MINVALUE -7 MAXVALUE 7 START 3 CACHE 5 CYCLE;
CREATE SEQUENCE public.s2 AS integer; CREATE SEQUENCE public.s3 INCREMENT -1; CREATE SEQUENCE public.s4 NO MINVALUE;
CREATE TABLE public.t (a int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public.own START 7), b bigserial, c smallserial);
ALTER SEQUENCE public.s2 OWNED BY public.t.c; COMMENT ON SEQUENCE public.own IS 'own'; GRANT USAGE ON SEQUENCE public.own TO catalog_reader;
ALTER TABLE public.t RENAME TO t_new; ALTER TABLE public.t_new RENAME a TO a_new;
-- case view rules and triggers
CREATE TABLE public.t (a int, b int DEFAULT 4);
CREATE VIEW public.v AS SELECT * FROM public.t;
CREATE RULE "_ins" AS ON INSERT TO public.v DO INSTEAD INSERT INTO public.t VALUES (NEW.*) RETURNING *;
CREATE FUNCTION public.tg() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER io INSTEAD OF UPDATE ON public.v FOR EACH ROW EXECUTE FUNCTION public.tg();
CREATE CONSTRAINT TRIGGER ct AFTER INSERT OR UPDATE OF a ON public.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION public.tg('x', E'y\n');
CREATE TRIGGER tt AFTER UPDATE ON public.t REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION public.tg();
CREATE RULE nothing AS ON DELETE TO public.t WHERE OLD.a > 3 DO INSTEAD NOTHING; ALTER TABLE public.t DISABLE RULE nothing;
COMMENT ON COLUMN public.v.a IS 'va'; COMMENT ON RULE nothing ON public.t IS 'n'; COMMENT ON TRIGGER ct ON public.t IS 'ct';
GRANT SELECT (a), UPDATE (b) ON public.v TO catalog_reader; GRANT ALL ON public.t TO catalog_reader WITH GRANT OPTION;
CREATE RECURSIVE VIEW public.rec (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM rec WHERE n < 5;
-- case default privileges
ALTER DEFAULT PRIVILEGES FOR ROLE catalog_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE catalog_owner IN SCHEMA public GRANT SELECT ON TABLES TO catalog_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE catalog_owner GRANT USAGE ON SCHEMAS TO catalog_reader;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO catalog_reader;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
CREATE TABLE public.t (a int); CREATE TYPE public.e AS ENUM ('a'); CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'select 1'; CREATE SCHEMA sc;
-- case owner revoked and public granted
CREATE TABLE public.t (a int); REVOKE ALL ON public.t FROM postgres; GRANT INSERT ON public.t TO PUBLIC;
CREATE SCHEMA s AUTHORIZATION catalog_owner; GRANT CREATE ON SCHEMA s TO catalog_reader; REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'select 1'; ALTER FUNCTION s.f() OWNER TO catalog_owner; REVOKE ALL ON FUNCTION s.f() FROM PUBLIC, catalog_owner;
-- case extension objects beside
CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext; CREATE EXTENSION btree_gist SCHEMA ext;
CREATE TABLE public.t (h ext.hstore DEFAULT '"a"=>"b"', x text, i int, EXCLUDE USING gist (i WITH =, x WITH =) );
CREATE INDEX ON public.t USING gin (x ext.gin_trgm_ops); CREATE INDEX ON public.t USING gist (x ext.gist_trgm_ops (siglen = 32));
CREATE FUNCTION public.ff(ext.hstore) RETURNS int LANGUAGE sql AS 'select 1'; GRANT USAGE ON SCHEMA ext TO PUBLIC; GRANT EXECUTE ON FUNCTION ext.akeys(ext.hstore) TO catalog_reader;
REVOKE ALL ON TYPE ext.hstore FROM PUBLIC; GRANT USAGE ON TYPE ext.hstore TO catalog_reader;
-- case extension member added and removed
CREATE EXTENSION citext SCHEMA public; CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'select 1'; 
CREATE TABLE public.t (c public.citext PRIMARY KEY, CHECK (c <> 'x'), CHECK (c ~ 'a'));
CREATE VIEW public.v AS SELECT c FROM public.t WHERE c = 'x' ORDER BY c;
-- case foreign tables
CREATE EXTENSION postgres_fdw SCHEMA public; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', dbname 'd');
CREATE FOREIGN TABLE public.f (a int NOT NULL DEFAULT 3 CHECK (a > 0), b text OPTIONS (column_name 'x') COLLATE "C", c int GENERATED ALWAYS AS (a + 1) STORED) SERVER s OPTIONS (table_name 'q''r');
CREATE FOREIGN TABLE public.fi () INHERITS (public.f) SERVER s; GRANT SELECT ON public.f TO catalog_reader; GRANT USAGE ON FOREIGN SERVER s TO catalog_reader; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO catalog_reader;
CREATE USER MAPPING FOR catalog_owner SERVER s OPTIONS (user 'x');
-- case policies
CREATE TABLE public.t (a int, o name); CREATE FUNCTION public.may(int) RETURNS bool LANGUAGE sql AS 'select true';
CREATE POLICY p1 ON public.t AS RESTRICTIVE FOR UPDATE TO catalog_reader, PUBLIC USING (public.may(a)) WITH CHECK (o = CURRENT_USER);
CREATE POLICY p2 ON public.t FOR INSERT WITH CHECK (EXISTS (SELECT FROM public.t x WHERE x.a = t.a)); COMMENT ON POLICY p2 ON public.t IS 'p';
-- case domains
CREATE DOMAIN public.d AS int DEFAULT 7 NOT NULL CONSTRAINT "Pos" CHECK (VALUE > 0);
CREATE DOMAIN public.dd AS public.d; ALTER DOMAIN public.dd ADD CONSTRAINT nv CHECK (VALUE < 100) NOT VALID;
CREATE DOMAIN public.arr AS text[] COLLATE "C"; CREATE TYPE public.rg AS RANGE (SUBTYPE = public.d); CREATE TABLE public.t (a public.dd[], b public.rg);
-- case deep circles
CREATE TABLE public.b (a int); CREATE VIEW public.v1 AS SELECT a FROM public.b; CREATE VIEW public.v2 AS SELECT a FROM public.b;
CREATE FUNCTION public.f1(public.v1) RETURNS public.v2 LANGUAGE sql AS 'select null::public.v2'; CREATE FUNCTION public.f2(public.v2) RETURNS public.v1 LANGUAGE sql BEGIN ATOMIC SELECT a FROM public.v1; END;
CREATE OR REPLACE VIEW public.v1 AS SELECT a FROM public.b WHERE (public.f2(NULL)) IS NULL; 
CREATE OR REPLACE VIEW public.v2 AS SELECT (public.f1(NULL)).a;
CREATE TABLE public.t (a int); CREATE FUNCTION public.ft(public.t) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1'; CREATE INDEX ON public.t (public.ft(t)); ALTER TABLE public.t ADD CHECK (public.ft(t) > 0), ADD b int;
-- case statistics and publication
CREATE TABLE public.t (a int, b text); CREATE STATISTICS public.s1 ON a, b FROM public.t; CREATE STATISTICS public.s2 ON (a + 1) FROM public.t; ALTER STATISTICS public.s1 OWNER TO catalog_owner; COMMENT ON STATISTICS public.s1 IS 's';
CREATE SCHEMA sc; CREATE PUBLICATION p1 FOR ALL TABLES WITH (publish = 'insert, truncate', publish_via_partition_root = true); CREATE PUBLICATION p0;
CREATE PUBLICATION p2 FOR TABLE public.t (b, a) WHERE (a > 3); -- from 15
CREATE PUBLICATION p3 FOR TABLES IN SCHEMA sc, public; -- from 15
COMMENT ON PUBLICATION p1 IS 'p1'; ALTER PUBLICATION p0 OWNER TO catalog_owner;
-- case xml and settings in expressions
CREATE TABLE public.t (x xml DEFAULT xmlparse(content 'a<b/>'), d date DEFAULT '2020-02-01'::date, i interval DEFAULT '1 year 2 mons', f float8 DEFAULT 0.1, m money DEFAULT 3.5, b bytea DEFAULT '\x00ff', ts timestamptz DEFAULT '2020-01-01 00:00+02');
-- case column privileges by another grantor
CREATE TABLE public.t (a int, "B" int); GRANT SELECT ON public.t TO catalog_reader WITH GRANT OPTION; SET SESSION AUTHORIZATION catalog_reader; GRANT SELECT ON public.t TO catalog_other; RESET SESSION AUTHORIZATION; GRANT REFERENCES ("B") ON public.t TO catalog_other;
-- case base type aligned like others
CREATE TYPE public.vec; CREATE FUNCTION public.vi(cstring, oid, int) RETURNS public.vec IMMUTABLE LANGUAGE internal AS 'varcharin'; CREATE FUNCTION public.vo(public.vec) RETURNS cstring IMMUTABLE LANGUAGE internal AS 'varcharout';
CREATE FUNCTION public.vti(cstring[]) RETURNS int IMMUTABLE LANGUAGE internal AS 'varchartypmodin'; CREATE FUNCTION public.vto(int) RETURNS cstring IMMUTABLE LANGUAGE internal AS 'varchartypmodout';
CREATE TYPE public.vec (INPUT = public.vi, OUTPUT = public.vo, TYPMOD_IN = public.vti, TYPMOD_OUT = public.vto, LIKE = pg_catalog.varchar, CATEGORY = 'S', PREFERRED = true);
CREATE TABLE public.t (a public.vec(7), b public.vec[]); CREATE TYPE public.comp AS (v public.vec); CREATE DOMAIN public.dv AS public.vec(3);
