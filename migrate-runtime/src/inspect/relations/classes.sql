SELECT o.oid, o.opcintype, o.opcname
  FROM pg_catalog.pg_opclass AS o
 WHERE o.opcmethod = 403 AND o.opcdefault AND o.oid < 16384
