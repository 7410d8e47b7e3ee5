-- case argument_renamed
CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'select 1'; GRANT EXECUTE ON FUNCTION f(int) TO reader_role; COMMENT ON FUNCTION f(int) IS 'f'; CREATE VIEW v AS SELECT f(1);
-- to
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1'; GRANT EXECUTE ON FUNCTION f(int) TO reader_role; COMMENT ON FUNCTION f(int) IS 'f'; CREATE VIEW v AS SELECT f(1);
-- case return_type
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1'; CREATE TABLE s(a int DEFAULT f(1), CHECK (f(a) > 0));
-- to
CREATE FUNCTION f(int) RETURNS bigint LANGUAGE sql AS 'select 1'; CREATE TABLE s(a int DEFAULT f(1), CHECK (f(a) > 0));
-- case out_arguments
CREATE FUNCTION f(OUT a int) LANGUAGE sql AS 'select 1';
-- to
CREATE FUNCTION f(OUT a int, OUT b int) LANGUAGE sql AS 'select 1, 2';
-- case function_to_procedure
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1';
-- to
CREATE PROCEDURE f(int) LANGUAGE sql AS 'select 1';
-- case function_to_aggregate
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1';
-- to
CREATE AGGREGATE f(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
-- case argument_types
CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'select 1';
-- to
CREATE FUNCTION f(a bigint, b text DEFAULT 'y') RETURNS int LANGUAGE sql AS 'select 1';
-- case body_only
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'select 1'; CREATE TABLE s(a int, g int GENERATED ALWAYS AS (f(a)) STORED);
-- to
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'select 2'; CREATE TABLE s(a int, g int GENERATED ALWAYS AS (f(a)) STORED);
-- case function_calls_function
CREATE TABLE o(a int);
-- to
CREATE TABLE o(a int); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'select 1'; CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'select g()';
-- case function_reads_table
CREATE TABLE o(a int);
-- to
CREATE TABLE o(a int); CREATE TABLE s(a int); CREATE FUNCTION a() RETURNS bigint LANGUAGE sql AS 'select count(*) from public.s';
-- case trigger_function_changes
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TABLE s(a int); CREATE TRIGGER g BEFORE INSERT ON s FOR EACH ROW EXECUTE FUNCTION t();
-- to
CREATE FUNCTION u() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TABLE s(a int); CREATE TRIGGER g BEFORE INSERT ON s FOR EACH ROW EXECUTE FUNCTION u();
-- case policy_calls_function
CREATE TABLE s(a int);
-- to
CREATE TABLE s(a int); CREATE FUNCTION f(int) RETURNS bool LANGUAGE sql AS 'select true'; CREATE POLICY p ON s TO reader_role USING (f(a)); ALTER TABLE s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- case atomic_body_takes_a_new_column
CREATE TABLE s(a int); CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(a) FROM s; END;
-- to
CREATE TABLE s(b int); CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(b) FROM s; END;
-- case function_of_a_type_of_a_table
CREATE TABLE s(a int); CREATE FUNCTION f(s) RETURNS int LANGUAGE sql AS 'select 1';
-- to
CREATE TABLE o(a int);
-- case event_trigger
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';
-- to
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end'; CREATE EVENT TRIGGER x ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION e(); ALTER EVENT TRIGGER x DISABLE;
