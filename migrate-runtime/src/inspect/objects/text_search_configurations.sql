SELECT {key c.oid}, 'pg_ts_config', i.type, i.identity, pg_catalog.pg_get_userbyid(c.cfgowner),
       ARRAY[pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %I.%I)', i.identity, pn.nspname, p.prsname)]
           || ARRAY(SELECT pg_catalog.format('ALTER TEXT SEARCH CONFIGURATION %s ADD MAPPING FOR %I WITH %s', i.identity, t.alias,
                         pg_catalog.string_agg(m.mapdict::pg_catalog.regdictionary::pg_catalog.text, ', ' ORDER BY m.mapseqno))
                      FROM pg_catalog.pg_ts_config_map AS m
                      JOIN pg_catalog.ts_token_type(c.cfgparser) AS t ON t.tokid = m.maptokentype
                     WHERE m.mapcfg = c.oid GROUP BY t.tokid, t.alias ORDER BY t.tokid)
  FROM pg_catalog.pg_ts_config AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.cfgnamespace
  JOIN pg_catalog.pg_ts_parser AS p ON p.oid = c.cfgparser
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.prsnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_ts_config'::pg_catalog.regclass, c.oid, 0) AS i
 WHERE c.oid >= 16384 AND {ours} AND {loose pg_ts_config c.oid}
