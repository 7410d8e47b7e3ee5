-- case collations
CREATE COLLATION public.german (PROVIDER = icu, LOCALE = 'de');
CREATE COLLATION public."Nocase" (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE COLLATION public.posix (LOCALE = 'POSIX');
CREATE COLLATION public.mixed (LC_COLLATE = 'C', LC_CTYPE = 'POSIX');
ALTER COLLATION public.german OWNER TO catalog_owner;
COMMENT ON COLLATION public.german IS 'German';
CREATE TABLE public.s (a text COLLATE public.german, b text CHECK (b < 'x' COLLATE public.german));
CREATE INDEX i ON public.s (b COLLATE public."Nocase");
CREATE DOMAIN public.word AS text COLLATE public.german;
CREATE VIEW public.v AS SELECT a COLLATE public.mixed AS a FROM public.s;
CREATE TYPE public.pair AS (a text COLLATE public.german);
CREATE FUNCTION public.f(a text) RETURNS bool LANGUAGE sql RETURN a < 'b' COLLATE public.german;
-- case text search
CREATE TEXT SEARCH TEMPLATE public.tm (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY public.di (TEMPLATE = public.tm, STOPWORDS = 'english', ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY public.snow (TEMPLATE = snowball, LANGUAGE = 'german');
CREATE TEXT SEARCH PARSER public.pa (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH CONFIGURATION public.co (PARSER = public.pa);
ALTER TEXT SEARCH CONFIGURATION public.co ADD MAPPING FOR asciiword, word WITH public.snow, public.di, simple;
ALTER TEXT SEARCH CONFIGURATION public.co ADD MAPPING FOR hword_numpart WITH public.di;
CREATE TEXT SEARCH CONFIGURATION public."Copy" (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION public.co OWNER TO catalog_owner;
COMMENT ON TEXT SEARCH CONFIGURATION public.co IS 'co'; COMMENT ON TEXT SEARCH DICTIONARY public.di IS 'di';
COMMENT ON TEXT SEARCH PARSER public.pa IS 'pa'; COMMENT ON TEXT SEARCH TEMPLATE public.tm IS 'tm';
CREATE TABLE public.doc (t text, v tsvector GENERATED ALWAYS AS (to_tsvector('public.co'::regconfig, t)) STORED);
CREATE INDEX doc_i ON public.doc USING gin (to_tsvector('public."Copy"'::regconfig, t));
-- case operators, classes and families
CREATE FUNCTION public.lt(int, int) RETURNS bool IMMUTABLE STRICT LANGUAGE sql AS 'select $1 > $2';
CREATE FUNCTION public.cmp(int, int) RETURNS int IMMUTABLE STRICT LANGUAGE sql AS 'select btint4cmp($2, $1)';
CREATE FUNCTION public.neg(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select -$1';
CREATE OPERATOR public.<<< (FUNCTION = public.lt, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(public.>>>), NEGATOR = OPERATOR(public.>=>), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE FUNCTION public.gt(int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'select $1 < $2';
CREATE OPERATOR public.>>> (FUNCTION = public.gt, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(public.<<<));
CREATE OPERATOR public.=== (FUNCTION = pg_catalog.int4eq, LEFTARG = int, RIGHTARG = int, HASHES, MERGES);
CREATE OPERATOR public.!- (FUNCTION = public.neg, RIGHTARG = int);
COMMENT ON OPERATOR public.!- (NONE, int) IS 'minus'; ALTER OPERATOR public.<<< (int, int) OWNER TO catalog_owner;
CREATE OPERATOR FAMILY public.fam USING btree;
CREATE OPERATOR CLASS public.rev FOR TYPE int USING btree FAMILY public.fam AS OPERATOR 1 public.<<<, OPERATOR 3 pg_catalog.=, OPERATOR 5 public.>>>, FUNCTION 1 public.cmp(int, int);
CREATE FUNCTION public.cmp8(int, bigint) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 0';
ALTER OPERATOR FAMILY public.fam USING btree ADD FUNCTION 1 (int, bigint) public.cmp8(int, bigint);
CREATE OPERATOR CLASS public."Own" DEFAULT FOR TYPE box USING hash AS OPERATOR 1 pg_catalog.=, FUNCTION 1 pg_catalog.hashint4(int);
COMMENT ON OPERATOR CLASS public.rev USING btree IS 'reverse'; COMMENT ON OPERATOR FAMILY public.fam USING btree IS 'family';
CREATE TABLE public.t (a int, b int);
CREATE INDEX i ON public.t (a public.rev);
CREATE INDEX j ON public.t (b) WHERE b OPERATOR(public.<<<) 3;
CREATE VIEW public.v AS SELECT a FROM public.t WHERE a OPERATOR(public.===) 3 ORDER BY a USING OPERATOR(public.<<<);
CREATE TABLE public.p (a int) PARTITION BY RANGE (a public.rev);
-- case casts
CREATE TYPE public.amount AS (n numeric);
CREATE FUNCTION public.to_amount(numeric) RETURNS public.amount IMMUTABLE LANGUAGE sql AS 'select row($1)::public.amount';
CREATE CAST (numeric AS public.amount) WITH FUNCTION public.to_amount(numeric) AS ASSIGNMENT;
CREATE DOMAIN public.code AS text;
CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE CAST (text AS public.mood) WITH INOUT AS IMPLICIT;
CREATE CAST (public.mood AS bytea) WITH INOUT;
COMMENT ON CAST (text AS public.mood) IS 'implicit';
CREATE VIEW public.v AS SELECT 3::numeric::public.amount AS a, 'x'::text::public.mood AS m;
CREATE TABLE public.t (a public.amount DEFAULT 3::numeric::public.amount);
-- case base types
CREATE TYPE public.num;
CREATE FUNCTION public.num_in(cstring) RETURNS public.num IMMUTABLE STRICT LANGUAGE internal AS 'int4in';
CREATE FUNCTION public.num_out(public.num) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'int4out';
CREATE TYPE public.num (INPUT = public.num_in, OUTPUT = public.num_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4, CATEGORY = 'N', DEFAULT = '7', DELIMITER = ';');
CREATE TYPE public."Txt";
CREATE FUNCTION public.txt_in(cstring) RETURNS public."Txt" IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION public.txt_out(public."Txt") RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
CREATE TYPE public."Txt" (INPUT = public.txt_in, OUTPUT = public.txt_out, STORAGE = extended, COLLATABLE = true);
CREATE TYPE public.never;
COMMENT ON TYPE public.num IS 'num'; GRANT USAGE ON TYPE public.num TO catalog_reader; ALTER TYPE public.num OWNER TO catalog_owner;
REVOKE USAGE ON TYPE public.num FROM PUBLIC;
CREATE TABLE public.t (a public.num, b public."Txt"[] DEFAULT '{a}');
CREATE FUNCTION public.twice(public.num) RETURNS public.num LANGUAGE sql AS 'select $1';
CREATE CAST (public.num AS int) WITHOUT FUNCTION;
-- case a range with a function of its own
CREATE TYPE public.span;
CREATE FUNCTION public.canon(public.span) RETURNS public.span IMMUTABLE STRICT LANGUAGE internal AS 'int4range_canonical';
CREATE FUNCTION public.apart(int, int) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'select 1.0::float8';
CREATE TYPE public.span AS RANGE (SUBTYPE = int4, CANONICAL = public.canon, SUBTYPE_DIFF = public.apart, MULTIRANGE_TYPE_NAME = public.spans);
CREATE TABLE public.t (a public.span, b public.spans);
-- case conversions, languages, transforms
CREATE CONVERSION public.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION public."Conv" FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
COMMENT ON CONVERSION public.conv IS 'conv'; ALTER CONVERSION public.conv OWNER TO catalog_owner;
CREATE TRUSTED LANGUAGE mine HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
COMMENT ON LANGUAGE mine IS 'mine'; REVOKE USAGE ON LANGUAGE mine FROM PUBLIC; GRANT USAGE ON LANGUAGE mine TO catalog_reader;
CREATE FUNCTION public.f() RETURNS int LANGUAGE mine AS 'begin return 1; end';
CREATE TYPE public.pair AS (a int);
CREATE FUNCTION public.from_pair(internal) RETURNS internal IMMUTABLE LANGUAGE internal AS 'prsd_lextype';
CREATE TRANSFORM FOR public.pair LANGUAGE mine (FROM SQL WITH FUNCTION public.from_pair(internal));
COMMENT ON TRANSFORM FOR public.pair LANGUAGE mine IS 'transform';
-- case a view and a function need each other
CREATE TABLE public.s (a int);
CREATE VIEW public.v AS SELECT a, NULL::int AS b FROM public.s;
CREATE FUNCTION public.f(public.v) RETURNS int LANGUAGE sql AS 'select 1';
CREATE OR REPLACE VIEW public.v WITH (security_barrier = true) AS SELECT a, public.f(NULL::public.v) AS b FROM public.s;
CREATE VIEW public.w AS SELECT b FROM public.v;
-- case two functions need each other, and a domain and its check
CREATE FUNCTION public.g(x int) RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION public.f(x int) RETURNS int LANGUAGE sql RETURN public.g(x);
CREATE OR REPLACE FUNCTION public.g(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT public.f(x); END;
CREATE DOMAIN public.d AS int;
CREATE FUNCTION public.ok(public.d) RETURNS bool LANGUAGE sql AS 'select true';
ALTER DOMAIN public.d ADD CONSTRAINT ck CHECK (public.ok(VALUE));
COMMENT ON CONSTRAINT ck ON DOMAIN public.d IS 'ck';
CREATE TABLE public.t (a public.d);
-- case statistics, publications, event triggers
CREATE TABLE public.t (a int, b int);
CREATE STATISTICS public.st (ndistinct, mcv) ON a, b, (a + b) FROM public.t;
ALTER STATISTICS public.st SET STATISTICS 7;
CREATE PUBLICATION pb FOR TABLES IN SCHEMA public; -- from 15
CREATE FUNCTION public.ev() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
CREATE EVENT TRIGGER ev ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION public.ev();
