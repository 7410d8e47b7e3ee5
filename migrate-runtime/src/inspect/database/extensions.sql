SELECT {key x.oid}, x.extname, x.extversion, n.nspname
  FROM pg_catalog.pg_extension AS x
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.extnamespace
 WHERE x.oid >= 16384
