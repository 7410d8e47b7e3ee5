SELECT k.contypid, k.oid,
       k.conname, pg_catalog.pg_get_constraintdef(k.oid)
  FROM pg_catalog.pg_constraint AS k
 WHERE k.contypid >= 16384 AND k.contype = 'c'
