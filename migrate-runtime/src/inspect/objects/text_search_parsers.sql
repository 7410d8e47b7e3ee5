SELECT {key p.oid}, 'pg_ts_parser', i.type, i.identity, NULL,
       ARRAY[pg_catalog.format('CREATE TEXT SEARCH PARSER %s (%s)', i.identity, pg_catalog.concat_ws(', ',
           'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend,
           'HEADLINE = ' || NULLIF(p.prsheadline::pg_catalog.oid, 0)::pg_catalog.regproc, 'LEXTYPES = ' || p.prslextype))]
  FROM pg_catalog.pg_ts_parser AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.prsnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_ts_parser'::pg_catalog.regclass, p.oid, 0) AS i
 WHERE p.oid >= 16384 AND {ours} AND {loose pg_ts_parser p.oid}
