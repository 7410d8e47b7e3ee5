SELECT {key t.oid}, {key t.typrelid}, {key t.typbasetype},
       n.nspname, t.typname, t.typtype, pg_catalog.pg_get_userbyid(t.typowner), {grants T t.typacl t.typowner},
       (SELECT pg_catalog.array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid),
       CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END, t.typnotnull,
       CASE t.typtype WHEN 'd' THEN pg_catalog.pg_get_expr(t.typdefaultbin, 0) END,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN {collation t.typcollation} END
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid AND t.typtype = 'c'
  LEFT JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
 WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
   AND t.oid >= 16384 AND {ours} AND {loose pg_type t.oid}
