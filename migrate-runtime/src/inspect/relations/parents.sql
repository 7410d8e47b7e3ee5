SELECT {table h.inhrelid}, {table h.inhparent}, h.inhseqno
  FROM pg_catalog.pg_inherits AS h
 ORDER BY h.inhrelid, h.inhseqno
