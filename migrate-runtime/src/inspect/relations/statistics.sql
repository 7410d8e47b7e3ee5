SELECT {key e.oid}, {table e.stxrelid},
       n.nspname, e.stxname, pg_catalog.pg_get_userbyid(e.stxowner), pg_catalog.pg_get_statisticsobjdef(e.oid),
       NULLIF(e.stxstattarget, -1)
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
 WHERE e.oid >= 16384 AND {ours} AND {loose pg_statistic_ext e.oid}
