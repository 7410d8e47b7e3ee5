SELECT {key x.oid}, x.extname, x.extversion, n.nspname,
       ARRAY(SELECT r.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS r ON r.oid = d.refobjid
              WHERE d.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.objid = x.oid
                AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass ORDER BY r.extname),
       {key x.extrelocatable}
  FROM pg_catalog.pg_extension AS x
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.extnamespace
 WHERE x.oid >= 16384
