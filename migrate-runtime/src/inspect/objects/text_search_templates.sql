SELECT {key t.oid}, 'pg_ts_template', i.type, i.identity, NULL,
       ARRAY[pg_catalog.format('CREATE TEXT SEARCH TEMPLATE %s (%s)', i.identity, pg_catalog.concat_ws(', ',
           'INIT = ' || NULLIF(t.tmplinit::pg_catalog.oid, 0)::pg_catalog.regproc, 'LEXIZE = ' || t.tmpllexize))]
  FROM pg_catalog.pg_ts_template AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.tmplnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_ts_template'::pg_catalog.regclass, t.oid, 0) AS i
 WHERE t.oid >= 16384 AND {ours} AND {loose pg_ts_template t.oid}
