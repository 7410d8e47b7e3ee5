SET LOCAL search_path = pg_catalog, pg_temp;
DO $dropped$
DECLARE
    names text;
    calls text;
BEGIN
    SELECT string_agg(d.name, ', '), string_agg('SELECT ' || d.call, '; ') INTO names, calls
      FROM (SELECT format('%I.%I', t.tab_nspname, t.tab_relname), format('%I.setdroptable(%s)', {cluster}::text, t.tab_id)
              FROM {slony}.sl_table AS t
             WHERE NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.tab_reloid)
             UNION ALL
            SELECT format('%I.%I', s.seq_nspname, s.seq_relname), format('%I.setdropsequence(%s)', {cluster}::text, s.seq_id)
              FROM {slony}.sl_sequence AS s
             WHERE NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = s.seq_reloid)) AS d (name, call);
    IF names IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'MG002', MESSAGE = names, HINT = calls;
    END IF;
END
$dropped$;
