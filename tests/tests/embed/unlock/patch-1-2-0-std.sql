CREATE FUNCTION free(bigint) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT pg_advisory_unlock($1); END;
