-- case label_added
CREATE TYPE e AS ENUM ('a', 'c'); CREATE TABLE s(x e DEFAULT 'a'); CREATE VIEW v AS SELECT x FROM s;
-- to
CREATE TYPE e AS ENUM ('0', 'a', 'b', 'c', 'd'); CREATE TABLE s(x e DEFAULT 'a'); CREATE VIEW v AS SELECT x FROM s;
-- case labels_reordered
CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE s(x e DEFAULT 'a', y e[] DEFAULT '{a}', CHECK (x <> 'b')); INSERT INTO s DEFAULT VALUES; CREATE INDEX i ON s(x) WHERE x = 'a'; CREATE VIEW v AS SELECT x FROM s WHERE x = 'a'; CREATE FUNCTION f(e) RETURNS e LANGUAGE sql AS 'select $1'; GRANT USAGE ON TYPE e TO reader_role;
-- to
CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE s(x e DEFAULT 'a', y e[] DEFAULT '{a}', CHECK (x <> 'b')); CREATE INDEX i ON s(x) WHERE x = 'a'; CREATE VIEW v AS SELECT x FROM s WHERE x = 'a'; CREATE FUNCTION f(e) RETURNS e LANGUAGE sql AS 'select $1'; GRANT USAGE ON TYPE e TO reader_role;
-- case label_used_at_once
CREATE TYPE e AS ENUM ('a'); CREATE TABLE s(x e DEFAULT 'a');
-- to
CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE s(x e DEFAULT 'b', CHECK (x = 'b'));
-- case enum_to_text
CREATE TYPE e AS ENUM ('a'); CREATE TABLE s(x e DEFAULT 'a');
-- to
CREATE TABLE s(x text DEFAULT 'a');
-- case enum_of_another_name
CREATE TYPE e AS ENUM ('a'); CREATE TABLE s(x e DEFAULT 'a');
-- to
CREATE TYPE f AS ENUM ('a', 'b'); CREATE TABLE s(x f DEFAULT 'a');
-- case domain_base
CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE DOMAIN dd AS d; CREATE TABLE s(x d DEFAULT 3, y dd, z d[]); CREATE VIEW v AS SELECT x FROM s;
-- to
CREATE DOMAIN d AS bigint CHECK (VALUE > 0); CREATE DOMAIN dd AS d; CREATE TABLE s(x d DEFAULT 3, y dd, z d[]); CREATE VIEW v AS SELECT x FROM s;
-- case domain_parts
CREATE DOMAIN d AS int CONSTRAINT c CHECK (VALUE > 0); CREATE TABLE s(x d);
-- to
CREATE DOMAIN d AS int DEFAULT 5 NOT NULL CONSTRAINT c CHECK (VALUE > 1) CONSTRAINT e CHECK (VALUE < 9); CREATE TABLE s(x d); COMMENT ON CONSTRAINT e ON DOMAIN d IS 'e';
-- case domain_check_calls_function
CREATE DOMAIN d AS int; CREATE TABLE s(x d);
-- to
CREATE FUNCTION f(int) RETURNS bool LANGUAGE sql AS 'select true'; CREATE DOMAIN d AS int CHECK (f(VALUE)); CREATE TABLE s(x d);
-- case composite_attributes
CREATE TYPE c AS (a int, b int); CREATE TABLE s(x c); CREATE FUNCTION f(c) RETURNS int LANGUAGE sql AS 'select 1'; COMMENT ON COLUMN c.a IS 'a';
-- to
CREATE TYPE c AS (a int, d text); CREATE TABLE s(x c); CREATE FUNCTION f(c) RETURNS int LANGUAGE sql AS 'select 1'; COMMENT ON COLUMN c.d IS 'd';
-- case composite_attribute_type
CREATE TYPE c AS (a int, b int); CREATE TABLE s(x c, y c[]);
-- to
CREATE TYPE c AS (a bigint, b int); CREATE TABLE s(x c, y c[]);
-- case typed_table
CREATE TYPE c AS (a int); CREATE TABLE s OF c;
-- to
CREATE TYPE c AS (a int, b int); CREATE TABLE s OF c;
-- case row_type_of_a_table
CREATE TABLE r(a int); CREATE TABLE s(x r); CREATE FUNCTION f(r) RETURNS r LANGUAGE sql AS 'select $1';
-- to
CREATE TABLE r(a int, b int); CREATE TABLE s(x r); CREATE FUNCTION f(r) RETURNS r LANGUAGE sql AS 'select $1';
-- case range
CREATE TYPE r AS RANGE (SUBTYPE = int); CREATE TABLE s(x r);
-- to
CREATE TYPE r AS RANGE (SUBTYPE = bigint); CREATE TABLE s(x r);
-- case type_to_table
CREATE TYPE t AS (a int);
-- to
CREATE TABLE t(a int);
-- case enum_in_schema_and_composite
CREATE SCHEMA x; CREATE TYPE x.e AS ENUM ('a', 'b'); CREATE TYPE x.c AS (e x.e); CREATE TABLE x.s(c x.c, e x.e);
-- to
CREATE SCHEMA x; CREATE TYPE x.e AS ENUM ('b'); CREATE TYPE x.c AS (e x.e); CREATE TABLE x.s(c x.c, e x.e);
-- case domain_in_array_not_null
create domain d as int; create table t(x d, y d[]);
-- to
create domain d as int not null; create table t(x d, y d[]);
-- case domain_in_row_type
create domain d as int; create type c as (a d, b int); create table t(x c); create view v as select (x).a from t;
-- to
create domain d as int check (value > -100000); create type c as (a d, b int); create table t(x c); create view v as select (x).a from t;
-- case domain_over_domain_in_array
create domain d as int; create domain e as d; create table t(x e[]);
-- to
create domain d as int check (value > -1000000); create domain e as d; create table t(x e[]);
-- case domain_of_range
create domain d as int; create type r as range (subtype = d); create table t(x r);
-- to
create domain d as int check (value > -1000000); create type r as range (subtype = d); create table t(x r);
-- case domain_in_array
create function ok(int) returns boolean language sql immutable as 'select true'; create domain d as int check (ok(value)); create table t(x d, y d[]);
-- to
create function ok(int) returns boolean language sql immutable strict as 'select $1 > 0'; create domain d as int check (ok(value)) check (value < 100); create table t(x d, y d[]);
