SELECT line FROM (
    SELECT pg_catalog.format('%s %I.%I', CASE c.relkind
               WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
               WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
           END, n.nspname, c.relname) AS line, n.nspname AS schema
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT pg_catalog.format('schema %I', n.nspname), n.nspname
      FROM pg_catalog.pg_namespace AS n
    UNION ALL
    SELECT pg_catalog.format('column %I.%I.%I %s%s%s', n.nspname, c.relname, a.attname,
               pg_catalog.format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attnotnull THEN ' NOT NULL' END,
               ' DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)), n.nspname
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT pg_catalog.format('view %I.%I AS %s', n.nspname, c.relname, pg_catalog.md5(pg_catalog.pg_get_viewdef(c.oid))), n.nspname
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT pg_catalog.format('constraint %I on %I.%I %s', k.conname, n.nspname, c.relname, pg_catalog.pg_get_constraintdef(k.oid)), n.nspname
      FROM pg_catalog.pg_constraint AS k
      JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL
    SELECT pg_catalog.format('index %s', pg_catalog.pg_get_indexdef(i.indexrelid)), n.nspname
      FROM pg_catalog.pg_index AS i
      JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL
    SELECT pg_catalog.format('trigger %s', pg_catalog.pg_get_triggerdef(t.oid)), n.nspname
      FROM pg_catalog.pg_trigger AS t
      JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal
    UNION ALL
    SELECT pg_catalog.format('function %I.%I(%s) %s', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid),
               pg_catalog.md5(pg_catalog.concat(p.prosrc, p.prosqlbody::pg_catalog.text, pg_catalog.pg_get_function_result(p.oid)))), n.nspname
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    UNION ALL
    SELECT pg_catalog.format('enum %I.%I (%s)', n.nspname, t.typname,
               (SELECT pg_catalog.string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
                  FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid)), n.nspname
      FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
     WHERE t.typtype = 'e'
    UNION ALL
    SELECT pg_catalog.format('extension %I %s', x.extname, x.extversion), n.nspname
      FROM pg_catalog.pg_extension AS x JOIN pg_catalog.pg_namespace AS n ON n.oid = x.extnamespace
    UNION ALL
    SELECT pg_catalog.format('rows %I.%I: %s inserted, %s updated, %s deleted', s.schemaname, s.relname, s.n_tup_ins, s.n_tup_upd, s.n_tup_del),
           s.schemaname
      FROM pg_catalog.pg_stat_xact_user_tables AS s
     WHERE s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
) AS lines
 WHERE schema <> ALL ('{pg_catalog,information_schema,pg_toast}') AND schema <> {history} AND schema !~ '^pg_(toast_)?temp_'
 ORDER BY line COLLATE "C"
