SELECT s.oid, s.stxrelid,
       n.nspname, s.stxname, pg_catalog.pg_get_userbyid(s.stxowner), pg_catalog.pg_get_statisticsobjdef(s.oid),
       NULLIF(s.stxstattarget, -1)
  FROM pg_catalog.pg_statistic_ext AS s
  JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
 WHERE s.oid >= 16384 AND {ours} AND {loose pg_statistic_ext s.oid}
