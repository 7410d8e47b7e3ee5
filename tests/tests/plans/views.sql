-- case column_dropped
CREATE TABLE s(a int, b int); CREATE VIEW v AS SELECT a, b FROM s; CREATE VIEW w AS SELECT a FROM v; GRANT SELECT ON w TO reader_role;
-- to
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s; CREATE VIEW w AS SELECT a FROM v; GRANT SELECT ON w TO reader_role;
-- case column_in_condition_dropped
CREATE TABLE s(a int, b int); CREATE VIEW v AS SELECT a FROM s WHERE b > 0;
-- to
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s;
-- case column_renamed_in_view
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s;
-- to
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a AS b FROM s;
-- case column_in_the_middle
CREATE TABLE s(a int, b int, c int); CREATE VIEW v AS SELECT a, c FROM s; COMMENT ON VIEW v IS 'v'; COMMENT ON COLUMN v.c IS 'c';
-- to
CREATE TABLE s(a int, b int, c int); CREATE VIEW v AS SELECT a, b, c FROM s; COMMENT ON VIEW v IS 'v'; COMMENT ON COLUMN v.c IS 'c';
-- case table_to_view
CREATE TABLE s(a int); CREATE TABLE v(a int); CREATE VIEW w AS SELECT a FROM v;
-- to
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s; CREATE VIEW w AS SELECT a FROM v;
-- case view_to_matview
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s; CREATE VIEW w AS SELECT a FROM v;
-- to
CREATE TABLE s(a int); CREATE MATERIALIZED VIEW v AS SELECT a FROM s; CREATE INDEX vi ON v(a); CREATE VIEW w AS SELECT a FROM v;
-- case matview_query
CREATE TABLE s(a int, b int); CREATE MATERIALIZED VIEW v AS SELECT a FROM s; CREATE INDEX vi ON v(a);
-- to
CREATE TABLE s(a int, b int); CREATE MATERIALIZED VIEW v AS SELECT a, b FROM s; CREATE INDEX vi ON v(a);
-- case options_and_triggers
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s; CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION t();
-- to
CREATE TABLE s(a bigint); CREATE VIEW v WITH (security_barrier) AS SELECT a FROM s; CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION t();
-- case views_exchange_their_order
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s; CREATE VIEW w AS SELECT a FROM v;
-- to
CREATE TABLE s(a int); CREATE VIEW w AS SELECT a FROM s; CREATE VIEW v AS SELECT a FROM w;
-- case view_of_function
CREATE TABLE s(a int);
-- to
CREATE TABLE s(a int); CREATE FUNCTION f() RETURNS SETOF s LANGUAGE sql AS 'select * from s'; CREATE VIEW v AS SELECT * FROM f();
-- case recursive_names
CREATE SCHEMA x; CREATE TABLE x.s(a int); CREATE VIEW v AS SELECT a FROM x.s;
-- to
CREATE TABLE s(a int); CREATE VIEW v AS SELECT a FROM s;
-- case materialized_view_runs_a_body_that_reads_another
CREATE TABLE t(a int);
-- to
CREATE TABLE t(a int); CREATE MATERIALIZED VIEW z AS SELECT a FROM t; CREATE FUNCTION y() RETURNS SETOF z LANGUAGE sql AS 'SELECT * FROM z'; CREATE FUNCTION x() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM y()'; CREATE VIEW v AS SELECT x() AS n; CREATE MATERIALIZED VIEW a AS SELECT * FROM v;
-- case index_and_default_run_a_body
CREATE TABLE t(a int);
-- to
CREATE FUNCTION zz() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE FUNCTION aa(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + zz()'; CREATE TABLE t(a int, b int DEFAULT aa(2), c int GENERATED ALWAYS AS (aa(a)) STORED, CHECK (aa(a) > 0)); CREATE INDEX i ON t(aa(a));
