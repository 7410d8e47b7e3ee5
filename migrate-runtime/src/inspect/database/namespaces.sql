SELECT {key n.oid}, n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), {grants n n.nspacl n.nspowner}
  FROM pg_catalog.pg_namespace AS n
 WHERE {ours} AND {loose pg_namespace n.oid}
