SELECT h.inhrelid,
       false,
       false,
       h.inhdetachpending,
       NULL,
       format('%I.%I', tn.nspname, t.relname),
       format('%I.%I', pn.nspname, p.relname)
  FROM pg_inherits AS h
  JOIN pg_class AS t ON t.oid = h.inhparent
  JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
  JOIN pg_class AS p ON p.oid = h.inhrelid
  JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
 WHERE h.inhparent = {table} AND h.inhrelid = {target}
