SELECT {key s.oid}, s.srvname, pg_catalog.pg_get_userbyid(s.srvowner), w.fdwname, s.srvtype, s.srvversion,
       {options s.srvoptions}, {grants S s.srvacl s.srvowner}
  FROM pg_catalog.pg_foreign_server AS s
  JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
 WHERE {loose pg_foreign_server s.oid}
