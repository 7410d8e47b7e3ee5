SELECT {key a.oid}, 'pg_am', i.type, i.identity, NULL,
       ARRAY[pg_catalog.format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', a.amname,
           CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END, a.amhandler)]
  FROM pg_catalog.pg_am AS a
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_am'::pg_catalog.regclass, a.oid, 0) AS i
 WHERE a.oid >= 16384 AND {loose pg_am a.oid}
