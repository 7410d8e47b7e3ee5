SELECT c.oid,
       COALESCE(i.indisvalid, false),
       COALESCE(i.indrelid = {table}, false),
       false,
       (SELECT min(p.pid) FROM pg_stat_progress_create_index AS p WHERE {builds}),
       format('%I.%I', n.nspname, c.relname)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
 WHERE {which}
