SELECT d.classid::pg_catalog.regclass, d.objid, d.objsubid, d.refclassid::pg_catalog.regclass,
       COALESCE(e.oid, d.refobjid), d.refobjsubid, e.typrelid
  FROM pg_catalog.pg_depend AS d
  LEFT JOIN pg_catalog.pg_type AS t ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.refobjid
  LEFT JOIN pg_catalog.pg_range AS r ON r.rngmultitypid = t.oid
  LEFT JOIN pg_catalog.pg_type AS e
    ON e.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE COALESCE(r.rngtypid, t.oid) END
 WHERE d.objid >= 16384
   AND (d.deptype = 'n'
       -- Until PostgreSQL 14 a generated column itself depends on what its expression names.
       OR d.deptype = 'a' AND d.objsubid > 0 AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
       -- An operator class needs its family, and a family what was added to it.
       OR d.deptype = 'a' AND (d.refclassid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass
           OR d.classid IN ('pg_catalog.pg_amop'::pg_catalog.regclass, 'pg_catalog.pg_amproc'::pg_catalog.regclass)))
   AND d.refclassid NOT IN ('pg_catalog.pg_namespace'::pg_catalog.regclass, 'pg_catalog.pg_extension'::pg_catalog.regclass)
