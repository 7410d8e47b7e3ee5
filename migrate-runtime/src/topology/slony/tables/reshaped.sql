SET LOCAL search_path = pg_catalog, pg_temp;
DO $reshaped$
DECLARE
    names text;
BEGIN
    SELECT string_agg(format('%I.%I', t.tab_nspname, t.tab_relname), ', ' ORDER BY t.tab_id) INTO names
      FROM {slony}.sl_table AS t
      JOIN jsonb_each_text({before}) AS b ON b.key = t.tab_id::text
     WHERE b.value IS DISTINCT FROM ({columns}) ->> b.key;
    IF names IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'MG003', MESSAGE = names;
    END IF;
END
$reshaped$;
