SELECT {type c.reltype}, {place a.attnum a.attrelid},
       a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) ||
       CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || {collation a.attcollation} ELSE '' END
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE c.relkind = 'c' AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
   AND {ours} AND {loose pg_type c.reltype}
 ORDER BY c.reltype, a.attnum
