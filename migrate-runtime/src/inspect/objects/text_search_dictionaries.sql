SELECT {key d.oid}, 'pg_ts_dict', i.type, i.identity, pg_catalog.pg_get_userbyid(d.dictowner),
       ARRAY[pg_catalog.format('CREATE TEXT SEARCH DICTIONARY %s (%s)', i.identity, pg_catalog.concat_ws(', ',
           pg_catalog.format('TEMPLATE = %I.%I', tn.nspname, t.tmplname), d.dictinitoption))]
  FROM pg_catalog.pg_ts_dict AS d
  JOIN pg_catalog.pg_namespace AS n ON n.oid = d.dictnamespace
  JOIN pg_catalog.pg_ts_template AS t ON t.oid = d.dicttemplate
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.tmplnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_ts_dict'::pg_catalog.regclass, d.oid, 0) AS i
 WHERE d.oid >= 16384 AND {ours} AND {loose pg_ts_dict d.oid}
