SELECT NULL, '', 'security label', pg_catalog.format('%s of %s %s', l.provider, l.kind, l.identity), NULL,
       ARRAY[pg_catalog.format('SECURITY LABEL FOR %L ON %s %s IS %L', l.provider, pg_catalog.upper(l.kind), l.identity, l.label)], NULL, NULL, NULL, 'late', NULL,
       ARRAY[pg_catalog.format('SECURITY LABEL FOR %L ON %s %s IS NULL', l.provider, pg_catalog.upper(l.kind), l.identity)]
  FROM (SELECT l.provider, l.label, i.schema, i.identity, CASE WHEN l.objsubid <> 0 THEN 'column' ELSE i.type END AS kind
          FROM pg_catalog.pg_seclabel AS l
         CROSS JOIN LATERAL pg_catalog.pg_identify_object(l.classoid, l.objoid, l.objsubid) AS i) AS l
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = l.schema
 WHERE n.oid IS NULL OR {ours}
