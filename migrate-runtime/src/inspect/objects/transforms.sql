SELECT {key t.oid}, 'pg_transform', i.type, pg_catalog.format('FOR %s LANGUAGE %I', pg_catalog.format_type(t.trftype, NULL), l.lanname), NULL,
       ARRAY[pg_catalog.format('CREATE TRANSFORM FOR %s LANGUAGE %I (%s)', pg_catalog.format_type(t.trftype, NULL), l.lanname, pg_catalog.concat_ws(', ',
           'FROM SQL WITH FUNCTION ' || NULLIF(t.trffromsql::pg_catalog.oid, 0)::pg_catalog.regprocedure,
           'TO SQL WITH FUNCTION ' || NULLIF(t.trftosql::pg_catalog.oid, 0)::pg_catalog.regprocedure))]
  FROM pg_catalog.pg_transform AS t
  JOIN pg_catalog.pg_language AS l ON l.oid = t.trflang
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_transform'::pg_catalog.regclass, t.oid, 0) AS i
 WHERE t.oid >= 16384 AND {loose pg_transform t.oid}
