SELECT {key c.oid}, 'pg_conversion', i.type, i.identity, pg_catalog.pg_get_userbyid(c.conowner),
       ARRAY[pg_catalog.format('CREATE %sCONVERSION %s FOR %L TO %L FROM %s', CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END, i.identity,
           pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding), c.conproc)]
  FROM pg_catalog.pg_conversion AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_conversion'::pg_catalog.regclass, c.oid, 0) AS i
 WHERE c.oid >= 16384 AND {ours} AND {loose pg_conversion c.oid}
