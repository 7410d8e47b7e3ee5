SELECT {type k.contypid}, {key k.oid},
       k.conname, pg_catalog.pg_get_constraintdef(k.oid)
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_type AS t ON t.oid = k.contypid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE k.contypid >= 16384 AND k.contype = 'c' AND {ours} AND {loose pg_type t.oid}
