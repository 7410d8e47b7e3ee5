SELECT t.oid, t.typrelid, checks.oids, attributes.nums,
       n.nspname, t.typname, t.typtype, pg_catalog.pg_get_userbyid(t.typowner), {grants T t.typacl t.typowner},
       (SELECT pg_catalog.array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid),
       CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END, t.typnotnull,
       CASE t.typtype WHEN 'd' THEN pg_catalog.pg_get_expr(t.typdefaultbin, 0) END,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN {collation t.typcollation} END,
       checks.names, checks.definitions, attributes.names, attributes.types,
       ranges.names, ranges.options
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
  LEFT JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
  LEFT JOIN LATERAL (
       SELECT pg_catalog.array_agg(k.conname ORDER BY k.conname) AS names,
              pg_catalog.array_agg(pg_catalog.pg_get_constraintdef(k.oid) ORDER BY k.conname) AS definitions,
              pg_catalog.array_agg(k.oid ORDER BY k.conname) AS oids
         FROM pg_catalog.pg_constraint AS k
        WHERE k.contypid = t.oid AND k.contype = 'c') AS checks ON t.typtype = 'd'
  LEFT JOIN LATERAL (
       SELECT pg_catalog.array_agg(a.attname ORDER BY a.attnum) AS names,
              pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> k.typcollation
                  THEN ' COLLATE ' || {collation a.attcollation} ELSE '' END ORDER BY a.attnum) AS types,
              pg_catalog.array_agg(a.attnum ORDER BY a.attnum) AS nums
         FROM pg_catalog.pg_attribute AS a
         JOIN pg_catalog.pg_type AS k ON k.oid = a.atttypid
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes ON t.typtype = 'c'
  LEFT JOIN LATERAL (
       SELECT ARRAY['SUBTYPE', 'SUBTYPE_OPCLASS', 'COLLATION', 'CANONICAL', 'SUBTYPE_DIFF', 'MULTIRANGE_TYPE_NAME'] AS names,
              ARRAY[pg_catalog.format_type(r.rngsubtype, NULL),
                    CASE WHEN NOT o.opcdefault THEN pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(o.opcname) END,
                    CASE WHEN r.rngcollation <> s.typcollation THEN {collation r.rngcollation} END,
                    NULLIF(r.rngcanonical::pg_catalog.oid, 0)::pg_catalog.regproc::pg_catalog.text,
                    NULLIF(r.rngsubdiff::pg_catalog.oid, 0)::pg_catalog.regproc::pg_catalog.text,
                    pg_catalog.format_type(r.rngmultitypid, NULL)] AS options
         FROM pg_catalog.pg_range AS r
         JOIN pg_catalog.pg_type AS s ON s.oid = r.rngsubtype
         JOIN pg_catalog.pg_opclass AS o ON o.oid = r.rngsubopc
         JOIN pg_catalog.pg_namespace AS pn ON pn.oid = o.opcnamespace
        WHERE r.rngtypid = t.oid) AS ranges ON t.typtype = 'r'
 WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
   AND t.oid >= 16384 AND {ours} AND {loose pg_type t.oid}
