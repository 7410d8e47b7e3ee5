-- case unlogged
CREATE TABLE k(id int PRIMARY KEY); CREATE TABLE s(id int REFERENCES k);
-- to
CREATE UNLOGGED TABLE k(id int PRIMARY KEY); CREATE UNLOGGED TABLE s(id int REFERENCES k);
-- case schemas
CREATE SCHEMA x; CREATE TABLE x.t(a serial); CREATE VIEW x.v AS SELECT a FROM x.t; CREATE FUNCTION x.f() RETURNS int LANGUAGE sql AS 'select 1';
-- to
CREATE SCHEMA y AUTHORIZATION writer_role; CREATE TABLE y.t(a serial); GRANT USAGE ON SCHEMA y TO reader_role;
-- case options_and_owner
CREATE TABLE s(a int) WITH (fillfactor = 70, autovacuum_enabled = off);
-- to
CREATE TABLE s(a int) WITH (fillfactor = 80); ALTER TABLE s OWNER TO writer_role; GRANT SELECT ON s TO reader_role; COMMENT ON TABLE s IS 's';
-- case default_privileges
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader_role; CREATE TABLE s(a int);
-- to
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO reader_role; CREATE TABLE t(a int); CREATE SEQUENCE q; CREATE TYPE e AS ENUM ('x');
-- case statistics
CREATE TABLE s(a int, b int); CREATE STATISTICS x ON a, b FROM s;
-- to
CREATE TABLE s(a int, b int); CREATE STATISTICS x (ndistinct) ON a, b FROM s; ALTER STATISTICS x SET STATISTICS 50; COMMENT ON STATISTICS x IS 'x'; CREATE STATISTICS y ON (a + b) FROM s;
-- case publications
CREATE TABLE s(a int PRIMARY KEY, b int); CREATE TABLE t(a int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE s, t; CREATE PUBLICATION q FOR ALL TABLES;
-- to
CREATE TABLE s(a int PRIMARY KEY, c int); CREATE TABLE t(a int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE s (a) WITH (publish = 'insert');
-- case foreign
CREATE FOREIGN DATA WRAPPER w OPTIONS (a '1'); CREATE SERVER sv FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE f(a int) SERVER sv OPTIONS (x '1');
-- to
CREATE FOREIGN DATA WRAPPER w OPTIONS (a '2', b '3'); CREATE SERVER sv VERSION '2' FOREIGN DATA WRAPPER w OPTIONS (h 'x'); CREATE FOREIGN TABLE f(a bigint OPTIONS (c 'd')) SERVER sv OPTIONS (x '2');
-- case rules
CREATE TABLE s(a int); CREATE TABLE l(a int); CREATE RULE r AS ON INSERT TO s DO ALSO INSERT INTO l VALUES (NEW.a);
-- to
CREATE TABLE s(a int); CREATE TABLE l(a int, b int); CREATE RULE r AS ON INSERT TO s DO ALSO INSERT INTO l VALUES (NEW.a, 1); ALTER TABLE s ENABLE ALWAYS RULE r; COMMENT ON RULE r ON s IS 'r';
-- case sequences
CREATE SEQUENCE q; CREATE SEQUENCE r AS int MAXVALUE 10 CYCLE;
-- to
CREATE SEQUENCE q AS smallint INCREMENT 2 MINVALUE 5 START 7 CACHE 3; CREATE SEQUENCE t; ALTER SEQUENCE q OWNER TO writer_role; GRANT USAGE ON SEQUENCE q TO reader_role;
-- case extension
CREATE TABLE s(a text);
-- to
CREATE EXTENSION hstore; CREATE TABLE s(a hstore, b text); CREATE INDEX i ON s USING gin (a);
-- case extension_moves
CREATE EXTENSION hstore; CREATE TABLE s(a hstore);
-- to
CREATE SCHEMA x; CREATE EXTENSION hstore SCHEMA x; CREATE TABLE s(a x.hstore);
-- case children_retyped
create table p(a int, b int); create table c(x text) inherits (p);
-- to
create table p(a int, b bigint not null default 3); create table c(x text) inherits (p);
