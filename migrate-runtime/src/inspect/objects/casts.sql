SELECT {key k.oid}, 'pg_cast', i.type, i.identity, NULL,
       ARRAY[pg_catalog.format('CREATE CAST (%s AS %s) %s%s',
           pg_catalog.format_type(k.castsource, NULL), pg_catalog.format_type(k.casttarget, NULL),
           CASE k.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::pg_catalog.regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
           CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)]
  FROM pg_catalog.pg_cast AS k
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_cast'::pg_catalog.regclass, k.oid, 0) AS i
 WHERE k.oid >= 16384 AND {loose pg_cast k.oid}
    -- A range type makes its own.
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = k.oid AND d.deptype = 'i'
                      AND d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass)
