SELECT c.oid,
       (SELECT min(p.pid) FROM pg_stat_progress_create_index AS p WHERE {builds}),
       CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN format('%I.%I', n.nspname, c.relname) END
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid
   AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND ({table} IS NULL OR i.indrelid IN (
           SELECT relid FROM pg_partition_tree({table})
            UNION ALL
           SELECT {table}
            UNION ALL
           SELECT t.reltoastrelid FROM pg_class AS t WHERE t.oid = {table}))
 ORDER BY c.oid
