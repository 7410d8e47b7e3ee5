DO $$
BEGIN
    PERFORM pg_catalog.pg_advisory_unlock(42);
END
$$;
