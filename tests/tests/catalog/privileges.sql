-- case privileges on an extension's function, column, table
CREATE EXTENSION pgcrypto SCHEMA public;
REVOKE EXECUTE ON FUNCTION public.gen_random_bytes(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.gen_random_uuid() TO catalog_reader WITH GRANT OPTION;
-- case privileges on the server's own objects
REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
GRANT SELECT (rolname, rolpassword) ON pg_catalog.pg_authid TO catalog_reader;
GRANT SELECT ON pg_catalog.pg_subscription TO catalog_reader;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
REVOKE SELECT ON pg_catalog.pg_stat_activity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO catalog_reader;
-- case a function depends on an extension
CREATE EXTENSION pgcrypto SCHEMA public;
CREATE FUNCTION public.f(a int) RETURNS int LANGUAGE sql AS 'select 1';
ALTER FUNCTION public.f DEPENDS ON EXTENSION pgcrypto;
CREATE TABLE public.t (a int);
CREATE INDEX i ON public.t (a);
ALTER INDEX public.i DEPENDS ON EXTENSION pgcrypto;
CREATE MATERIALIZED VIEW public.m AS SELECT 1 AS a;
ALTER MATERIALIZED VIEW public.m DEPENDS ON EXTENSION pgcrypto;
CREATE FUNCTION public.g() RETURNS trigger LANGUAGE plpgsql AS 'begin end';
CREATE TRIGGER "t g" BEFORE INSERT ON public.t EXECUTE FUNCTION public.g();
ALTER TRIGGER "t g" ON public.t DEPENDS ON EXTENSION pgcrypto;
-- case an extension needs another that comes later by name
CREATE EXTENSION cube SCHEMA public;
CREATE EXTENSION earthdistance SCHEMA public;
-- case a user mapping without a password, and one of everybody
CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');
CREATE SERVER sv TYPE 'a' VERSION '1' FOREIGN DATA WRAPPER w OPTIONS (host 'h');
CREATE USER MAPPING FOR "catalog ""odd"" =/ röle" SERVER sv OPTIONS (user 'u', "Odd" 'it''s');
CREATE USER MAPPING FOR PUBLIC SERVER sv;
-- case a foreign data wrapper with functions of one's own
CREATE FUNCTION public.valid(text[], oid) RETURNS bool LANGUAGE sql AS 'select true';
CREATE FOREIGN DATA WRAPPER w VALIDATOR public.valid;
CREATE SERVER sv FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE public.ft (a int OPTIONS (c 'd')) SERVER sv OPTIONS (e 'f');
COMMENT ON SERVER sv IS 'server'; COMMENT ON FOREIGN DATA WRAPPER w IS 'wrapper';
-- case a subscription
CREATE SUBSCRIPTION sb CONNECTION 'dbname=nowhere' PUBLICATION pb, "P b" WITH (connect = false, slot_name = NONE);
COMMENT ON SUBSCRIPTION sb IS 'sub';
CREATE SUBSCRIPTION "Odd" CONNECTION 'dbname=nowhere application_name=''a b''' PUBLICATION pb WITH (connect = false, slot_name = 'odd_slot', binary = true, streaming = on, synchronous_commit = 'local');
