SELECT NULL, '', 'extension dependency', pg_catalog.format('%s %s on %s', i.type, i.identity, x.extname), NULL,
       ARRAY[pg_catalog.format('ALTER %s %s DEPENDS ON EXTENSION %I', pg_catalog.upper(i.type), i.identity, x.extname)], NULL, NULL, NULL, 'late', NULL,
       ARRAY[pg_catalog.format('ALTER %s %s NO DEPENDS ON EXTENSION %I', pg_catalog.upper(i.type), i.identity, x.extname)]
  FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) AS i
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = i.schema
 WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'x' AND (n.oid IS NULL OR {ours})
